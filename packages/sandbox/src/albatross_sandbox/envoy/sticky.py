"""Stickiness: AWS's cookies in Envoy's words; pure. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html"""

from collections.abc import Iterable
from typing import Any

from albatross_sandbox.envoy import name
from albatross_sandbox.envoy.state import TargetGroup

Json = dict[str, Any]

FILTER = "envoy.filters.http.stateful_session"
_DAY = 86400
_GROUP_COOKIE = "AWSALBTG"


def session(group: TargetGroup | None) -> Json:
    """Per-route configuration that keeps a client on its target, empty where the group is not sticky."""
    if group is None or group.attributes.get("stickiness.enabled") != "true":
        return {}
    application = group.attributes.get("stickiness.type") == "app_cookie"
    key = "stickiness.app_cookie.duration_seconds" if application else "stickiness.lb_cookie.duration_seconds"
    cookie = {
        "name": "AWSALBAPP-0" if application else "AWSALB",
        "path": "/",
        "ttl": f"{int(group.attributes.get(key) or _DAY)}s",
    }
    state = {
        "name": "envoy.http.stateful_session.cookie",
        "typed_config": {"@type": name.extension("http.stateful_session.cookie.v3.CookieBasedSessionState"), "cookie": cookie},
    }
    message = name.extension("filters.http.stateful_session.v3.StatefulSessionPerRoute")
    return {FILTER: {"@type": message, "stateful_session": {"session_state": state}}}


def facts(groups: Iterable[TargetGroup]) -> Json:
    """What the Lua filter is told: the applications' own cookies."""
    names = [group.attributes.get("stickiness.app_cookie.cookie_name") for group in groups]
    return {"application": sorted({each for each in names if each})}


def returning(arn: str) -> Json:
    """The header match of a client that has been sent to this target group before."""
    regex = rf"(?:.*;)?\s*{_GROUP_COOKIE}(?:CORS)?={name.token(arn)}(?:;.*)?"
    return {"name": "cookie", "string_match": {"safe_regex": {"regex": regex}}}


def cookie(arn: str, seconds: int) -> Json:
    """The header that makes a client stick to this target group."""
    value = f"{_GROUP_COOKIE}={name.token(arn)}; Max-Age={seconds}; Path=/"
    return {"header": {"key": "set-cookie", "value": value}, "append_action": "APPEND_IF_EXISTS_OR_ADD"}
