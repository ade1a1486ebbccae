"""Target groups: limits of health checks, and protocols that a listener supports."""

import re

from albatross.catalog import defaults
from albatross.catalog.limits import LENGTHS, SPANS, fits, within
from albatross.catalog.notes import Notes
from albatross.model.intent import Balancer, Intent, Setting, TargetGroupSettings, given

_CODES = re.compile(r"\d+(-\d+)?(,\d+(-\d+)?)*", re.ASCII)


def check(intent: Intent, notes: Notes) -> None:
    """Note numbers, paths and codes of health checks that AWS refuses, and gRPC behind HTTP listeners."""
    for balancer in intent.balancers:
        owned = (intent.id.owner, balancer.family)
        for backend in balancer.backends:
            settings = backend.settings
            _numbers(settings, owned, notes, "Local" if backend.local_check is not None else "")
            grpc = settings.protocol_version is not None and settings.protocol_version.value == "GRPC"
            _codes(settings.success_codes, "grpc" if grpc else "http", notes)
            _number("port", settings.control_port, notes)
        for settings in (each for share in balancer.shares for each in share.rehearsed):
            _numbers(settings, owned, notes)
        for chained in balancer.chained:
            _numbers(chained.settings, owned, notes)
            _codes(chained.settings.success_codes, "http", notes)
        _grpc(balancer, notes)


def _numbers(check: TargetGroupSettings, owned: tuple[str, str], notes: Notes, variant: str = "") -> None:
    """`owned` is the owner and the family; the defaults depend on them, and on the variant of the health check."""
    _number("health check interval seconds", check.health_check_interval, notes)
    _number("health check timeout seconds", check.health_check_timeout, notes)
    _number("healthy threshold", check.healthy_threshold, notes)
    _number("unhealthy threshold", check.unhealthy_threshold, notes)
    port, path = check.health_check_port, check.health_check_path
    if port and isinstance(port.value, int):
        _number("port", Setting(port.value, port.origin), notes)
    if path and not fits("health check path", path.value):
        row = LENGTHS["health check path"]
        notes.add("LB402", path.origin, what=row.name, length=str(len(path.value)), low=str(row.low), high=str(row.high))
    interval = given(check.health_check_interval, defaults.number(*owned, "health_check_interval", variant))
    timeout = given(check.health_check_timeout, defaults.number(*owned, "health_check_timeout", variant))
    written = check.health_check_timeout or check.health_check_interval
    # For a network load balancer, the two may be equal.
    if written and (timeout > interval or (timeout == interval and owned[1] == "application")):
        notes.add("LB409", written.origin, timeout=str(timeout), interval=str(interval))


def _number(span: str, given: Setting[int] | None, notes: Notes) -> None:
    if given and not within(span, given.value):
        row = SPANS[span]
        notes.add("LB405", given.origin, what=row.name, value=str(given.value), low=str(row.low), high=str(row.high))


def _codes(given: Setting[str] | None, kind: str, notes: Notes) -> None:
    if given is None:
        return
    row = SPANS[f"health check {kind} code"]
    numbers = [int(number) for number in re.findall(r"[0-9]{1,9}", given.value)]
    if not _CODES.fullmatch(given.value) or not all(row.low <= number <= row.high for number in numbers):
        notes.add("LB406", given.origin, value=given.value, low=str(row.low), high=str(row.high))


def _grpc(balancer: Balancer, notes: Notes) -> None:
    plain = {listen.port: share.member for share in balancer.shares for listen in share.listens if listen.protocol == "HTTP"}
    redirected = any(share.settings.ssl_redirect or "redirect" in share.unread for share in balancer.shares)
    for backend in balancer.backends:
        version = backend.settings.protocol_version
        if version is None or version.value != "GRPC" or redirected:
            continue
        for port in sorted(port for port, member in plain.items() if member == backend.member):
            notes.add("LB410", version.origin, port=str(port))
