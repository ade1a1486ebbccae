"""Keeps the AWS resources of members that have errors, so that a broken edit never removes a working route."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from albatross.catalog import tracking
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.observed import Owned
from albatross.model.resources.action import Forward
from albatross.model.resources.record import Record
from albatross.model.resources.ref import Ref, Token
from albatross.model.resources.rule import Rule
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import TargetGroup
from albatross.planner import claims
from albatross.planner import rules as matching
from albatross.planner.link import Linked, link
from albatross.planner.nouns import BY_CLASS
from albatross.planner.owner import Owners
from albatross.token import swap

GROUP = BY_CLASS[TargetGroup]


Denied = Mapping[Ident, frozenset[claims.Pair]]
"""The hosts and paths that members may not have."""
NOTHING: Denied = {}


def carry(linked: Linked, members: Collection[Ident], owners: Owners, config: Config, denied: Denied = NOTHING) -> Linked:
    """The stack, with the target groups, bindings and forwarding rules that these members have in AWS already, unchanged.

    A rule belongs to the member of the target group that it forwards to. Carried rules come after all other rules of their listener, in
    their current order; a rule that the stack already has is not carried, and neither is a rule that its member may not have (`denied`).
    """
    if not members:
        return linked
    linked = _named(linked, members, denied)
    stack = linked.stack
    whose = owners.groups(linked.plain)
    # If the stack uses this id for another member (LB171), it now means another Service; carried rules would send requests to it.
    taken = {group.id for group in stack.target_groups if group.member and group.member != whose.get(group.id, group.member)}
    theirs = {
        owned.resource.id: owned
        for owned in linked.plain.target_groups
        if whose.get(owned.resource.id) in members and owned.resource.id not in taken
    }
    # A target group that the broken member still defines is built from its definition; only the missing ones are kept from AWS.
    wanted = {group.id for group in stack.target_groups}
    kept = {id: replace(owned.resource, tags=tracking.written(owned.tags, stack.id)) for id, owned in theirs.items() if id not in wanted}
    # Link again: the kept target groups are in the stack now, so resources with their ARNs must refer to them.
    again = link(replace(stack, target_groups=(*stack.target_groups, *kept.values())), linked.plain, config, linked.aliases)
    groups = {GROUP.ref(id) for id in kept}
    bindings = tuple(each.resource for each in again.current.bindings if each.resource.target_group in groups)
    # If one of these target groups is replaced, linked rules still have its plain ARN; a carried rule must forward to the new one.
    names: dict[Token, Token] = {owned.arn: GROUP.ref(id) for id, owned in theirs.items()}
    current = [replace(each, resource=swap(each.resource, names)) for each in again.current.rules]
    rights = {id: denied.get(whose[id], frozenset()) for id in theirs}
    rules = [
        rule
        for listener in stack.listeners
        for rule in _unwanted(stack, current, listener.id, config)
        if any(not claims.denied(rule.conditions, rights[id]) for id in _forwards(rule) & theirs.keys())
    ]
    whole = replace(
        again.stack,
        bindings=(*stack.bindings, *bindings),
        rules=(*stack.rules, *_behind(stack, rules)),
        # The networking rules of a kept binding can refer to the shared security group, so it must exist.
        backend_group_needed=stack.backend_group_needed or any(binding.networking for binding in bindings),
    )
    return replace(again, stack=whole)


def marks(linked: Linked) -> Linked:
    """The stack, with the tags that say that a load balancer may have DNS records, if the records cannot be read now."""
    if linked.stack.records_known:
        return linked
    mark = (tracking.NAMED, "true")
    marked = {each.resource.id for each in linked.plain.load_balancers if mark in each.tags}
    balancers = tuple(
        replace(each, tags=tuple(sorted({*each.tags, mark}))) if each.id in marked else each for each in linked.stack.load_balancers
    )
    return replace(linked, stack=replace(linked.stack, load_balancers=balancers))


def _named(linked: Linked, members: Collection[Ident], denied: Denied) -> Linked:
    """With the records that were made for these members, without those of hosts that they may not have."""
    wanted = {each.id for each in linked.stack.records}
    # A load balancer that is replaced gets another DNS name, which the kept records must follow.
    ids = {each.id for each in linked.stack.load_balancers}
    names = {each.dns_name.lower(): each.resource.id for each in linked.plain.load_balancers if each.resource.id in ids}
    lost = (each.resource for each in linked.current.records if each.resource.member in members and each.resource.id not in wanted)
    lost = (each for each in lost if not _denied(each, denied))
    kept = (_following(each, each.target.id if isinstance(each.target, Ref) else names.get(each.target, "")) for each in lost)
    return replace(linked, stack=replace(linked.stack, records=(*linked.stack.records, *kept)))


def _denied(record: Record, denied: Denied) -> bool:
    return record.member is not None and (record.name, claims.ALL) in denied.get(record.member, ())


def _following(record: Record, balancer: str) -> Record:
    if not balancer:
        return record
    return replace(record, target=Ref("LoadBalancer", balancer, "dns_name"), target_zone=Ref("LoadBalancer", balancer, "zone_id"))


def _unwanted(stack: Stack, current: Iterable[Owned[Rule]], listener: str, config: Config) -> list[Rule]:
    """The rules that a listener has in AWS but not in the stack, by priority."""
    desired = [rule for rule in stack.rules if rule.listener.id == listener]
    found = matching.match(desired, [owned for owned in current if owned.resource.listener.id == listener], config)
    # Rules in `changed` too: an update would turn them into other rules, so their routes would be lost.
    left = [*found.deleted, *(owned for _, owned in found.changed)]
    return [
        replace(owned.resource, tags=tracking.written(owned.tags, stack.id))
        for owned in sorted(left, key=lambda each: each.resource.priority)
    ]


def _behind(stack: Stack, rules: Iterable[Rule]) -> Iterator[Rule]:
    """These rules, with priorities after all desired rules of their listener."""
    last: dict[str, int] = {}
    for rule in stack.rules:
        last[rule.listener.id] = max(last.get(rule.listener.id, 0), rule.priority)
    for rule in rules:
        listener = rule.listener.id
        last[listener] = last.get(listener, 0) + 1
        yield replace(rule, id=f"{listener}:{last[listener]}", priority=last[listener])


def _forwards(rule: Rule) -> set[str]:
    targets = [target.target_group for action in rule.actions if isinstance(action, Forward) for target in action.target_groups]
    return {target.id for target in targets if isinstance(target, Ref)}
