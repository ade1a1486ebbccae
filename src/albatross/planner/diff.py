"""Compares the desired with the current resources → a plan. Pure; the order of the input does not change the result.

`link` says which current resource each desired one keeps, and `nouns` says how each kind is compared. A field's metadata says what a
difference means: change it in place (the default), `replace` the resource, `ignore` it, or `apart`: a separate operation changes it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

from albatross.model.config import Config
from albatross.model.observed import Owned
from albatross.model.plan import (
    ChangeRecords,
    Create,
    CreateBackendGroup,
    Delete,
    DeleteBinding,
    Deregister,
    Move,
    Noun,
    Operation,
    Plan,
    PutBinding,
    Register,
    Retire,
    SetCapacity,
    SetRulePriorities,
    Update,
)
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import BACKEND, Ref
from albatross.model.resources.rule import Rule
from albatross.model.resources.stack import Stack
from albatross.model.target import Target
from albatross.planner import awaited, form, order, rules, tag
from albatross.planner.link import BALANCER, LISTENER, Linked, by_id, changed, link, outgrown
from albatross.planner.nouns import NOUNS, Identity, Row
from albatross.planner.replacing import Replacements, together, whole
from albatross.planner.uses import uses
from albatross.token import refs


def plan(linked: Linked, config: Config, scene: Replacements | None = None) -> Plan:
    """The operations that turn the current resources into the stack; empty if both are equal. An empty stack deletes all resources.

    `scene`: what is deleted in addition, and what stays although the stack does not have it.
    """
    scene = scene or whole(linked.plain)
    draft = _Draft(linked, config, scene)
    for row in NOUNS:
        _COMPARE[row.identity](draft, row)
    _capacities(draft)
    _registrations(draft)
    _replaced(draft)
    # The shared group belongs to no stack: the first stack that refers to it creates it.
    if any(BACKEND in _refs(operation) for operation in draft.operations):
        draft.operations.append(CreateBackendGroup())
    operations = awaited.marked(draft.operations, linked, config)
    # Uses are searched by ARN, so this needs the resources without references.
    steps = order.arrange(operations, uses(together(linked.plain, scene.gone), operations))
    return Plan(stack=linked.stack.id, steps=steps, ids=linked.ids, standby=scene.standby, at=linked.plain.at, apart=scene.apart)


@dataclass(slots=True)
class _Draft:
    """A plan that is not complete yet."""

    linked: Linked
    config: Config
    scene: Replacements
    operations: list[Operation] = field(default_factory=list)

    def create(self, resource: Noun, replaces: Owned[Noun] | None = None, why: tuple[str, ...] = (), room: tuple[str, ...] = ()) -> None:
        tags = tuple(sorted(tag.wanted(resource, self.linked.stack.id, self.config).items()))
        self.operations.append(Create(resource=resource, tags=tags, replaces=replaces, changed=why, room=room))

    def update(self, resource: Noun, before: Owned[Noun], fields: tuple[str, ...]) -> None:
        put, remove = tag.changes(resource, before, self.linked.stack.id, self.config)
        if put or remove:
            fields = (*fields, "tags")
        if fields:
            self.operations.append(Update(resource=resource, before=before, changed=fields, put_tags=put, remove_tags=remove))

    def delete(self, before: Owned[Noun], replaced: bool = False) -> None:
        self.operations.append(Delete(before=before, replaced=replaced))

    def differing(self, resource: object, before: Owned[object]) -> tuple[str, ...]:
        """The fields to change in place, after both sides have the same form."""
        return changed(resource, form.project(resource, before.resource, self.config))


def _refs(operation: Operation) -> frozenset[Ref]:
    return refs(operation.resource) if isinstance(operation, Create | Update | PutBinding) else frozenset()


# By the tag that holds the resource id -----------------------------------------------------------------------------


def _by_tag(draft: _Draft, row: Row) -> None:
    stack, current = draft.linked.stack, by_id(row.current(draft.linked.current))
    _leaving(draft, row, {each.id: each for each in row.desired(stack)})
    for want in row.desired(stack):
        arn = draft.linked.ids.get(row.ref(want.id))
        old = current.get(want.id, [])
        if arn is None:
            # No current resource can be kept. If one with this id exists, AWS can't change it in place, so the new one replaces it.
            stays = draft.scene.old(want.id) if isinstance(want, LoadBalancer) else None
            if stays:
                draft.create(want, stays.before, stays.changed)
            else:
                draft.create(want, old[-1] if old else None, outgrown(want, old[-1].resource, draft.config) if old else ())
            continue
        have = next(each for each in old if each.arn == arn)
        unready = ("state",) if row.unready and have.state == row.unready else ()
        draft.update(want, have, (*draft.differing(want, have), *unready))


def _leaving(draft: _Draft, row: Row, wanted: Mapping[str, Noun]) -> None:
    for each in row.current(draft.linked.current):
        want = wanted.get(each.resource.id)
        if want is None:
            draft.delete(each)
        elif draft.linked.ids.get(row.ref(want.id)) == each.arn:
            continue  # this one is kept
        elif outgrown(want, each.resource, draft.config):
            draft.delete(each, replaced=True)
        elif row.only:
            draft.delete(each)


def _replaced(draft: _Draft) -> None:
    """Load balancers that others have replaced: the address moves from them, or they are deleted with all that only they use."""
    scene = draft.scene
    if scene.moving:
        draft.operations += [Retire(before=each.before) for each in scene.standby if not each.moved]
    gone = _Draft(link(Stack(id=draft.linked.stack.id, records_known=False), scene.gone, draft.config), draft.config, whole(scene.gone))
    for row in NOUNS:
        _COMPARE[row.identity](gone, row)
    _registrations(gone)
    draft.operations += [replace(each, retired=True) if isinstance(each, Delete) else each for each in gone.operations]


def _capacities(draft: _Draft) -> None:
    """Reserved capacity is a separate call, because it waits until the load balancer is active. Other operations must not wait for that."""
    current = {each.arn: each.resource for each in draft.linked.current.load_balancers}
    for want in draft.linked.stack.load_balancers if draft.config.gate("LBCapacityReservation") else ():
        ref = BALANCER.ref(want.id)
        have = current.get(draft.linked.ids.get(ref, ""))
        before = have.minimum_capacity if have else None
        # None: do not change the reservation. 0: remove it; a load balancer without a reservation has 0.
        if want.minimum_capacity is not None and want.minimum_capacity != (before or 0):
            draft.operations.append(SetCapacity(load_balancer=ref, units=want.minimum_capacity, before=before))


# Listeners and their rules -----------------------------------------------------------------------------------------


def _by_port(draft: _Draft, row: Row) -> None:
    ids = draft.linked.ids
    standing = {arn for ref, arn in ids.items() if ref.kind == BALANCER.name}
    # If a load balancer is deleted, its listeners need no operations: DeleteLoadBalancer deletes them too.
    current = {each.arn: each for each in draft.linked.current.listeners if each.parent in standing}
    kept = set[str]()
    for want in draft.linked.stack.listeners:
        arn = ids.get(row.ref(want.id), "")
        if have := current.get(arn):
            kept.add(arn)
            draft.update(want, have, draft.differing(want, have))
        else:
            draft.create(want)
    for arn, each in current.items():
        if arn not in kept:
            draft.delete(each)


def _by_effect(draft: _Draft, row: Row) -> None:
    desired: defaultdict[object, list[Rule]] = defaultdict(list)
    for rule in draft.linked.stack.rules:
        desired[rule.listener].append(rule)
    current: defaultdict[str, list[Owned[Rule]]] = defaultdict(list)
    for each in draft.linked.current.rules:
        current[each.parent].append(each)
    for listener in draft.linked.stack.listeners:
        here = LISTENER.ref(listener.id)
        arn = draft.linked.ids.get(here)
        _rules(draft, here, desired[here], current[arn] if arn else [])


def _rules(draft: _Draft, here: Ref, desired: Sequence[Rule], current: Sequence[Owned[Rule]]) -> None:
    found = rules.match(desired, current, draft.config)
    if found.priorities:
        moves = tuple(Move(rule=rule, priority=priority) for rule, priority in found.priorities)
        draft.operations.append(SetRulePriorities(listener=here, moves=moves))
    # These rules have the desired settings, and `Move` changes their priority. Only tags can differ.
    for want, have in (*found.kept, *found.moved):
        draft.update(want, have, ())
    for want, have in found.changed:
        draft.update(want, have, draft.differing(want, have))
    # A listener may be full (quota: 100 rules); then one of these is deleted before the new rule is created.
    room = tuple(each.arn for each in found.deleted)
    for want in found.created:
        draft.create(want, room=room)
    for each in found.deleted:
        draft.delete(each)


# Bindings ----------------------------------------------------------------------------------------------------------


def _by_target_group(draft: _Draft, row: Row) -> None:
    """A binding is deleted together with its target group, because the ARN in a binding can't be changed."""
    linked = draft.linked
    current = {each.resource.target_group: each for each in linked.current.bindings}
    wanted = {each.target_group for each in linked.stack.bindings}
    for want in linked.stack.bindings:
        have = current.get(want.target_group)
        differing = draft.differing(want, have) if have else ()
        if have is None or differing:
            draft.operations.append(PutBinding(resource=want, before=have, changed=differing))
    # `plain` has the ARN of the target group: `order` needs it to find the rules that still forward to the group.
    for plain, now in zip(linked.plain.bindings, linked.current.bindings, strict=True):
        if now.resource.target_group not in wanted:
            draft.operations.append(DeleteBinding(before=plain))


