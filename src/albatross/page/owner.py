"""Which box of a card a problem belongs to."""

from collections.abc import Iterable, Mapping

from albatross.model.ident import Ident
from albatross.model.plan import Create, Delete, Operation, Update
from albatross.model.problem import Problem
from albatross.model.resources.rule import Rule
from albatross.model.resources.stack import Stack

Spot = tuple[str, str] | None
"""The class and the id of a resource; None is the card itself."""
Path = tuple[str, str, str]
"""The Service, the host and the path of a path of an Ingress."""


def owners(
    stack: Stack,
    problems: Iterable[Problem],
    failed: Iterable[tuple[Operation | None, Problem]],
    paths: Mapping[str, Path],
) -> Mapping[Spot, tuple[Problem, ...]]:
    """The problems by the box that has them. `paths` are those of Ingresses, by their origin."""
    found: dict[Spot, list[Problem]] = {}
    for problem in problems:
        for spot in _spots(stack, problem, paths):
            found.setdefault(spot, []).append(problem)
    for operation, problem in failed:
        found.setdefault(_changed(stack, operation), []).append(problem)
    return {spot: tuple(dict.fromkeys(each)) for spot, each in found.items()}


def _spots(stack: Stack, problem: Problem, paths: Mapping[str, Path]) -> Iterable[Spot]:
    """A Service: its target group. A path of an Ingress: its rules, or the target group if its backend is wrong. Else the load balancer."""
    ident, at = problem.origin.ident, f"{problem.origin.object} {problem.origin.field}"
    if ident.kind == "Service" and (group := _bound(stack, ident.namespace, ident.name, None)):
        return [group]
    own = next((path for path in paths if at == path or at.startswith(f"{path}.")), "")
    if own:
        group = _bound(stack, ident.namespace, paths[own][0], ident)
        if group and at.startswith(f"{own}.backend"):
            return [group]
        if rules := [("Rule", each.id) for each in stack.rules if each.member == ident and _serves(each, paths[own])]:
            return rules
    if problem.origin.field.startswith("spec.rules") and (rule := next((each for each in stack.rules if each.member == ident), None)):
        return [("Rule", rule.id)]
    return [_first(stack)]


def _serves(rule: Rule, path: Path) -> bool:
    """Whether a rule comes from a path of an Ingress: it has its host, and a pattern that starts with it."""
    _, host, start = path
    hosts = {value for each in rule.conditions if each.field == "host-header" for value in each.values}
    patterns = [value for each in rule.conditions if each.field == "path-pattern" for value in each.values]
    return (host in hosts if host else not hosts) and any(value.startswith(start.rstrip("/*")) for value in patterns)


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
