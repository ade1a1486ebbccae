"""The model loop with everything around it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.clock import Virtual
from tests.controller.scripted import Account, Cluster, Heard
from tests.world import CONFIG, annotated, objects

from albatross.aws.session.errors import Denied, Limit
from albatross.catalog.tracking import INGRESS, finalizer
from albatross.controller.groups import Groups
from albatross.controller.index import Index
from albatross.controller.worker import Verdict
from albatross.model.resources.stack import StackId

APP, TEAM = StackId(INGRESS, "shop", "app"), StackId(INGRESS, "", "team")
OURS = finalizer(APP)
IP = {"target-type": "ip"}
GROUPED = {**IP, "group.name": "team"}
BAD = {"healthcheck-interval-seconds": "x"}
FULL = Limit("elbv2", "CreateListener", "TooManyListeners", "no more")
LATER = Denied("elbv2", "DescribeLoadBalancers", "AccessDenied", "no")

INTERVAL = 1800.0
"""Seconds for which a loop of these tests remembers what it has read, if it remembers at all."""


@dataclass
class Bed:
    """The loop with everything around it."""

    cluster: Cluster
    account: Account
    heard: Heard
    groups: Groups
    index: Index = field(init=False)

    def __post_init__(self) -> None:
        self.index = self.groups.index

    def apply(self, name: str = "app", annotations: dict[str, str] = IP, **rest: Any) -> None:
        """Apply an Ingress like the base one, and the objects that it needs."""
        own = {} if name == "app" else {"spec": {"ingressClassName": "alb", **default("web")}}
        found = objects(annotated(annotations, name, **{**own, **rest}))
        self.cluster.apply(*(each for each in found if each["kind"] != "Ingress" or each["metadata"]["name"] == name))

    async def look(self, stack: StackId = APP) -> Verdict:
        """One pass."""
        return await self.groups.reconcile(stack)


def loop(cluster: Cluster, account: Account, heard: Heard, interval: float = 0.0) -> Groups:
    """A model loop that remembers what it has read for this number of seconds."""
    index = Index(cluster.cache, CONFIG)
    cluster.cache.listen(index.note)  # type: ignore[arg-type]  # whether a change matters is the queue's business
    found = Groups(cluster, cluster.cache, account, CONFIG, index, heard)
    found.decider.memory.seconds = interval
    return found


@asynccontextmanager
async def running(clock: Virtual | None = None, interval: float = 0.0) -> AsyncIterator[Bed]:
    """A loop, and everything around it."""
    cluster, account = Cluster(), Account(CONFIG, clock)
    heard = Heard(cluster)
    found = Bed(cluster, account, heard, loop(cluster, account, heard, interval))
    yield found
    await found.groups.close()
    account.inventory.close()


async def passed(bed: Bed, clock: Virtual) -> Verdict:
    """One pass; its pauses take no time."""
    task = asyncio.ensure_future(bed.look())
    while not task.done():
        await clock.advance(0.01)
        await asyncio.sleep(0)
    return task.result()


def default(service: str) -> dict[str, Any]:
    return {"defaultBackend": {"service": {"name": service, "port": {"number": 80}}}}


def rule(service: str) -> dict[str, Any]:
    path = {"path": "/", "pathType": "Prefix", **{"backend": default(service)["defaultBackend"]}}
    return {"host": "www.example.com", "http": {"paths": [path]}}


OTHER = {"kind": "Service", "metadata": {"name": "other", "uid": "2"}, "spec": {"ports": [{"name": "http", "port": 80}]}}
