"""Ports without TLS: requests that nobody checks there, and members that lose their rules to a redirect."""

from albatross.catalog.notes import Notes
from albatross.model.intent import Intent, Listen, Route, Setting, Share
from albatross.model.resources.action import JwtValidation

SECURE = "HTTPS"


def check(intent: Intent, notes: Notes) -> None:
    """Note routes that are checked on secure ports only, and members without a secure port in a group that redirects all others."""
    for balancer in intent.balancers:
        if balancer.family != "application":
            continue
        if any("redirect" in share.unread for share in balancer.shares):
            continue  # whether these ports redirect is unknown
        redirect = next((share.settings.ssl_redirect for share in balancer.shares if share.settings.ssl_redirect), None)
        for share in balancer.shares:
            if redirect is None:
                _open(share, notes)
            else:
                _taken(share, redirect, notes)


def _open(share: Share, notes: Notes) -> None:
    if not any(listen.protocol == SECURE for listen in share.listens):
        return  # the reader says that nothing is checked
    for listen in share.listens:
        guard = next((route.guard for route in _routes(listen) if route.guard), None)
        if listen.protocol != SECURE and guard:
            what = "jwt-validation" if isinstance(guard, JwtValidation) else "auth-type"
            notes.add("LB434", listen.origin, what=what, port=str(listen.port))


def _routes(listen: Listen) -> tuple[Route, ...]:
    return (*listen.routes, *([listen.default] if listen.default else ()))


def _taken(share: Share, redirect: Setting[int], notes: Notes) -> None:
    ports = [listen.port for listen in share.listens]
    if ports and not any(listen.protocol == SECURE for listen in share.listens):
        by = f"{redirect.origin.object} {redirect.origin.field}"
        notes.add("LB435", share.origin, ports=", ".join(map(str, sorted(ports))), to=str(redirect.value), by=by)
