"""Hosted zones of the account and their records. One list of each is cached for all stacks, because Route 53 allows five calls a second."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from albatross.aws.session.client import Session
from albatross.aws.session.errors import NotFound
from albatross.aws.wire import record as wire
from albatross.aws.wire import zone as hosted
from albatross.catalog import heritage, tracking
from albatross.catalog import zone as belonging
from albatross.model.config import Config
from albatross.model.facts import HostedZone, RecordFact, RecordsOf
from albatross.model.observed import Owned
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.record import Record, identity
from albatross.model.resources.stack import Stack, StackId

RECORD_SECONDS = 60.0
"""How long the records of a zone with names of a stack are cached; our own writes read them again."""
OTHER_SECONDS = 3600.0
"""The same for the other zones: only we create the records that are looked for there."""

Items = dict[str, list[dict[str, Any]]]


async def listed(session: Session, config: Config) -> Items:
    """The items of the calls that list the hosted zones."""
    found = await hosted.hosted(session)
    private = any((each.get("Config") or {}).get("PrivateZone") for each in found)
    ours = await session.cache.get(("zones", config.vpc_id), hosted.ZONE_SECONDS, lambda: _of_vpc(session, config)) if private else []
    return {"route53.ListHostedZones": found, "route53.ListHostedZonesByVPC": ours}


async def _of_vpc(session: Session, config: Config) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    token: str | None = None
    while True:
        page = await session.call("route53", "ListHostedZonesByVPC", VPCId=config.vpc_id, VPCRegion=config.region, NextToken=token)
        found += page.get("HostedZoneSummaries") or []
        token = page.get("NextToken")
        if not token:
            return found


async def records(session: Session, zone: str, seconds: float = RECORD_SECONDS) -> list[dict[str, Any]]:
    """Every record of a zone, with the id of the zone; empty if the zone was deleted."""
    return await session.cache.get(("records", zone), seconds, lambda: _records(session, zone))


async def _records(session: Session, zone: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    start: dict[str, Any] = {}
    while True:
        try:
            page = await session.call("route53", "ListResourceRecordSets", HostedZoneId=zone, **start)
        except NotFound:
            session.cache.forget("zones")
            return []
        found += ({"HostedZoneId": zone, **each} for each in page["ResourceRecordSets"])
        if not page.get("IsTruncated"):
            return found
        start = {f"Start{key}": page.get(f"Next{key}") for key in ("RecordName", "RecordType", "RecordIdentifier")}


def forget(session: Session, zone: str) -> None:
    """Read the records of a zone again next time."""
    session.cache.forget(("records", zone))


async def named(session: Session, question: RecordsOf, config: Config) -> Items:
    """The items of the calls that list the zones, and the records of the zones that hold the names."""
    items = await listed(session, config)
    holders = [each.id for each in wire.zones(items) if any(belonging.holds(each, name) for name in question.names)]
    found = await asyncio.gather(*(records(session, each) for each in holders))
    return {**items, "route53.ListResourceRecordSets": [item for each in found for item in each]}


async def owned(
    session: Session, stack_id: StackId, config: Config, stack: Stack | None, balancers: Sequence[Owned[LoadBalancer]]
) -> tuple[Owned[Record], ...]:
    """The records of a stack. Makes no call unless the stack has records, or its load balancer has the tag of one that had some."""
    if stack is not None and not stack.records_known:
        return ()
    wanted = frozenset(each.zone for each in stack.records) if stack else frozenset()
    if not (wanted or config.enable_dns or any(key == tracking.NAMED for each in balancers for key, _ in each.tags)):
        return ()
    zones = wire.zones(await listed(session, config))
    found = await asyncio.gather(*(records(session, each.id, _age(each, wanted)) for each in zones if _reachable(each)))
    return tuple(own for zone, items in zip(filter(_reachable, zones), found, strict=True) for own in _own(zone, items, stack_id, config))


def _age(zone: HostedZone, wanted: frozenset[str]) -> float:
    return RECORD_SECONDS if zone.id in wanted else OTHER_SECONDS


def _reachable(zone: HostedZone) -> bool:
    """Whether we can have made records there: in every public zone, and in the private zones of our VPC."""
    return zone.ours or not zone.private


def _own(zone: HostedZone, items: Iterable[Mapping[str, Any]], stack: StackId, config: Config) -> Iterable[Owned[Record]]:
    found = [wire.fact(item) for item in items]
    texts = {each.name: each for each in found if each.type == "TXT" and not each.routing}
    ours = {name: owner for name, each in texts.items() if (owner := _owner(each)) and heritage.owns(owner, config, stack)}
    for each in found:
        name = each.name if each.type == "TXT" else heritage.name(each.name, each.type, zone.name)
        if (owner := ours.get(name)) and each.type in ("A", "AAAA", "TXT") and not each.routing:
            yield _noun(each, owner)


def _owner(text: RecordFact) -> heritage.Heritage | None:
    return next((owner for value in text.values if (owner := heritage.read(value))), None)


def _noun(found: RecordFact, owner: heritage.Heritage) -> Owned[Record]:
    id = identity(found.zone, found.name, found.type)
    noun = Record(
        id=id,
        zone=found.zone,
        name=found.name,
        type=found.type,
        target=found.target,
        target_zone=found.target_zone,
        ttl=found.ttl,
        values=found.values,
        member=owner.ident,
    )
    return Owned(resource=noun, arn=id)
