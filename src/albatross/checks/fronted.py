"""Health checks of a load balancer in front of another one, which the rules of that one answer."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from albatross.catalog.annotations.ingress import NLB_SUCCESS_CODES
from albatross.catalog.notes import Notes
from albatross.model.intent import Chained, Intent
from albatross.model.resources.action import Action, FixedResponse, Redirect
from albatross.model.resources.stack import Stack


@dataclass(frozen=True, slots=True)
class HealthRequest:
    """The request of a health check to the load balancer behind; it has an address as its host."""

    scheme: str
    port: int
    path: str


def asked(stack: Stack) -> Mapping[str, HealthRequest]:
    """The request of each target group of load balancers, by its id."""
    ports = {getattr(each.target_group, "id", ""): each.target_port for each in stack.registrations}
    found = {}
    for group in stack.target_groups:
        check = group.health_check
        if group.target_type == "alb" and group.id in ports and check.protocol in ("HTTP", "HTTPS"):
            port = check.port if isinstance(check.port, int) else ports[group.id]
            found[group.id] = HealthRequest(check.protocol.lower(), port, check.path or "/")
    return found


def check(intent: Intent, stack: Stack, answers: Mapping[str, tuple[Action, ...]], notes: Notes) -> None:
    """Note health checks that AWS does not count as a success. `answers` are the known actions, by target group."""
    chained = {each.id: each for each in _chained(intent)}
    requests = asked(stack)
    for group in stack.target_groups:
        status = _status(answers.get(group.id, ()))
        codes = group.health_check.http_code or "200"
        ranges = list(_ranges(codes))
        if status and group.id in chained and ranges and not any(low <= status <= high for low, high in ranges):
            settings = chained[group.id].settings
            at = settings.success_codes or settings.health_check_path
            words = {"path": requests[group.id].path, "port": str(requests[group.id].port), "status": str(status), "codes": codes}
            origin = at.origin if at else chained[group.id].origin
            notes.add("LB258", origin, None, way=f"{NLB_SUCCESS_CODES.key}: '{codes},{status}'", **words)


def _chained(intent: Intent) -> list[Chained]:
    shares = (share for balancer in intent.balancers for share in balancer.shares)
    return [target.chained for share in shares for forward in share.forwards for target in forward.targets if target.chained]


def _status(actions: tuple[Action, ...]) -> int:
    """The status of an answer that the load balancer gives itself; 0 if targets give it."""
    match actions[-1:]:
        case (FixedResponse(status_code=code),) | (Redirect(status_code=code),):
            return int(code.removeprefix("HTTP_"))
    return 0


def _ranges(codes: str) -> Iterator[tuple[int, int]]:
    """The codes of a success; what cannot be read is left out, because another check reports it."""
    for part in codes.split(","):
        if re.fullmatch(r"\d{3}(-\d{3})?", part.strip(), re.ASCII):
            low, _, high = part.partition("-")
            yield int(low), int(high or low)
