"""Hosted zones of the account and their records. One list of each is cached for all stacks, because Route 53 allows five calls a second."""

import asyncio
from collections.abc import Collection
from typing import Any

from albatross.aws.session.client import Session
from albatross.aws.session.errors import NotFound
from albatross.aws.wire import record as wire
from albatross.aws.wire import zone as hosted
from albatross.model.config import Config
from albatross.model.facts import HostedZone, RecordsOf
from albatross.model.resources.stack import StackId

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
    holders = [each.id for each in wire.zones(items) if wire.related(question.names, each)]
    found = await asyncio.gather(*(records(session, each) for each in holders))
    return {**items, "route53.ListResourceRecordSets": [item for each in found for item in each]}


async def owned(session: Session, stack: StackId, config: Config, wanted: Collection[str]) -> tuple[wire.Own, ...]:
    """The records of a stack in every zone; `wanted` are the zones of the names that it needs."""
    zones = await _reachable(session, config)
    ages = (RECORD_SECONDS if each.id in wanted else OTHER_SECONDS for each in zones)
    found = await asyncio.gather(*(records(session, each.id, age) for each, age in zip(zones, ages, strict=True)))
    return tuple(own for zone, items in zip(zones, found, strict=True) for own in wire.own(zone, items, stack, config))


async def stacks(session: Session, config: Config) -> frozenset[StackId]:
    """The stacks of the cluster that the ownership records in all its zones name."""
    zones = await _reachable(session, config)
    found = await asyncio.gather(*(records(session, each.id) for each in zones))
    return frozenset(stack for items in found for stack in wire.owners(items, config))


async def _reachable(session: Session, config: Config) -> list[HostedZone]:
    """The zones that can have records of the cluster: the public ones, and the private ones of its VPC."""
    return [each for each in wire.zones(await listed(session, config)) if each.ours or not each.private]
