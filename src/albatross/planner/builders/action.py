"""The actions of a listener or a rule."""

from albatross.model.facts import TargetGroupByName
from albatross.model.ident import Ident
from albatross.model.intent import Forwarding, ForwardTo, Route
from albatross.model.resources.action import Action, FixedResponse, Forward, Redirect, WeightedTargetGroup
from albatross.model.resources.ref import Ref, Token
from albatross.planner.builders.target_group import TargetGroups
from albatross.planner.builders.task import Task

NOT_FOUND = FixedResponse(status_code="404", content_type="text/plain")
"""The answer of a listener without a default backend."""


def redirect_to(port: int) -> Redirect:
    """A redirect to the same URL with HTTPS."""
    return Redirect(status_code="HTTP_301", port=str(port), protocol="HTTPS")


def build(member: Ident, route: Route, secure: bool, made: TargetGroups, task: Task) -> tuple[Action, ...] | None:
    """The route's actions; on a secure listener, its authentication comes first. None if a target group can't be built."""
    guard: tuple[Action, ...] = (route.guard,) if secure and route.guard else ()
    if isinstance(route.answer, FixedResponse | Redirect):
        return (*guard, route.answer)
    found = forward(member, route.answer, made, task)
    return None if found is None else (*guard, found)


def forward(member: Ident, wanted: ForwardTo, made: TargetGroups, task: Task) -> Forward | None:
    """A forward action; None if a target group can't be built."""
    groups: list[WeightedTargetGroup] = []
    for target in wanted.targets:
        token = _token(member, target, made, task)
        if token is None:
            return None
        groups.append(WeightedTargetGroup(token, target.weight))
    return Forward(tuple(groups), wanted.stickiness)


def _token(member: Ident, target: Forwarding, made: TargetGroups, task: Task) -> Token | None:
    if target.backend:
        return made.ref(target.backend)
    if not target.name:
        return target.arn
    found = task.ask(TargetGroupByName(target.name), str, target.origin)
    if found is None:
        return Ref("TargetGroupByName", target.name, "arn")
    if not found:
        task.ledger.blame(member, "LB310", target.origin, name=target.name)
        return None
    return found[0]
