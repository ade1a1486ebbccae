"""Rules of a listener → Envoy's route configuration; pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from albatross_sandbox.envoy import jwt, match, name, pattern, sticky
from albatross_sandbox.envoy.state import (
    Authenticate,
    FixedResponse,
    Forward,
    Jwt,
    Listener,
    LoadBalancer,
    Redirect,
    Rule,
    TargetGroup,
    Weighted,
)

Json = dict[str, Any]

ROUTES = "all"
LUA = "envoy.filters.http.lua"
TO_METADATA = "envoy.filters.http.header_to_metadata"
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
IDLE_SECONDS = 60

PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"
UNAVAILABLE = PAGE.format("503 Service Temporarily Unavailable")

_RENAME = re.compile(r"routing\.http\.request\.(x_amzn_\w+)\.header_name")
# Response headers that listener attributes set: .../application/header-modification.html
_RESPONSE = {
    "routing.http.response.strict_transport_security.header_value": "strict-transport-security",
    "routing.http.response.access_control_allow_origin.header_value": "access-control-allow-origin",
    "routing.http.response.access_control_allow_methods.header_value": "access-control-allow-methods",
    "routing.http.response.access_control_allow_headers.header_value": "access-control-allow-headers",
    "routing.http.response.access_control_allow_credentials.header_value": "access-control-allow-credentials",
    "routing.http.response.access_control_expose_headers.header_value": "access-control-expose-headers",
    "routing.http.response.access_control_max_age.header_value": "access-control-max-age",
    "routing.http.response.content_security_policy.header_value": "content-security-policy",
    "routing.http.response.x_content_type_options.header_value": "x-content-type-options",
    "routing.http.response.x_frame_options.header_value": "x-frame-options",
}


@dataclass(frozen=True, slots=True)
class Place:
    """What the routes of one listener need to know around them."""

    balancer: LoadBalancer
    listener: Listener
    groups: Mapping[str, TargetGroup]

    def true(self, key: str, default: str = "false") -> bool:
        """Whether a load balancer attribute is on."""
        return self.balancer.attributes.get(key, default) == "true"

    @property
    def idle_seconds(self) -> int:
        """The idle timeout of the load balancer."""
        return int(self.balancer.attributes.get("idle_timeout.timeout_seconds") or IDLE_SECONDS)


def host(place: Place) -> tuple[Json, list[str]]:
    """The virtual host of a listener, chosen by its name in a header, and what of its rules it does not say."""
    routes: list[Json] = []
    warnings: list[str] = []
    for rule in place.listener.rules:
        built, said = rule_routes(rule, place)
        routes += built
        warnings += [f"listener {place.listener.port}, {rule.label}: {each}" for each in said]
    own = name.resource(place.listener.arn)
    return {"name": own, "domains": [own], "routes": routes}, warnings


def configuration(hosts: list[Json]) -> Json:
    """The one RouteConfiguration of all listeners: Envoy spends an inotify instance on each file, of which a user has 128."""
    return {"@type": name.ROUTES, "name": ROUTES, "vhost_header": match.LISTENER, "virtual_hosts": hosts}


def rule_routes(rule: Rule, place: Place) -> tuple[list[Json], list[str]]:
    """Envoy's routes for one rule: one, and before it one for each target group that a client may stick to."""
    found = match.match(rule.conditions)
    warnings = [*found.warnings]
    metadata: Json = {"listener": listener_facts(place), "response": response_facts(place.listener)}
    filters: Json = {}
    _steps(rule, place, metadata, filters, warnings)
    _rewrites(rule, metadata, filters, warnings)
    if rule.unknown:
        warnings.append(f"actions of type {', '.join(rule.unknown)} are not known here and not carried out")
    common: Json = {"match": found.envoy(), "name": rule.label}
    routes = [common | each for each in _final(rule, place, metadata, warnings)]
    for each in routes:
        each["match"] = common["match"] | {"headers": common["match"].get("headers", []) + each.pop("also", [])}
        each["metadata"] = {"filter_metadata": {LUA: metadata}}
        each["typed_per_filter_config"] = filters | each.get("typed_per_filter_config", {})
    return routes, warnings


def listener_facts(place: Place) -> Json:
    """What the Lua filter is told of the listener and its load balancer."""
    return {
        "protocol": place.listener.protocol,
        "port": str(place.listener.port),
        "preserve_host": place.true("routing.http.preserve_host_header.enabled"),
        "forwarded": place.balancer.attributes.get("routing.http.xff_header_processing.mode", "append"),
        "client_port": place.true("routing.http.xff_client_port.enabled"),
        "drop_invalid": place.true("routing.http.drop_invalid_header_fields.enabled"),
        "tls_headers": place.true("routing.http.x_amzn_tls_version_and_cipher_suite.enabled"),
        "mutual": place.listener.mutual,
        "names": _renamed(place.listener),
    }


def _renamed(listener: Listener) -> Json:
    """New names of the headers that the load balancer adds: `routing.http.request.x_amzn_tls_version.header_name` and the like."""
    found = (_RENAME.fullmatch(key) for key in listener.attributes)
    return {each[1].replace("_", "-"): listener.attributes[each[0]] for each in found if each and listener.attributes[each[0]]}


def response_facts(listener: Listener) -> Json:
    """What the Lua filter is told of response headers."""
    headers = {header: value for key, header in _RESPONSE.items() if (value := listener.attributes.get(key))}
    return {"headers": headers, "no_server": listener.attributes.get("routing.http.response.server.enabled") == "false"}


