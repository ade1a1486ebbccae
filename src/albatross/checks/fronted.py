"""Health checks of a load balancer in front of another one, which the rules of that one answer."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from albatross.catalog.annotations.ingress import NLB_SUCCESS_CODES
from albatross.catalog.notes import Notes
from albatross.model.intent import Chained, Intent
from albatross.model.resources.action import Action, FixedResponse, Redirect
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import TargetGroup


@dataclass(frozen=True, slots=True)
class HealthRequest:
    """The request of a health check to the load balancer behind; it has an address as its host."""

    scheme: str
    port: int
    path: str


Answer = Callable[[HealthRequest], tuple[Action, ...]]
"""The actions of the load balancer behind for a request; empty: unknown."""


def check(intent: Intent, stack: Stack, answer: Answer, notes: Notes) -> None:
    """Note health checks that AWS does not count as a success."""
    ports = {getattr(each.target_group, "id", ""): each.target_port for each in stack.registrations}
    chained = {each.id: each for balancer in intent.balancers for each in balancer.chained}
    for group in stack.target_groups:
        request = _request(group, ports)
        if request is not None and group.id in chained:
            _check(group, chained[group.id], request, _status(answer(request)), notes)


def _request(group: TargetGroup, ports: Mapping[str, int]) -> HealthRequest | None:
    """The request of a target group of load balancers. `ports` are those that they are registered with."""
    check = group.health_check
    if group.target_type != "alb" or group.id not in ports or check.protocol not in ("HTTP", "HTTPS"):
        return None
    port = check.port if isinstance(check.port, int) else ports[group.id]
    return HealthRequest(check.protocol.lower(), port, check.path or "/")


def _check(group: TargetGroup, chained: Chained, request: HealthRequest, status: int, notes: Notes) -> None:
    codes = group.health_check.http_code or "200"
    ranges = list(_ranges(codes))
    if status and ranges and not any(low <= status <= high for low, high in ranges):
        at = chained.settings.success_codes or chained.settings.health_check_path
        words = {"path": request.path, "port": str(request.port), "status": str(status), "codes": codes}
        origin = at.origin if at else chained.origin
        notes.add("LB258", origin, None, way=f"{NLB_SUCCESS_CODES.key}: '{codes},{status}'", **words)


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
