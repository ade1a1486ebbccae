"""The model loop with everything around it."""

from dataclasses import dataclass, field
from typing import Any

from tests.controller.scripted import Account, Cluster, Heard
from tests.world import annotated, objects

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


def default(service: str) -> dict[str, Any]:
    return {"defaultBackend": {"service": {"name": service, "port": {"number": 80}}}}


def rule(service: str) -> dict[str, Any]:
    path = {"path": "/", "pathType": "Prefix", **{"backend": default(service)["defaultBackend"]}}
    return {"host": "www.example.com", "http": {"paths": [path]}}


OTHER = {"kind": "Service", "metadata": {"name": "other", "uid": "2"}, "spec": {"ports": [{"name": "http", "port": 80}]}}
