"""The existing load balancers of the cluster, and everything else with its tag."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import TypeVar

from albatross.aws.session.client import Session
from albatross.catalog import tracking
from albatross.model.config import Config
from albatross.model.facts import Tags
from albatross.model.resources.stack import StackId

T = TypeVar("T")


async def load_balancers(session: Session, config: Config) -> frozenset[str]:
    """The ARNs of all load balancers with the tag of the cluster, from any creator. Reads the shared inventory."""
    return frozenset(item["LoadBalancerArn"] for item, _ in _ours(await session.inventory.load_balancers(), config))


async def stacks(session: Session, config: Config) -> frozenset[StackId]:
    """The stacks that these load balancers belong to by their tags."""
    ours = _ours(await session.inventory.load_balancers(), config)
    return frozenset(stack for _, tags in ours if (stack := tracking.tagged(tags)))


async def tagged(session: Session, config: Config) -> Sequence[tuple[str, Tags]]:
    """The id and the tags of everything in the inventory with the tag of the cluster: load balancers, target groups, security groups."""
    inventory = session.inventory
    balancers, groups, firewalls = await asyncio.gather(inventory.load_balancers(), inventory.target_groups(), inventory.security_groups())
    found = (
        *((item["LoadBalancerArn"], tags) for item, tags in balancers),
        *((item["TargetGroupArn"], tags) for item, tags in groups),
        *((item["GroupId"], tags) for item, tags in firewalls),
    )
    return _ours(((str(id), tags) for id, tags in found), config)


def _ours(found: Iterable[tuple[T, Tags]], config: Config) -> list[tuple[T, Tags]]:
    """Those with the tag of the cluster."""
    return [(each, tags) for each, tags in found if config.cluster_name in (tags.get(key) for key in tracking.CLUSTER_TAGS)]
