"""Conditions, actions and values of a load balancer, in words for users."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import assert_never

from albatross import traffic
from albatross.model.resources.action import (
    Action,
    AuthenticateCognito,
    AuthenticateOidc,
    FixedResponse,
    Forward,
    JwtValidation,
    Redirect,
)
from albatross.model.resources.record import Record
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Condition, Transform
from albatross.model.resources.security_group import Permission
from albatross.model.resources.target_group import HealthCheck

NAMES: Mapping[str, str] = {
    "SecurityGroup": "security group",
    "BackendSecurityGroup": "backend security group",
    "Certificate": "certificate",
    "LoadBalancer": "load balancer",
    "TargetGroup": "target group",
    "Listener": "listener",
    "Rule": "rule",
    "Record": "DNS record",
    "Binding": "target group binding",
    "WebAclAssociation": "web ACL association",
    "RegionalWebAclAssociation": "classic web ACL association",
    "Protection": "Shield protection",
}
"""The nouns as they are written in a sentence."""

HIDDEN = frozenset(("client_id", "client_secret"))


def plural(noun: str, number: int) -> str:
    """`3 target groups`."""
    many = f"{noun.removesuffix('y')}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else many}"


def conditions(given: tuple[Condition, ...]) -> str:
    """All conditions of a rule, or `any request`."""
    return " and ".join(traffic.describe(each) for each in given) or "any request"


def action(given: Action) -> str:
    """One action: `forward to shop/app-web:80`, `redirect 301 to https://…`, `answer 404 Not found`."""
    match given:
        case Forward():
            return "forward to " + ", ".join(_weighted(token(each.target_group), each.weight, given) for each in given.target_groups)
        case FixedResponse():
            return f"answer {given.status_code}" + (f" {given.message_body!r}" if given.message_body else "")
        case Redirect():
            return f"redirect {given.status_code.removeprefix('HTTP_')} to {_location(given)}"
        case AuthenticateCognito():
            return f"authenticate with Cognito {given.user_pool_domain}"
        case AuthenticateOidc():
            return f"authenticate with {given.issuer}"
        case JwtValidation():
            return f"validate the JWT of {given.issuer}"
        case _:
            assert_never(given)


def actions(given: tuple[Action, ...]) -> str:
    """All actions in order."""
    return ", then ".join(action(each) for each in given)


def _weighted(name: str, weight: int | None, given: Forward) -> str:
    total = sum(each.weight or 0 for each in given.target_groups)
    return f"{name} ({100 * (weight or 0) // total} %)" if len(given.target_groups) > 1 and total else name


def _location(given: Redirect) -> str:
    protocol, host, port = given.protocol or "#{protocol}", given.host or "#{host}", given.port or "#{port}"
    query = f"?{given.query}" if given.query not in (None, "#{query}") else ""
    return f"{protocol.lower()}://{host}:{port}{given.path or '/#{path}'}{query}"


def token(given: str | Ref) -> str:
    """An id, or the name of a resource that does not exist yet."""
    return given.id if isinstance(given, Ref) else given.rsplit("targetgroup/")[-1] if ":targetgroup/" in given else given


def value(given: object) -> str:
    """The value of any field, in one line; `none` if it is absent."""
    match given:
        case None | "" | ():
            return "none"
        case bool():
            return "yes" if given else "no"
        case str() | Ref():
            return token(given)
        case Condition():
            return traffic.describe(given)
        case Permission():
            return permission(given)
        case HealthCheck():
            return health(given)
        case Transform():
            return f"{given.type} " + ", ".join(f"{regex} → {replace}" for regex, replace in given.rewrites)
        case Forward() | FixedResponse() | Redirect() | AuthenticateCognito() | AuthenticateOidc() | JwtValidation():
            return action(given)
        case tuple():
            return ", ".join(_pair(item) for item in given)
        case _ if is_dataclass(given):
            return " ".join(f"{f.name.replace('_', ' ')} {value(getattr(given, f.name))}" for f in fields(given) if _said(given, f.name))
        case _:
            return str(given)


def permission(given: Permission) -> str:
    """`tcp 443 from 0.0.0.0/0`."""
    ports = str(given.from_port) if given.from_port == given.to_port else f"{given.from_port}-{given.to_port}"
    return f"{given.protocol} {ports} from {given.cidr or given.cidr6 or given.prefix_list or token(given.source_group)}"


def record(given: Record) -> str:
    """`alias of LoadBalancer`, or the text of an ownership record."""
    return f"alias of {token(given.target)}" if given.target else ", ".join(given.values)


def health(given: HealthCheck) -> str:
    """`HTTP /ping on traffic-port every 60 s within 5 s; healthy after 2, unhealthy after 2; 200`."""
    path = f" {given.path}" if given.path else ""
    codes = f"; {given.http_code or given.grpc_code}" if given.http_code or given.grpc_code else ""
    return (
        f"{given.protocol}{path} on {given.port} every {given.interval_seconds} s within {given.timeout_seconds} s; "
        f"healthy after {given.healthy_threshold_count}, unhealthy after {given.unhealthy_threshold_count}{codes}"
    )


def _pair(item: object) -> str:
    if isinstance(item, tuple) and len(item) == 2 and all(isinstance(each, str) for each in item):
        return f"{item[0]}={item[1]}"
    return value(item)


def _said(given: object, name: str) -> bool:
    return name not in HIDDEN and getattr(given, name) not in (None, "", ())
