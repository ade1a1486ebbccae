"""Keeps what stands in AWS for members that cannot be understood, so that a broken edit never takes a working route away."""

from collections.abc import Iterable
from dataclasses import replace

from albatross.catalog import tracking
from albatross.model.observed import Observed, Owned
from albatross.model.resources.action import Forward
from albatross.model.resources.binding import Binding
from albatross.model.resources.ref import Pairs, Ref
from albatross.model.resources.rule import Rule
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import TargetGroup
from albatross.model.snapshot import Key


def carry(stack: Stack, observed: Observed, members: Iterable[Key]) -> Stack:
    """The stack with the target groups, bindings and forwarding rules that members have in AWS already, as they are.

    A target group belongs to the member that its resource id begins with (`namespace/name-`), a rule to the member whose target group
    it forwards to. Carried rules come after all others of their listener, in their order.
    """
    prefixes = tuple(f"{namespace}/{name}-" for namespace, name in members)
    if not prefixes:
        return stack
    wanted = {group.id for group in stack.target_groups}
    groups = {
        owned.resource.id: replace(owned.resource, tags=_tags(owned))
        for owned in observed.target_groups
        if owned.resource.id.startswith(prefixes)
    }
    kept = {id: group for id, group in groups.items() if id not in wanted}
    bindings = tuple(owned.resource for owned in observed.bindings if _group(owned) in kept)
    rules = _rules(stack, observed, set(kept))
    return replace(
        stack,
        target_groups=(*stack.target_groups, *kept.values()),
        bindings=(*stack.bindings, *bindings),
        rules=(*stack.rules, *rules),
        backend_group_needed=stack.backend_group_needed or any(binding.networking for binding in bindings),
    )


def _group(owned: Owned[Binding]) -> str:
    target = owned.resource.target_group
    return target.id if isinstance(target, Ref) else ""


def _rules(stack: Stack, observed: Observed, groups: set[str]) -> list[Rule]:
    """Forwarding rules to these groups, on listeners that are still wanted, behind the wanted rules of each."""
    listeners = {listener.id for listener in stack.listeners}
    next_of = dict.fromkeys(listeners, 1)
    for rule in stack.rules:
        next_of[rule.listener.id] = max(next_of.get(rule.listener.id, 1), rule.priority + 1)
    found = []
    for owned in sorted(observed.rules, key=lambda each: (each.resource.listener.id, each.resource.priority)):
        rule = owned.resource
        if rule.listener.id in listeners and _forwards(rule) & groups:
            priority = next_of[rule.listener.id]
            next_of[rule.listener.id] = priority + 1
            found.append(replace(rule, id=f"{rule.listener.id}:{priority}", priority=priority, tags=_tags(owned)))
    return found


def _tags(owned: Owned[TargetGroup] | Owned[Rule]) -> Pairs:
    """The tags that the user wrote: all but those by which it is known as ours, and AWS' own."""
    ours = (f"{tracking.INGRESS}/", tracking.CLUSTER, "aws:")
    return tuple(pair for pair in owned.tags if not pair[0].startswith(ours))


def _forwards(rule: Rule) -> set[str]:
    targets = [target.target_group for action in rule.actions if isinstance(action, Forward) for target in action.target_groups]
    return {target.id for target in targets if isinstance(target, Ref)}
