"""The order of the operations. It follows from the references in the data, and from a few rules of AWS.

A step `needs` another if it fails without it; if the other step fails, it is skipped. A step runs `after` another if this order is
better, but it also works in the other order.
"""

import heapq
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

from albatross.model.plan import (
    ChangeRecords,
    Create,
    CreateBackendGroup,
    Delete,
    DeleteBinding,
    Deregister,
    Operation,
    PutBinding,
    Register,
    Retire,
    SetCapacity,
    SetRulePriorities,
    Step,
    Update,
)
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Rule
from albatross.planner.effects import Effect, Effects, effects, untags
from albatross.planner.nouns import BY_CLASS
from albatross.planner.uses import Uses
from albatross.token import refs

Key = tuple[str, str]
"""A resource that is referred to: the name of its noun, and its id."""


def arrange(operations: Sequence[Operation], uses: Uses) -> tuple[Step, ...]:
    """The steps in an order in which they can run one by one. Ties: by kind, then by id, so the order of the input has no effect."""
    makers, others = _makers(operations), effects(operations)
    steps = {}
    for operation in operations:
        needs, after = _by_reference(operation, makers)
        more_needs, more_after = _by_kind(operation, others, uses)
        needs = (needs | more_needs) - {operation.id}
        after = (after | more_after) - needs - {operation.id}
        steps[operation.id] = Step(operation=operation, needs=tuple(sorted(needs)), after=tuple(sorted(after)))
    return _sorted(steps)


def _makers(operations: Iterable[Operation]) -> Mapping[Key, tuple[str, bool]]:
    """For each resource: the operation that gives it its desired form, and whether other resources can use it only after that."""
    found: dict[Key, tuple[str, bool]] = {}
    for operation in operations:
        match operation:
            case Create(resource=resource):
                found[type(resource).__name__, resource.id] = operation.id, True
            case Update(resource=resource):
                # An existing resource can be used before it is changed, so its users do not depend on the change. Exception: a certificate
                # in validation. CreateListener refuses a certificate that is not issued (UnsupportedCertificate).
                found[type(resource).__name__, resource.id] = operation.id, "state" in operation.changed
            case CreateBackendGroup():
                found["BackendSecurityGroup", "backend-sg"] = operation.id, True
            case _:
                pass
    return found


def _wanted(operation: Operation) -> frozenset[Ref]:
    match operation:
        case Create(resource=resource) | Update(resource=resource):
            return refs(resource)
        case PutBinding(resource=binding):
            return refs(binding)
        case ChangeRecords(creates=records):
            return refs(records)
        case Delete() | DeleteBinding() | CreateBackendGroup():
            # `before` may hold references too, but a deletion does not need any resource to exist first.
            return frozenset()
        case _:
            return refs(operation)


def _by_reference(operation: Operation, makers: Mapping[Key, tuple[str, bool]]) -> tuple[set[str], set[str]]:
    needs, after = set[str](), set[str]()
    for ref in _wanted(operation):
        if maker := makers.get((ref.kind, ref.id)):
            (needs if maker[1] else after).add(maker[0])
    return needs, after


