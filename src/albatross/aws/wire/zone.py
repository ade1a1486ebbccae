"""Hosted zones of the account: one list for certificates and for names of load balancers."""

from typing import Any

from albatross.aws.session.client import Session
from albatross.aws.wire import record
from albatross.catalog import zone as belonging
from albatross.model.facts import HostedZone

ZONE_SECONDS = 300.0
"""How long the list of hosted zones is cached."""


async def hosted(session: Session) -> list[dict[str, Any]]:
    """The items of the account's hosted zones."""
    return await session.cache.get("zones", ZONE_SECONDS, lambda: session.pages("route53", "ListHostedZones", "HostedZones"))


async def public(session: Session, name: str) -> HostedZone | None:
    """The public zone of a name."""
    return belonging.public((record.zone(each, ()) for each in await hosted(session)), name)
