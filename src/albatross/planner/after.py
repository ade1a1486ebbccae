"""The resources in AWS after a plan, as `aws.read.observe` would read them: what we wrote ourselves does not have to be read again.

It knows only what the plan says. If a plan has other operations than those below, the answer is None: then AWS must be asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from albatross.model.config import Config
from albatross.model.observed import UNREAD, Observed, Owned
from albatross.model.plan import (
    Create,
    CreateBackendGroup,
    Delete,
    DeleteBinding,
    Noun,
    Operation,
    Outcome,
    Plan,
    PutBinding,
    SetRulePriorities,
    Update,
)
from albatross.model.resources.action import AuthenticateOidc
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Pairs, Ref, Token
from albatross.model.resources.rule import Rule
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import TargetGroup
from albatross.planner import tag
from albatross.planner.nouns import BY_CLASS
from albatross.token import refs, swap

PLAIN = (SecurityGroup, LoadBalancer, TargetGroup, Listener, Rule)
"""What AWS stores as it was written. Of everything else AWS, or somebody else, changes the state."""

LISTENER = BY_CLASS[Listener]

Detail = tuple[str, str, str]
"""A detail that is read only if the stack sets it: the class, the id, and the key of an attribute."""


def after(observed: Observed, plan: Plan, outcome: Outcome) -> Observed | None:
    """The resources after a plan with only successes. None: they are not certain."""
    if not outcome.ok or plan.standby or not all(_certain(each) for each in plan.operations):
        return None
    known: dict[Token, Token] = {}
    known.update(outcome.ids.items())
    things: dict[str, Owned[Any]] = {each.arn: each for row in PLAIN for each in BY_CLASS[row].current(observed)}
    for operation in plan.operations:
        _perform(things, operation, known, outcome.ids)
    if any(refs(each.resource) - {_parent(each.resource)} for each in things.values()):
        return None
    fields: dict[str, Any] = {BY_CLASS[kind].field: tuple(e for e in things.values() if isinstance(e.resource, kind)) for kind in PLAIN}
    return replace(observed, **fields)


def presumed(observed: Observed, stack: Stack, ids: Mapping[Ref, str], config: Config) -> Observed:
    """The resources with the tags that we would have written, where the tags were not read and all else is as in the stack."""
    wanted: dict[tuple[str, int], Listener | Rule] = {(ids.get(LISTENER.ref(each.id), ""), 0): each for each in stack.listeners}
    wanted |= {(ids.get(each.listener, "") if isinstance(each.listener, Ref) else "", each.priority): each for each in stack.rules}

    def tagged(owned: Owned[Any], key: tuple[str, int]) -> Owned[Any]:
        if owned.tags != UNREAD or (want := wanted.get(key)) is None:
            return owned
        resource = replace(owned.resource, id=want.id)
        return replace(owned, resource=resource, tags=tuple(sorted(tag.wanted(want, stack.id, config).items())))

    listeners = tuple(tagged(each, (each.arn, 0)) for each in observed.listeners)
    return replace(
        observed, listeners=listeners, rules=tuple(tagged(each, (each.parent, each.resource.priority)) for each in observed.rules)
    )


def details(stack: Stack) -> frozenset[Detail] | None:
    """The details that a comparison with this stack needs. None: it needs more than `after` can know."""
    others = (stack.certificates, stack.registrations, stack.web_acls, stack.regional_web_acls, stack.protections, stack.records)
    if any(others) or not stack.records_known or any(each.minimum_capacity is not None for each in stack.load_balancers):
        return None
    having: tuple[LoadBalancer | TargetGroup | Listener, ...] = (*stack.load_balancers, *stack.target_groups, *stack.listeners)
    return frozenset((type(each).__name__, each.id, key) for each in having for key, _ in each.attributes)


def sufficient(observed: Observed, known: Iterable[Detail], stack: Stack) -> bool:
    """Whether a decision about the stack can be made from what is known. A load balancer that goes is always read before."""
    wanted = details(stack)
    if wanted is None or not wanted <= frozenset(known):
        return False
    balancers = sorted((each.id, each.type, each.scheme) for each in stack.load_balancers)
    return balancers == sorted((each.resource.id, each.resource.type, each.resource.scheme) for each in observed.load_balancers)


def complete(observed: Observed) -> bool:
    """Whether `after` can describe everything that was found."""
    others = (observed.certificates, observed.records, observed.web_acls, observed.regional_web_acls, observed.protections)
    strange = observed.registered or observed.unidentified or observed.denied
    return not any(others) and not strange and not any(_secret(each.resource) for each in (*observed.listeners, *observed.rules))


def _certain(operation: Operation) -> bool:
    match operation:
        case Create(resource=resource) | Update(resource=resource):
            return isinstance(resource, PLAIN) and not _secret(resource)
        case Delete(before=before):
            return isinstance(before.resource, PLAIN)
        case _:
            return isinstance(operation, SetRulePriorities | PutBinding | DeleteBinding | CreateBackendGroup)


def _secret(resource: object) -> bool:
    """Whether it has a secret: AWS never shows it, so what is known of it is a fingerprint."""
    actions = resource.actions if isinstance(resource, Rule) else resource.default_actions if isinstance(resource, Listener) else ()
    return any(isinstance(each, AuthenticateOidc) for each in actions)


def _perform(things: dict[str, Owned[Any]], operation: Operation, known: Mapping[Token, Token], ids: Mapping[Ref, str]) -> None:
    match operation:
        case Create(resource=resource, tags=tags):
            made = _created(resource, tags, known, ids)
            things[made.arn] = made
        case Update(resource=resource, before=before):
            things[before.arn] = _updated(things[before.arn], operation, swap(resource, known))
        case Delete(before=before):
            _removed(things, before.arn)
        case SetRulePriorities(moves=moves):
            for move in moves:
                if (old := things.get(move.rule.arn)) is not None:  # it may have been deleted since
                    things[old.arn] = replace(old, resource=replace(old.resource, priority=move.priority))
        case _:
            pass  # a binding is in the cluster, and the shared security group belongs to no stack


def _created(resource: Noun, tags: Pairs, known: Mapping[Token, Token], ids: Mapping[Ref, str]) -> Owned[Any]:
    row, parent = BY_CLASS[type(resource)], _parent(resource)
    return Owned(
        resource=_plain(resource, known),
        arn=ids[row.ref(resource.id)],
        tags=tags,
        parent=ids[parent] if parent else "",
        dns_name=ids.get(Ref(row.name, resource.id, "dns_name"), ""),
        zone_id=ids.get(Ref(row.name, resource.id, "zone_id"), ""),
    )


def _plain(resource: Noun, known: Mapping[Token, Token]) -> Noun:
    """The resource with ids, without the tags of its own, and of a listener with all certificates as AWS lists them."""
    found: Noun = replace(swap(resource, known), tags=())  # type: ignore[arg-type]
    if isinstance(found, Listener) and found.certificates:
        return replace(found, certificates=(*found.certificates[:1], *sorted(str(each) for each in found.certificates)))
    return found


def _updated(old: Owned[Any], operation: Update, resource: Noun) -> Owned[Any]:
    gone = {key for key, _ in operation.remove_tags}
    tags = {key: value for key, value in old.tags if key not in gone} | dict(operation.put_tags)
    kept: dict[str, Any] = {}
    if isinstance(resource, Rule):
        kept["priority"] = old.resource.priority
    if isinstance(resource, LoadBalancer | TargetGroup):
        kept["name"] = old.resource.name
    if isinstance(resource, TargetGroup):
        kept["port"] = old.resource.port
    if isinstance(resource, LoadBalancer | TargetGroup | Listener):
        kept["attributes"] = tuple(sorted((dict(old.resource.attributes) | dict(resource.attributes)).items()))
    return replace(old, resource=replace(_plain(resource, {}), **kept), tags=tuple(sorted(tags.items())))


def _removed(things: dict[str, Owned[Any]], arn: str) -> None:
    """AWS deletes the listeners of a load balancer and the rules of a listener with it."""
    things.pop(arn, None)
    for below in [each.arn for each in things.values() if each.parent == arn]:
        _removed(things, below)


def _parent(resource: Noun) -> Ref | None:
    match resource:
        case Listener(load_balancer=ref) | Rule(listener=ref):
            return ref
        case _:
            return None
