"""The existing load balancers of the cluster."""

from albatross.aws.session.client import Session
from albatross.catalog.tracking import CLUSTER_TAGS
from albatross.model.config import Config


async def load_balancers(session: Session, config: Config) -> frozenset[str]:
    """The ARNs of all load balancers with the tag of the cluster, from any creator. Reads the shared inventory."""
    found = await session.inventory.load_balancers()
    return frozenset(item["LoadBalancerArn"] for item, tags in found if config.cluster_name in (tags.get(key) for key in CLUSTER_TAGS))
