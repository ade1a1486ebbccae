"""Matches desired with current resources, and replaces the ARNs of the kept ones with references.

Desired nouns refer to each other by `Ref`, because most ARNs do not exist until AWS has created the resource. Current nouns from AWS
contain ARNs. This module converts both to one form, once: if a resource is kept, its ARN becomes the reference. The ARN of a resource that
is deleted or replaced is still an ARN. So a rule that forwards to it differs from the desired rule, and is changed before the deletion.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from albatross.model.config import Config
from albatross.model.observed import Observed, Owned
from albatross.model.plan import Noun
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.record import Record
from albatross.model.resources.ref import Ref, Token
from albatross.model.resources.rule import Rule
from albatross.model.resources.stack import Stack
from albatross.planner import form
from albatross.planner.nouns import BY_CLASS, NOUNS, Identity, Row
from albatross.token import swap

C = TypeVar("C", Listener, Rule)

BALANCER, LISTENER = BY_CLASS[LoadBalancer], BY_CLASS[Listener]
TOKENS = frozenset(row.token for row in NOUNS)
"""Fields that other resources contain. A DNS name can be referenced too, but only a record contains it."""
NOTHING: Mapping[str, Ref] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A stack, with the current resources.

    `plain` has the current resources with the ids of AWS; `current` has the same resources in the same order, with references to those
    that are kept. `ids` maps each reference to the id of the current resource; a desired resource without an id is created.
    `aliases` are more DNS names that count as those of a load balancer of the stack.
    """

    stack: Stack
    plain: Observed
    current: Observed
    ids: Mapping[Ref, str]
    aliases: Mapping[str, Ref] = field(default_factory=dict)


def link(stack: Stack, observed: Observed, config: Config, aliases: Mapping[str, Ref] = NOTHING) -> Linked:
    """Match the stack with the current resources. `aliases`: more DNS names that count as those of a load balancer of the stack."""
    ids: dict[Ref, str] = {}
    for row in NOUNS:
        if row.identity is Identity.TAG:
            ids.update(_survivors(row, stack, observed, config))
    ids.update(_listeners(stack, observed, ids))
    plain = replace(observed, bindings=tuple(_named(observed)))
    current = replace(_current(plain, ids), records=tuple(_aimed(plain, ids, aliases)))
    return Linked(stack=stack, plain=plain, current=current, ids=ids, aliases=aliases)


def changed(desired: object, current: object) -> tuple[str, ...]:
    """The names of the fields that an update of the current noun would change.

    Ids and tags are compared elsewhere. A field with `apart` has a separate operation. AWS does not change or show a field with `ignore`.
    """
    return tuple(
        each.name
        for each in fields(desired)  # type: ignore[arg-type]
        if each.metadata.get("diff") not in ("ignore", "apart")
        and each.name not in ("id", "tags")
        and getattr(desired, each.name) != getattr(current, each.name)
    )


def outgrown(desired: object, current: object, config: Config) -> tuple[str, ...]:
    """The changed fields that need a replacement, because AWS has no call that changes them."""
    ruled = {each.name for each in fields(desired) if each.metadata.get("diff") == "replace"}  # type: ignore[arg-type]
    found = changed(desired, form.project(desired, current, config))
    return (*(name for name in found if name in ruled), *form.frozen(desired, current, config))


# Kept resources ----------------------------------------------------------------------------------------------------


def _survivors(row: Row, stack: Stack, observed: Observed, config: Config) -> Iterator[tuple[Ref, str]]:
    current = by_id(row.current(observed))
    for want in row.desired(stack):
        fit = [each for each in current.get(want.id, ()) if not outgrown(want, each.resource, config)]
        if not fit:
            continue
        # Two resources have the same id if a pass ended between the creation of the new one and the deletion of the old one.
        have = fit[0 if row.only else -1]
        yield row.ref(want.id), have.arn
        for name in row.learns:
            if value := getattr(have, name):
                yield Ref(row.name, want.id, name), value


def by_id(found: Iterable[Owned[Noun]]) -> Mapping[str, list[Owned[Noun]]]:
    """Current resources by their resource ids, in their order."""
    named: dict[str, list[Owned[Noun]]] = {}
    for each in found:
        named.setdefault(each.resource.id, []).append(each)
    return named


def _listeners(stack: Stack, observed: Observed, ids: Mapping[Ref, str]) -> Iterator[tuple[Ref, str]]:
    """A listener is matched by its port: AWS can change the protocol of a listener, but not its port.

    TCP and UDP can share a port. So listeners with the same protocol are matched first; the others are matched by port alone.
    """
    left = {(each.parent, each.resource.port, each.resource.protocol): each.arn for each in observed.listeners}
    unmatched: list[tuple[Listener, str]] = []
    for want in stack.listeners:
        # A new load balancer has no current listeners.
        if balancer := ids.get(want.load_balancer):
            if arn := left.pop((balancer, want.port, want.protocol), ""):
                yield LISTENER.ref(want.id), arn
            else:
                unmatched.append((want, balancer))
    for want, balancer in unmatched:
        if key := next((key for key in left if key[:2] == (balancer, want.port)), None):
            yield LISTENER.ref(want.id), left.pop(key)


# References instead of ids -----------------------------------------------------------------------------------------


def _named(observed: Observed) -> Iterator[Owned[Any]]:
    """Bindings with the resource id of their target group, because the object in the cluster has no tag with an id."""
    names = {each.arn: each.resource.id for each in observed.target_groups}
    for each in observed.bindings:
        yield replace(each, resource=replace(each.resource, id=names.get(str(each.resource.target_group), "")))


def _current(plain: Observed, ids: Mapping[Ref, str]) -> Observed:
    names: dict[Token, Token] = {value: ref for ref, value in ids.items() if ref.field in TOKENS}
    swapped: dict[str, Any] = {row.field: tuple(_swapped(each, names) for each in row.current(plain)) for row in NOUNS if not row.alone}
    linked = replace(plain, **swapped)
    # A child refers to its parent even if the parent is deleted: `carry` needs this to find the listener of a rule.
    balancers = {each.arn: BALANCER.ref(each.resource.id) for each in plain.load_balancers}
    listeners = {each.arn: LISTENER.ref(each.resource.id) for each in plain.listeners}
    listeners |= {arn: ref for ref, arn in ids.items() if ref.kind == LISTENER.name}
    return replace(
        linked,
        listeners=tuple(_under(each, "load_balancer", balancers) for each in linked.listeners),
        rules=tuple(_under(each, "listener", listeners) for each in linked.rules),
    )


def _aimed(plain: Observed, ids: Mapping[Ref, str], aliases: Mapping[str, Ref]) -> Iterator[Owned[Record]]:
    """Records with references to the load balancers to which they lead. Only here is a DNS name an id."""
    names = {**aliases, **{value.lower(): ref for ref, value in ids.items() if ref.field == "dns_name"}}
    for each in plain.records:
        yield replace(each, resource=replace(each.resource, target=names.get(str(each.resource.target), each.resource.target)))


def _swapped(owned: Owned[Noun], names: Mapping[Token, Token]) -> Owned[Noun]:
    resource = swap(owned.resource, names)
    return owned if resource is owned.resource else replace(owned, resource=resource)


def _under(owned: Owned[C], field: str, parents: Mapping[str, Ref]) -> Owned[C]:
    parent: dict[str, Any] = {field: parents[owned.parent]} if owned.parent in parents else {}
    return replace(owned, resource=replace(owned.resource, **parent))