def _by_kind(operation: Operation, others: Effects, uses: Uses) -> tuple[set[str], set[str]]:
    """Rules of AWS without a reference: a resource is deleted after nothing uses it; a name or port can be used after it is free."""
    match operation:
        case Delete(before=before):
            # DeleteTargetGroup: ResourceInUse while any rule or listener forwards to it; DeleteSecurityGroup: DependencyViolation.
            # A load balancer that is itself a target is deregistered from its target group first.
            needs = _before_delete(operation, others) | uses.of(before.arn) | others.of(Effect.BORROWS, before.arn)
            needs |= others.of(Effect.BARES, before.arn)  # afterwards nothing leads to the protection of a load balancer
            return needs, others.of(Effect.REMOVES, before.arn)
        case DeleteBinding(before=before):
            # The finalizer deregisters the targets. If a rule still forwards to the empty group then, its requests are answered with 503.
            group = before.resource.target_group
            return set(uses.of(group) | others.of(Effect.BORROWS, group) if isinstance(group, str) else ()), set()
        case Retire():
            return others.of(Effect.ANSWERS), set()
        case ChangeRecords(creates=made) if made:
            return others.of(Effect.NAMES), set()
        case Update() if untags(operation):
            # The tag is what the next pass finds the records by, so it stays until they are deleted.
            return others.of(Effect.UNNAMES), set()
        case Create(resource=LoadBalancer() as balancer):
            # Names are unique in a region (DuplicateLoadBalancerName), and the new load balancer may have the name of the old one. Even if
            # the name changes, the peer deletes first; its users rely on that, because their quota of load balancers is sized for it.
            return others.of(Effect.FREES_NAME, balancer.id), set()
        case Create(resource=Listener() as listener):
            # The quota is 50 listeners for each load balancer. If the deletion fails, the new one is created all the same.
            return set(), others.of(Effect.FREES_PORT, listener.load_balancer)
        # CreateRule fails with PriorityInUse if the old rule with this priority has not moved yet.
        case Create(resource=Rule() as rule) | Update(resource=Rule() as rule):
            return others.of(Effect.MOVES, rule.listener), set()
        case Deregister(target_group=str(group)):
            # The group will be deleted: after no listener forwards to it, the target leaves at once, without minutes of draining.
            return set(), set(uses.of(group))
        case Register(target_group=group, targets=targets):
            # An application load balancer can become a target only if it listens on the target's port (otherwise elbv2 refuses it).
            return set().union(*(others.of(Effect.LISTENS, (each.id, each.port)) for each in targets)), others.of(Effect.DEREGISTERS, group)
        case PutBinding(resource=binding):
            # The name is a hash of the target group's settings, so an old binding can have the name of the new one.
            return others.of(Effect.UNBINDS, f"{binding.namespace}/{binding.name}"), set()
        case _:
            return set(), set()


def _before_delete(operation: Delete, others: Effects) -> set[str]:
    """A rule is deleted only after the new rules of its listener exist; a target group only after its targets are deregistered."""
    # Without this order, requests between the two calls would match a later rule or the default action.
    old = operation.before.resource
    if isinstance(old, Rule):
        return others.of(Effect.MAKES_RULE, old.listener) | others.of(Effect.MOVES, old.listener)
    if isinstance(old, LoadBalancer) and not (operation.replaced or operation.retired):
        # A name that leads to a deleted load balancer leads nowhere, or later to somebody else's.
        return others.of(Effect.UNNAMES)
    return others.of(Effect.DEREGISTERS, operation.before.arn)


def _rank(operation: Operation) -> int:
    """The rank of an operation among those that wait for nothing. It does not change the result; it only gives plans a stable order."""
    # The fixed ranks are on the same scale as `making` and `deleting` in `nouns`.
    match operation:
        case CreateBackendGroup():
            return 0
        case Deregister():
            return 1
        case Create() | Update() | PutBinding():
            return BY_CLASS[type(operation.resource)].making
        case Delete() | DeleteBinding():
            return BY_CLASS[type(operation.before.resource)].deleting
        case SetRulePriorities():
            return 6
        case ChangeRecords(creates=creates):
            return 8 if creates else 3
        case Register():
            return 11
        case SetCapacity():
            return 13
        case Retire():
            return 14
        case _:
            assert_never(operation)


def _natural(text: str) -> tuple[tuple[int, str], ...]:
    """A sort key that puts `80:2` before `80:10`."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", text))


def _sorted(steps: Mapping[str, Step]) -> tuple[Step, ...]:
    # Kahn's algorithm with a heap instead of a queue: if several steps could come next, the choice is always the same.
    waiting = {key: {each for each in (*step.needs, *step.after) if each in steps} for key, step in steps.items()}
    freed: dict[str, list[str]] = {}
    for key, before in waiting.items():
        for each in before:
            freed.setdefault(each, []).append(key)
    ready = [_place(steps[key]) for key, before in waiting.items() if not before]
    heapq.heapify(ready)
    order: list[Step] = []
    while ready:
        key = heapq.heappop(ready)[2]
        order.append(steps[key])
        for each in freed.get(key, ()):
            waiting[each].discard(key)
            if not waiting[each]:
                heapq.heappush(ready, _place(steps[each]))
    if len(order) != len(steps):
        raise ValueError(f"steps wait for one another: {sorted(set(steps) - {step.id for step in order})}")
    return tuple(order)


def _place(step: Step) -> tuple[int, tuple[tuple[int, str], ...], str]:
    return _rank(step.operation), _natural(step.id), step.id
