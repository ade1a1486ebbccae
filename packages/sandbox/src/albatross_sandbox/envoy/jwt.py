"""JWT validation in Envoy's words; pure. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-verify-jwt.html"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from albatross_sandbox.envoy import name
from albatross_sandbox.envoy.state import Jwt, Rule

Json = dict[str, Any]

FILTER = "envoy.filters.http.jwt_authn"
_FORMATS = ("single-string", "string-array", "space-separated-values")


def step(rule: Rule) -> Jwt | None:
    """The validation a rule asks for."""
    return next((each for each in rule.steps if isinstance(each, Jwt)), None)


def requirement(rule: Rule) -> Json:
    """Per-route configuration that asks for a valid token."""
    return {"@type": name.extension("filters.http.jwt_authn.v3.PerRouteConfig"), "requirement_name": name.resource(rule.arn)}


def warnings(validation: Jwt) -> list[str]:
    """What of a validation is not carried out."""
    return [
        f"jwt-validation: claim {claim.name!r} has a format {claim.format!r} that is not known here; its value is compared as it is"
        for claim in validation.claims
        if claim.format not in _FORMATS
    ]


def config(rules: Iterable[Rule]) -> Json | None:
    """The listener's filter with a provider for each rule that validates, or None."""
    providers: Json = {}
    for rule in rules:
        if (validation := step(rule)) is not None:
            providers[name.resource(rule.arn)] = _provider(validation)
    if not providers:
        return None
    requirements = {key: {"provider_name": key} for key in providers}
    return {"@type": name.extension("filters.http.jwt_authn.v3.JwtAuthentication"), "providers": providers, "requirement_map": requirements}


def _provider(validation: Jwt) -> Json:
    fetch = {"uri": validation.jwks, "cluster": cluster_name(validation), "timeout": "5s"}
    return {
        "issuer": validation.issuer,
        "remote_jwks": {"http_uri": fetch, "cache_duration": "300s"},
        "payload_in_metadata": "payload",
        "forward": True,
    }


def cluster_name(validation: Jwt) -> str:
    """The cluster that stands for the key set's server."""
    return f"jwks/{urlsplit(validation.jwks).netloc}"


def cluster(validation: Jwt) -> Json:
    """The server of the key set; its certificate is not verified, since it may be a sandbox too."""
    url = urlsplit(validation.jwks)
    port = url.port or (443 if url.scheme == "https" else 80)
    address = {"socket_address": {"address": url.hostname or "localhost", "port_value": port}}
    built: Json = {
        "@type": name.CLUSTER,
        "name": cluster_name(validation),
        "type": "STRICT_DNS",
        "connect_timeout": "5s",
        "load_assignment": {
            "cluster_name": cluster_name(validation),
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}],
        },
    }
    if url.scheme == "https":
        context = {"@type": name.extension("transport_sockets.tls.v3.UpstreamTlsContext"), "sni": url.hostname}
        built["transport_socket"] = {"name": "envoy.transport_sockets.tls", "typed_config": context}
    return built