# Web ACLs and Shield protection ------------------------------------------------------------------------------------

_host = attrgetter("resource")


def _by_host(draft: _Draft, row: Row) -> None:
    """One load balancer has at most one of each kind. If the stack does not set it, nothing changes: users also attach web ACLs by hand."""
    if not getattr(draft.config, row.switch):
        return
    current = {_host(each.resource): each for each in row.current(draft.linked.current)}
    if row.outlives:
        _outliving(draft, row)
    for want in row.desired(draft.linked.stack):
        have = current.get(_host(want))
        wish, now = getattr(want, row.value), getattr(have.resource, row.value) if have else None
        if wish and wish != now:
            draft.create(want, have)
        elif have and now and not wish:
            draft.delete(have)


def _outliving(draft: _Draft, row: Row) -> None:
    """What would stay after its load balancer is deleted is deleted too."""
    going = {each.before.arn for each in draft.operations if isinstance(each, Delete) and isinstance(each.before.resource, LoadBalancer)}
    for plain in row.current(draft.linked.plain):
        if _host(plain.resource) in going and getattr(plain.resource, row.value):
            draft.delete(plain)


def _registrations(draft: _Draft) -> None:
    """Load balancers that are targets of target groups: deregister the wrong targets, and register the right one."""
    linked = draft.linked
    wanted = {each.target_group: each for each in linked.stack.registrations}
    groups = {arn: ref for ref, arn in linked.ids.items() if ref.field == "arn"}
    right = set[Ref]()
    for arn, targets in sorted(linked.plain.registered.items()):
        group = groups.get(arn)
        want = wanted.get(group) if group else None
        if group and want and any(each.id in draft.scene.waiting for each in targets):
            right.add(group)  # its successor is registered when the address moves
            continue
        # An `alb` target group accepts one target only, so a wrong target in it blocks the right one.
        balancer = linked.ids.get(want.target, "") if want and isinstance(want.target, Ref) else ""
        wrong = tuple(each for each in targets if not balancer or each.id != balancer)
        if wrong:
            draft.operations.append(Deregister(target_group=group or arn, targets=wrong))
        if group and len(wrong) < len(targets):
            right.add(group)
    for token, want in wanted.items():
        if token not in right:
            targets = (Target(id=want.target, port=want.target_port),)
            draft.operations.append(Register(target_group=token, targets=targets))


