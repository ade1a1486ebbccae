"""Actions: codes, weights, lengths and identity providers that AWS accepts."""

from collections.abc import Iterator
from typing import assert_never

from albatross.catalog.limits import CONTENT_TYPES, FIXED_RESPONSE_CODE, LENGTHS, QUOTAS, REDIRECT_CODES, SPANS, fits, within
from albatross.catalog.notes import Notes
from albatross.model.intent import ForwardTo, Intent, Route
from albatross.model.problem import Origin
from albatross.model.resources.action import AuthenticateCognito, AuthenticateOidc, FixedResponse, Redirect

GROUPS = QUOTAS["target groups per action"]
UNAUTHENTICATED = ("authenticate", "allow", "deny")


def check(intent: Intent, notes: Notes) -> None:
    """Note everything in the actions of routes that AWS refuses."""
    for share in intent.shares:
        for route in share.routes:
            match route.answer:
                case FixedResponse():
                    _fixed_response(route.answer, route.origin, notes)
                case Redirect():
                    _redirect(route.answer, route.origin, notes)
                case ForwardTo():
                    _forward(route.answer, route.origin, notes)
                case never:
                    assert_never(never)
            _guard(route, notes)
        for listen in share.listens:
            if listen.forward:
                _forward(listen.forward, listen.origin, notes)


def _unfit(what: str, value: str, expected: str, at: Origin, notes: Notes) -> None:
    notes.add("LB407", at, what=what, value=value, expected=expected)


def _long(name: str, value: str | None, at: Origin, notes: Notes) -> None:
    row = LENGTHS[name]
    if value is not None and not fits(name, value):
        notes.add("LB402", at, what=row.name, length=str(len(value)), low=str(row.low), high=str(row.high))


def _fixed_response(found: FixedResponse, at: Origin, notes: Notes) -> None:
    if not FIXED_RESPONSE_CODE.fullmatch(found.status_code):
        _unfit("fixed-response status", found.status_code, "a 2XX, 4XX or 5XX code", at, notes)
    if found.content_type is not None and found.content_type not in CONTENT_TYPES:
        _unfit("content type", found.content_type, "one of " + ", ".join(sorted(CONTENT_TYPES)), at, notes)
    _long("fixed-response body", found.message_body, at, notes)


def _redirect(found: Redirect, at: Origin, notes: Notes) -> None:
    if found.status_code not in REDIRECT_CODES:
        _unfit("redirect status", found.status_code, "HTTP_301 or HTTP_302", at, notes)
    if found.protocol not in (None, "HTTP", "HTTPS", "#{protocol}"):
        _unfit("redirect protocol", str(found.protocol), "HTTP, HTTPS or #{protocol}", at, notes)
    port = found.port
    if port not in (None, "#{port}") and not (str(port).isdecimal() and within("port", int(str(port)[:9]))):
        _unfit("redirect port", str(port), "a port or #{port}", at, notes)
    if found.path is not None and not found.path.startswith("/"):
        _unfit("redirect path", found.path, "a path that starts with /", at, notes)
    for name, value in (("redirect host", found.host), ("redirect path", found.path), ("redirect query", found.query)):
        _long(name, value, at, notes)


def _forward(found: ForwardTo, at: Origin, notes: Notes) -> None:
    count = len(found.targets)
    if count > GROUPS.value:
        notes.add("LB401", at, what=GROUPS.name, count=str(count), limit=str(GROUPS.value), adjustable="")
    if not found.targets:
        _unfit("forward action", "targetGroups", "at least one target group", at, notes)
    names = [(target.backend.id if target.backend else target.arn or target.name) for target in found.targets]
    for index, name in enumerate(names):
        if name in names[:index]:
            _unfit("forward target", name, "each target group only once in an action", found.targets[index].origin, notes)
    for name, number, place in _numbers(found, at):
        row = SPANS[name]
        if not row.low <= number <= row.high:
            notes.add("LB405", place, what=row.name, value=str(number), low=str(row.low), high=str(row.high))


def _numbers(found: ForwardTo, at: Origin) -> Iterator[tuple[str, int, Origin]]:
    yield from (("target group weight", target.weight, target.origin) for target in found.targets if target.weight is not None)
    if found.stickiness and found.stickiness.duration_seconds is not None:
        yield "stickiness seconds", found.stickiness.duration_seconds, at


def _guard(route: Route, notes: Notes) -> None:
    guard, at = route.guard, route.origin
    if not isinstance(guard, AuthenticateCognito | AuthenticateOidc):
        return
    if guard.on_unauthenticated_request not in UNAUTHENTICATED:
        _unfit("auth-on-unauthenticated-request", guard.on_unauthenticated_request, "one of " + ", ".join(UNAUTHENTICATED), at, notes)
    if not within("session timeout seconds", guard.session_timeout):
        row = SPANS["session timeout seconds"]
        notes.add("LB405", at, what=row.name, value=str(guard.session_timeout), low=str(row.low), high=str(row.high))
    what = "auth-idp-cognito" if isinstance(guard, AuthenticateCognito) else "auth-idp-oidc"
    for key, value in _required(guard):
        if not value:
            notes.add("LB413", at, what=what, key=key)


def _required(guard: AuthenticateCognito | AuthenticateOidc) -> tuple[tuple[str, str], ...]:
    if isinstance(guard, AuthenticateCognito):
        return (
            ("userPoolARN", guard.user_pool_arn),
            ("userPoolClientID", guard.user_pool_client_id),
            ("userPoolDomain", guard.user_pool_domain),
        )
    return (
        ("issuer", guard.issuer),
        ("authorizationEndpoint", guard.authorization_endpoint),
        ("tokenEndpoint", guard.token_endpoint),
        ("userInfoEndpoint", guard.user_info_endpoint),
    )
