"""Which box of a card a problem belongs to."""

from collections.abc import Iterable, Mapping

from albatross.model.ident import Ident
from albatross.model.plan import Create, Delete, Operation, Update
from albatross.model.problem import Problem
from albatross.model.resources.action import Forward
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Rule
from albatross.model.resources.stack import Stack

Spot = tuple[str, str] | None
"""The class and the id of a resource; None is the card itself."""


def owners(
    stack: Stack,
    problems: Iterable[Problem],
    failed: Iterable[tuple[Operation | None, Problem]],
    services: Mapping[str, str],
) -> Mapping[Spot, tuple[Problem, ...]]:
    """The problems by the box that has them. `services` are the names of Services by the path of an Ingress that names them."""
    found: dict[Spot, list[Problem]] = {}
    for problem in problems:
        for spot in _spots(stack, problem, services):
            found.setdefault(spot, []).append(problem)
    for operation, problem in failed:
        found.setdefault(_changed(stack, operation), []).append(problem)
    return {spot: tuple(dict.fromkeys(each)) for spot, each in found.items()}


def _spots(stack: Stack, problem: Problem, services: Mapping[str, str]) -> Iterable[Spot]:
    """A Service: its target group. A path of an Ingress: its rules, or the target group if its backend is wrong. Else the load balancer."""
    ident, at = problem.origin.ident, f"{problem.origin.object} {problem.origin.field}"
    if ident.kind == "Service" and (group := _bound(stack, ident.namespace, ident.name, None)):
        return [group]
    path = next((path for path in services if at == path or at.startswith(f"{path}.")), "")
    if path and (group := _bound(stack, ident.namespace, services[path], ident)):
        if at.startswith(f"{path}.backend"):
            return [group]
        return [("Rule", each.id) for each in stack.rules if each.member == ident and group[1] in _targets(each)] or [group]
    if problem.origin.field.startswith("spec.rules") and (rule := next((each for each in stack.rules if each.member == ident), None)):
        return [("Rule", rule.id)]
    return [_first(stack)]


def _targets(rule: Rule) -> frozenset[str]:
    """The ids of the target groups that a rule forwards to."""
    groups = (each.target_group for action in rule.actions if isinstance(action, Forward) for each in action.target_groups)
    return frozenset(each.id for each in groups if isinstance(each, Ref))


def _first(stack: Stack) -> Spot:
    return ("LoadBalancer", stack.load_balancers[0].id) if stack.load_balancers else None


def _bound(stack: Stack, namespace: str, service: str, member: Ident | None) -> Spot:
    """The target group that is bound to a Service, for this member if it is given."""
    bound = {each.id for each in stack.bindings if (each.namespace, each.service) == (namespace, service)}
    for group in stack.target_groups:
        if group.id in bound and member in (None, group.member):
            return "TargetGroup", group.id
    return None


def _changed(stack: Stack, operation: Operation | None) -> Spot:
    """The resource that an operation changes, if it has a box; else the first load balancer."""
    if isinstance(operation, Create | Update | Delete):
        resource = operation.before.resource if isinstance(operation, Delete) else operation.resource
        noun = type(resource).__name__
        if resource.id in _drawn(stack).get(noun, ()):
            return noun, resource.id
    return _first(stack)


def _drawn(stack: Stack) -> Mapping[str, frozenset[str]]:
    """The ids of the resources that have a box, by class."""
    return {
        "LoadBalancer": frozenset(each.id for each in stack.load_balancers),
        "Listener": frozenset(each.id for each in stack.listeners),
        "Rule": frozenset(each.id for each in stack.rules),
        "TargetGroup": frozenset(each.id for each in stack.target_groups),
    }
