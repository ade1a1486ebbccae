"""A group of Ingresses → an intent and all problems of its members."""

from collections.abc import Sequence

from albatross.catalog.annotations import ingress as row
from albatross.catalog.value import boolean
from albatross.frontend.group import NOTHING, Group, Placement, Read, Readings
from albatross.frontend.ingress import in_front, load_balancer, member, ownership, tenancy
from albatross.frontend.ingress.context import Subject
from albatross.frontend.ingress.member import ID, MemberInput, MemberReading
from albatross.frontend.ingress.target_group import service_origin
from albatross.frontend.notes import ReadingNotes
from albatross.frontend.placeholder import placeholders
from albatross.frontend.protection import protects
from albatross.frontend.reader import place
from albatross.frontend.unused import unused
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.intent import Balancer, Intent, Setting
from albatross.model.snapshot import Ingress, IngressClassParams, Snapshot


def read(snapshot: Snapshot, config: Config, group: Group, before: Readings = NOTHING) -> Read:
    """Read every member of a group, and check whether leaving members block it. Readings from before are used if they still hold."""
    notes = ReadingNotes()
    for ident in group.unclear:
        for problem in group.problems(ident):
            notes.put(problem)
    for ident in group.leaving:
        _protected(snapshot.ingresses[ident.key], group, notes)
    broken = notes.errors > 0
    readings = _readings(snapshot, config, group, _capacity(snapshot, group, notes), before)
    found = tuple(readings.values())
    _report(found, snapshot, notes)
    intent = Intent(
        id=group.id,
        members=tuple(each.member for each in found),
        balancers=_balancers(found),
        broken=broken or any(each.broken for each in found),
        first_come=config.first_come_hosts or any(True for _ in tenancy.policies(group.id, snapshot)),
    )
    return Read(intent, notes.problems, readings)


def _capacity(snapshot: Snapshot, group: Group, notes: ReadingNotes) -> Setting[int] | None:
    """The capacity from the class of the first member."""
    if not group.members:
        return None
    first = group.members[0]
    subject = Subject(snapshot.ingresses[first.key], _params(group.placements[first]), notes)
    return load_balancer.overrides(subject).minimum_capacity


def _readings(
    snapshot: Snapshot, config: Config, group: Group, capacity: Setting[int] | None, before: Readings
) -> dict[Ident, MemberReading]:
    members = [snapshot.ingresses[ident.key] for ident in group.members]
    given, enabled = any(map(_security_groups_given, members)), any(map(_nlb_enabled, members))
    limits = {space: tenancy.limits(space, group.id, snapshot) for space in {each.metadata.namespace for each in members}}
    found = {}
    for ident, ingress in zip(group.members, members, strict=True):
        placement = group.placements[ident]
        entry = MemberInput(
            ingress=ingress,
            params=_params(placement),
            config=config,
            stack=group.id,
            problems=placement.problems,
            limits=limits[ident.namespace],
            security_groups_given=given,
            nlb_enabled=enabled,
            capacity=capacity,
        )
        known = before.get(ident)
        if not (isinstance(known, MemberReading) and known.holds(entry, snapshot)):
            known = member.read(entry, snapshot)
        found[ident] = known
    return found


def _report(found: Sequence[MemberReading], snapshot: Snapshot, notes: ReadingNotes) -> None:
    """All problems: first those of the load balancers, then those of the routes, then annotations that were not read."""
    for part in range(3):
        for each in found:
            for problem in each.problems[part]:
                notes.put(problem)
    for each in found:
        notes.absorb(each.used)
    for key in sorted({key for each in found for key in each.services}):
        service = snapshot.services[key]
        layer = (service_origin(service), service.metadata.annotations)
        placeholders(layer, notes)
        unused(layer, member.STEMS, notes, member.reason)


def _balancers(found: Sequence[MemberReading]) -> tuple[Balancer, ...]:
    """The application load balancer. If a member enables it, also the network load balancer in front of it."""
    if not found:
        return ()
    own = Balancer(id=ID, family="application", shares=tuple(each.own for each in found))
    if not found[0].entry.nlb_enabled:
        return (own,)
    shares, switch = tuple(each.front for each in found), row.ENABLE_NLB.name
    front = Balancer(id=in_front.ID, family="network", shares=shares, in_front_of=ID, switch=switch, words="frontend-nlb-")
    return own, front


def _params(placement: Placement) -> IngressClassParams | None:
    return next((each for each in placement.rulers if isinstance(each, IngressClassParams)), None)


def _security_groups_given(ingress: Ingress) -> bool:
    written = ingress.metadata.annotations.get(row.SECURITY_GROUPS.key, "")
    return bool(row.SECURITY_GROUPS.parse(written).value)


def _nlb_enabled(ingress: Ingress) -> bool:
    return bool(boolean(ingress.metadata.annotations.get(row.ENABLE_NLB.key, "false")).value)


def _protected(ingress: Ingress, group: Group, notes: ReadingNotes) -> None:
    """A deleted Ingress blocks the group while its own annotation sets deletion protection on the load balancer.

    An Ingress that moves to another group blocks only if no member remains, because otherwise the load balancer is not deleted.
    """
    origin = ownership.origin(ingress)
    if group.members and not ingress.metadata.deleting:
        return
    if not protects(row.LOAD_BALANCER_ATTRIBUTES, origin, ingress.metadata.annotations, notes):
        return
    at = place(origin, row.LOAD_BALANCER_ATTRIBUTES.key)
    if ingress.metadata.deleting:
        notes.add("LB214", at, annotation=row.LOAD_BALANCER_ATTRIBUTES.name)
    else:
        notes.add("LB216", at, group=str(group.id))