def _steps(rule: Rule, place: Place, metadata: Json, filters: Json, warnings: list[str]) -> None:
    for step in rule.steps:
        match step:
            case Authenticate():
                metadata["authenticate"] = {
                    "endpoint": step.endpoint,
                    "client_id": step.client_id,
                    "scope": step.scope,
                    "on_unauthenticated": step.on_unauthenticated,
                    "extra": dict(step.extra),
                }
                warnings.append(f"{step.kind}: nobody can log in here, every request counts as unauthenticated ({step.on_unauthenticated})")
            case Jwt():
                filters[jwt.FILTER] = jwt.requirement(rule)
                if step.claims:
                    metadata["claims"] = [{"format": c.format, "name": c.name, "values": list(c.values)} for c in step.claims]
                warnings += jwt.warnings(step)
            case _:
                assert_never(step)


def _rewrites(rule: Rule, metadata: Json, filters: Json, warnings: list[str]) -> None:
    """Envoy's header-to-metadata filter runs the regular expression; the Lua filter writes the result back."""
    done: dict[str, Json] = {}
    for each in rule.rewrites:
        key, header = ("host", ":authority") if each.kind == "host-header-rewrite" else ("url", ":path")
        if why := pattern.beyond(each.regex):
            warnings.append(f"{each.kind} is not done: regular expression {each.regex!r} has {why}")
        elif key in done:
            warnings.append(f"{each.kind} {each.regex!r} is not done: one rewrite of a kind is done in a rule")
        else:
            regex, substitution = pattern.rewrite(each.regex, each.replace)
            value = {"pattern": {"regex": regex}, "substitution": substitution}
            done[key] = {
                "header": header,
                "on_header_present": {"metadata_namespace": "rewrite", "key": key, "regex_value_rewrite": value},
            }
    if done:
        filters[TO_METADATA] = {"@type": name.extension("filters.http.header_to_metadata.v3.Config"), "request_rules": list(done.values())}


def _final(rule: Rule, place: Place, metadata: Json, warnings: list[str]) -> list[Json]:
    match rule.final:
        case Redirect() as to:
            metadata["redirect"] = {
                "protocol": to.protocol,
                "host": to.host,
                "port": to.port,
                "path": to.path,
                "query": to.query,
                "status": str(to.status),
            }
            return [{"direct_response": {"status": to.status}}]
        case FixedResponse() as fixed:
            return [_answer(fixed.status, fixed.body, _content_type(fixed))]
        case Forward() as forward:
            return _forward(forward, place, metadata, warnings)
        case None:
            warnings.append("it has no action known here: it answers 503")
            return [_answer(503, UNAVAILABLE, "text/html")]
        case other:
            assert_never(other)


def _content_type(fixed: FixedResponse) -> str:
    kind = fixed.content_type or "text/plain"
    return f"{kind}; charset=utf-8" if "charset" not in kind else kind


def _answer(status: int, body: str, content_type: str) -> Json:
    response: Json = {"status": status}
    if not body:
        return {"direct_response": response}
    header = {"header": {"key": "content-type", "value": content_type}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
    return {"direct_response": response | {"body": {"inline_string": body}}, "response_headers_to_add": [header]}


def _forward(forward: Forward, place: Place, metadata: Json, warnings: list[str]) -> list[Json]:
    for each in forward.groups:
        group = place.groups.get(each.target_group)
        if group is None:
            warnings.append(f"target group {name.resource(each.target_group)} does not exist: it answers 503")
        elif group.type == "lambda":
            warnings.append(f"target group {group.name} holds a Lambda function, which does not run here: it answers 503")
    metadata["cookies"] = sticky.facts([g for each in forward.groups if (g := place.groups.get(each.target_group))])
    chosen = [each for each in forward.groups if each.weight > 0] if len(forward.groups) > 1 else list(forward.groups)
    if not chosen:
        return [_answer(503, UNAVAILABLE, "text/html")]
    routes = []
    if forward.sticky_seconds is not None:
        routes = [_single(each, place) | {"also": [sticky.returning(each.target_group)]} for each in forward.groups]
    return [*routes, _weighted(chosen, forward.sticky_seconds, place)]


def _single(weighted: Weighted, place: Place) -> Json:
    route = {"cluster": name.resource(weighted.target_group)} | _timeouts(place)
    return {"route": route, "typed_per_filter_config": sticky.session(place.groups.get(weighted.target_group))}


def _weighted(chosen: Sequence[Weighted], sticky_seconds: int | None, place: Place) -> Json:
    if len(chosen) == 1 and sticky_seconds is None:
        return _single(chosen[0], place)
    clusters = []
    for each in chosen:
        cluster: Json = {"name": name.resource(each.target_group), "weight": max(each.weight, 1)}
        cluster["typed_per_filter_config"] = sticky.session(place.groups.get(each.target_group))
        if sticky_seconds is not None:
            cluster["response_headers_to_add"] = [sticky.cookie(each.target_group, sticky_seconds)]
        clusters.append(cluster)
    return {"route": {"weighted_clusters": {"clusters": clusters}} | _timeouts(place)}


def _timeouts(place: Place) -> Json:
    """A target that stays silent for the idle timeout makes a 504; a stream's own timeout comes later only to clean up.

    Nothing is tried twice: a target that cannot be reached makes a 502, as it does in AWS.
    """
    silence = {"per_try_idle_timeout": f"{place.idle_seconds}s"}
    return {"timeout": "0s", "idle_timeout": f"{place.idle_seconds + 5}s", "retry_policy": silence}