# Records -----------------------------------------------------------------------------------------------------------


def _by_name(draft: _Draft, row: Row) -> None:
    """All changes of one zone are one call, so an alias never exists without its ownership record."""
    linked = draft.linked
    if not linked.stack.records_known:
        return
    wanted = {each.id: each for each in linked.stack.records}
    # `current` has references, `plain` the values that Route 53 must find to delete a record.
    current = {each.resource.id: each for each in linked.current.records}
    creates = [each for id, each in wanted.items() if id not in current or draft.differing(each, current[id])]
    changed = {each.id for each in creates}
    deletes = [each for each in linked.plain.records if each.resource.id not in wanted or each.resource.id in changed]
    if deletes and draft.scene.waiting:
        return  # until the address moves, names lead to the old load balancer, perhaps in another zone; new names can be added
    for zone in sorted({each.zone for each in creates} | {each.resource.zone for each in deletes}):
        made = tuple(sorted((each for each in creates if each.zone == zone), key=lambda each: each.id))
        gone = tuple(sorted((each for each in deletes if each.resource.zone == zone), key=lambda each: each.arn))
        draft.operations.append(ChangeRecords(zone=zone, creates=made, deletes=gone))


_COMPARE: Mapping[Identity, Callable[[_Draft, Row], None]] = {
    Identity.TAG: _by_tag,
    Identity.PORT: _by_port,
    Identity.EFFECT: _by_effect,
    Identity.TARGET_GROUP: _by_target_group,
    Identity.HOST: _by_host,
    Identity.NAME: _by_name,
}
