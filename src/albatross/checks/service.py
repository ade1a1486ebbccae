"""Target groups: health checks within AWS' bounds, and protocols that a listener can carry."""

import re

from albatross.catalog.limits import LENGTHS, SPANS, fits, within
from albatross.catalog.notes import Notes
from albatross.checks import walk
from albatross.model.intent import HealthCheckSettings, Intent, Setting, TargetGroupSettings

_CODES = re.compile(r"\d+(-\d+)?(,\d+(-\d+)?)*", re.ASCII)
INTERVAL, TIMEOUT = 15, 5
"""The defaults that are sent where nothing is written, in seconds."""


def check(intent: Intent, notes: Notes) -> None:
    """Note numbers, paths and codes of health checks that AWS refuses, and gRPC behind plain listeners."""
    for backend in walk.backends(intent):
        settings = backend.settings
        _numbers(_health_check(settings), notes)
        grpc = settings.protocol_version is not None and settings.protocol_version.value == "GRPC"
        _codes(settings.success_codes, "grpc" if grpc else "http", notes)
        _number("port", settings.control_port, notes)
    for member in intent.members:
        _numbers(member.frontend.health_check, notes)
        _codes(member.frontend.health_check.success_codes, "http", notes)
    _grpc(intent, notes)


def _health_check(settings: TargetGroupSettings) -> HealthCheckSettings:
    return HealthCheckSettings(
        port=settings.health_check_port,
        path=settings.health_check_path,
        interval=settings.health_check_interval,
        timeout=settings.health_check_timeout,
        healthy_threshold=settings.healthy_threshold,
        unhealthy_threshold=settings.unhealthy_threshold,
    )


def _numbers(check: HealthCheckSettings, notes: Notes) -> None:
    _number("health check interval seconds", check.interval, notes)
    _number("health check timeout seconds", check.timeout, notes)
    _number("healthy threshold", check.healthy_threshold, notes)
    _number("unhealthy threshold", check.unhealthy_threshold, notes)
    if check.port and isinstance(check.port.value, int):
        _number("port", Setting(check.port.value, check.port.origin), notes)
    if check.path and not fits("health check path", check.path.value):
        row = LENGTHS["health check path"]
        notes.add("LB402", check.path.origin, what=row.name, length=str(len(check.path.value)), low=str(row.low), high=str(row.high))
    interval = check.interval.value if check.interval else INTERVAL
    timeout = check.timeout.value if check.timeout else TIMEOUT
    written = check.timeout or check.interval
    if written and timeout >= interval:
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


def _grpc(intent: Intent, notes: Notes) -> None:
    plain = {listen.port: member.ident for member in intent.members for listen in member.listens if listen.protocol == "HTTP"}
    redirected = any(member.settings.ssl_redirect for member in intent.members)
    for backend in walk.backends(intent):
        version = backend.settings.protocol_version
        if version is None or version.value != "GRPC" or redirected:
            continue
        for port in sorted(port for port, member in plain.items() if member == backend.member):
            notes.add("LB410", version.origin, port=str(port))
