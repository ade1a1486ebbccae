"""A Service → an intent and all its problems."""

from typing import Any

from albatross.catalog.annotations import Annotation
from albatross.catalog.annotations import service as row
from albatross.frontend.group import NOTHING, Group, Read, Readings
from albatross.frontend.notes import ReadingNotes
from albatross.frontend.placeholder import placeholders
from albatross.frontend.protection import protects
from albatross.frontend.reader import place
from albatross.frontend.service import listener, load_balancer
from albatross.frontend.service.placement import BALANCED, TARGET_TYPES, origin
from albatross.frontend.service.reading import Reading
from albatross.frontend.unused import unused
from albatross.model.config import Config
from albatross.model.intent import Balancer, Intent, Member, Share
from albatross.model.snapshot import Service, Snapshot

ID = "LoadBalancer"
"""The resource id of the load balancer."""


def read(snapshot: Snapshot, config: Config, group: Group, before: Readings = NOTHING) -> Read:
    """Read the Service of a group, or check whether its deletion is blocked. The group has one member at most, so it is read again."""
    notes = ReadingNotes()
    for ident in group.leaving:
        _protected(snapshot.services[ident.key], notes)
    broken = notes.errors > 0
    found = [_member(snapshot.services[ident.key], snapshot, config, notes) for ident in group.members]
    balancers = (Balancer(id=ID, family="network", shares=tuple(share for _, share in found), lasting=True),) if found else ()
    intent = Intent(id=group.id, members=tuple(member for member, _ in found), balancers=balancers, broken=broken)
    return Read(intent, notes.problems)


def _member(service: Service, snapshot: Snapshot, config: Config, notes: ReadingNotes) -> tuple[Member, Share]:
    reading, before = Reading(service, snapshot, config, notes), notes.errors
    _odd(reading)
    share = Share(
        member=reading.origin.ident,
        origin=reading.origin,
        settings=load_balancer.settings(reading),
        tags=load_balancer.tags(reading),
        listens=listener.listens(reading),
        openings=load_balancer.openings(reading),
    )
    _unused(reading)
    live = any(each.hostname for each in service.status)
    faulty = notes.errors > before
    return Member(ident=share.member, origin=share.origin, uid=service.metadata.uid, faulty=faulty, live=live), share


def _odd(reading: Reading) -> None:
    """What works, but hardly as it was meant."""
    service, reader, notes = reading.service, reading.reader, reading.notes
    kind = reader.raw(row.TYPE.key)
    written = reader.raw(row.TARGET_TYPE.key)
    if kind and service.load_balancer_class is not None and kind.value not in ("external", "nlb-ip"):
        notes.add("LB133", kind.origin, annotation=row.TYPE.name, reason="spec.loadBalancerClass decides who creates the load balancer")
    if written and written.value not in TARGET_TYPES:
        notes.add("LB232", written.origin, annotation=row.TARGET_TYPE.name, value=written.value, meant="instance")
    if service.type != BALANCED:
        notes.add("LB218", reading.origin.at("spec.type"), type=service.type)
    if not service.ports:
        notes.add("LB219", reading.origin.at("spec.ports"))


def _protected(service: Service, notes: ReadingNotes) -> None:
    """A Service that is deleted, or is not ours any more, keeps its load balancer while its own attributes protect it."""
    at = origin(service)
    if protects(row.ATTRIBUTES, at, service.metadata.annotations, notes):
        notes.add("LB214", place(at, row.ATTRIBUTES.key), annotation=row.ATTRIBUTES.name)


def _unused(reading: Reading) -> None:
    """Report our annotations that were not read. Under the same prefix there are annotations of other clouds, which are not ours."""

    def reason(known: Annotation[Any]) -> str:
        return _REASONS.get(known.name, "the Service has no ports" if not reading.service.ports else "it is not used here")

    placeholders((reading.origin, reading.service.metadata.annotations), reading.notes)
    stems = tuple(row.PREFIX + stem for stem in row.OURS)
    unused((reading.origin, reading.service.metadata.annotations), stems, reading.notes, reason)


_REASONS = {
    row.TARGET_NODE_LABELS.name: "the targets are pods, not nodes",
    row.LISTENER_ATTRIBUTES.name: "no listener has this protocol and port",
    row.ACTIONS.name: "no listener has this protocol and port",
    row.PORT_ATTRIBUTES.name: "no target group has this port",
    row.MINIMUM_CAPACITY.name: "feature gate LBCapacityReservation is off",
    row.HEALTHCHECK_TIMEOUT.name: "feature gate NLBHealthCheckAdvancedConfig is off",
    row.SUCCESS_CODES.name: "feature gate NLBHealthCheckAdvancedConfig is off",
}
