"""What a request asks for: service, operation and who asks, read from the signature's scope, the target header, the form or the path."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson

from albatross_sandbox.aws import protocol

_SCOPE = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]*)/([^/]+)/aws4_request")
_HOST = re.compile(r"^([a-z0-9-]+)\.(?:([a-z]{2}-[a-z-]+-\d)\.)?(?:amazonaws\.com|api\.aws)")
_SECRET = frozenset(
    {
        "ClientSecret",
        "PrivateKey",
        "Passphrase",
        "SecretAccessKey",
        "SessionToken",
        "Password",
        "WebIdentityToken",
        "SAMLAssertion",
        "UserData",
    }
)
_PROTOCOLS = {
    "elbv2": "query",
    "elb": "query",
    "iam": "query",
    "sts": "query",
    "ec2": "ec2",
    "route53": "rest-xml",
    "eks": "rest-json",
    "s3": "rest-xml",
}
_SIGNED_AS = {"tagging": "resourcegroupstaggingapi"}
_REST = frozenset({"route53", "eks"})
_UNSIGNED = {"AssumeRoleWithWebIdentity": "sts", "AssumeRoleWithSAML": "sts"}


@dataclass(slots=True)
class Call:
    """One request to AWS."""

    service: str
    operation: str
    protocol: str
    method: str
    path: str
    body: bytes
    region: str = ""
    access_key: str = ""
    token: str = ""
    form: dict[str, str] = field(default_factory=dict)

    def shown(self) -> Any:
        """The request's parameters as the journal keeps them: nested, secrets struck out."""
        if self.form:
            return redact(protocol.plain(protocol.tree({k: v for k, v in self.form.items() if k not in ("Action", "Version")})))
        if self.protocol in ("json", "rest-json") and self.body:
            return redact(self.json())
        return {"method": self.method, "path": self.path}

    def json(self) -> Any:
        """The JSON body; an empty one is an empty object."""
        try:
            return orjson.loads(self.body or b"{}")
        except orjson.JSONDecodeError:
            return {}


def redact(value: Any) -> Any:
    """The value with every secret member replaced by `***`."""
    if isinstance(value, dict):
        return {key: "***" if key in _SECRET and item else redact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [redact(item) for item in value]
    return value


def identify(method: str, path_qs: str, headers: Mapping[str, str], body: bytes) -> Call | None:
    """The call that a request makes, or None if it is none that AWS would know."""
    path, _, query = path_qs.partition("?")
    scope = _SCOPE.search(headers.get("Authorization", "")) or _SCOPE.search(_presigned(query))
    form = _form(headers, query, body)
    target = headers.get("X-Amz-Target", "")
    action = form.get("Action", "")
    signed = scope.group(3) if scope else _by_host(headers.get("Host", "")) or _UNSIGNED.get(action, "")
    service = _service(signed, form, target)
    if not service:
        return None
    kind = _PROTOCOLS.get(service, "json" if target else "query" if action else "rest-json")
    operation = target.rpartition(".")[2] if target else action or rest(service, method, path)
    region, access_key = (scope.group(2), scope.group(1)) if scope else ("", "")
    token = headers.get("X-Amz-Security-Token", "") or dict(parse_qsl(query)).get("X-Amz-Security-Token", "")
    return Call(service, operation, kind, method, path_qs, body, region, access_key, token, form)


def _presigned(query: str) -> str:
    credential = dict(parse_qsl(query)).get("X-Amz-Credential", "")
    return f"Credential={credential}" if credential else ""


def _form(headers: Mapping[str, str], query: str, body: bytes) -> dict[str, str]:
    if "x-www-form-urlencoded" in headers.get("Content-Type", "") and body:
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    pairs = dict(parse_qsl(query, keep_blank_values=True))
    return pairs if "Action" in pairs else {}


def _by_host(host: str) -> str:
    found = _HOST.match(host)
    return found.group(1) if found else ""


def _service(signed: str, form: Mapping[str, str], target: str) -> str:
    if signed == "elasticloadbalancing":
        return "elb" if form.get("Version") == "2012-06-01" else "elbv2"
    if not signed and target.startswith("AWSShield"):
        return "shield"
    return _SIGNED_AS.get(signed, signed)


def rest(service: str, method: str, path: str) -> str:
    """The operation of a REST service that answers this method and path; empty if none does."""
    if service not in _REST:
        return ""
    for name, verb, pattern in _routes(service):
        if verb == method and pattern.fullmatch(path.rstrip("/") or "/"):
            return name
    return ""


_ROUTES: dict[str, list[tuple[str, str, re.Pattern[str]]]] = {}


def _routes(service: str) -> list[tuple[str, str, re.Pattern[str]]]:
    """Routes of a REST service, those with the fewest wildcards first."""
    if service not in _ROUTES:
        described = protocol.model(service)
        found = []
        for name in described.operation_names:
            http = described.operation_model(name).http
            uri = http["requestUri"].partition("?")[0].rstrip("/") or "/"
            pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(uri))
            found.append((uri.count("{"), name, http["method"], re.compile(pattern)))
        _ROUTES[service] = [(name, verb, pattern) for _, name, verb, pattern in sorted(found, key=lambda row: row[0])]
    return _ROUTES[service]
