"""The fast loop, between an API server and an account."""

from dataclasses import dataclass, field
from typing import Any

from tests.clock import until
from tests.kube.wire import Api

from albatross.controller.bindings import KIND
from albatross.controller.targets import TargetsLoop
from albatross.kube.cache import Cache
from albatross.kube.client import Client
from albatross.kube.events import Event, Recorder
from albatross.model.snapshot import (
    Endpoint,
    EndpointSlice,
    Key,
    Metadata,
    Pod,
    Service,
    ServicePort,
)

Account = Any
PATH = "/apis/elbv2.k8s.aws/v1beta1/namespaces/shop/targetgroupbindings/tgb"
SHARED = "/api/v1/namespaces/shop/configmaps/aws-lbc-targets-tgb"
SERVICE = Service(metadata=Metadata(namespace="shop", name="web"), ports=(ServicePort("http", 80, 8080),))
GATE = "target-health.elbv2.k8s.aws/tgb"


class Heard(Recorder):
    """Keeps what is emitted."""

    def __init__(self, client: Client) -> None:
        super().__init__(client, "targetGroupBinding")
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def reasons(self) -> list[str]:
        return [each.reason for each in self.events]


@dataclass
class Bed:
    api: Api
    account: Account
    loop: TargetsLoop
    heard: Heard
    arn: str
    mark: int = 0
    woken: list[Key] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cache.listen(lambda change: self.woken.extend(self.loop.index.wakes(change)))

    @property
    def cache(self) -> Cache:
        return self.loop.cache

    async def bind(self, **spec: Any) -> None:
        own = {"targetGroupARN": self.arn, "targetType": "ip", "ipAddressType": "ipv4", "serviceRef": {"name": "web", "port": 80}}
        await self.api.make(KIND, "tgb", "shop", spec={name: value for name, value in {**own, **spec}.items() if value is not None})
        await until(lambda: self.cache.get(KIND, ("shop", "tgb")))
        await self.look()

    async def look(self) -> float | None:
        """One pass over the binding as the API server has it now."""
        found = await self.api.client.get(PATH)
        version = found["metadata"]["resourceVersion"]

        def seen() -> bool:
            return bool(self.cache.get(KIND, ("shop", "tgb")).metadata.resource_version == version)

        await until(seen)
        self.mark = self.account.mark()
        return (await self.loop.reconcile(("shop", "tgb"))).after

    def serve(self, *names: str, ready: bool = True) -> list[Key]:
        """Have pods behind the Service, by the last part of their address; the bindings that this wakes."""
        self.woken.clear()
        self.cache.put("Service", ("shop", "web"), SERVICE)
        for name in names:
            self.cache.put("Pod", ("shop", name), Pod(namespace="shop", name=name, uid=name, pod_ip=address(name)))
        found = tuple(Endpoint(address(name), ("shop", name), "node-0", ready) for name in names)
        self.cache.put(
            "EndpointSlice",
            ("shop", "web-1"),
            EndpointSlice(namespace="shop", name="web-1", service="web", ports=(("http", 8080),), endpoints=found),
        )
        return list(self.woken)

    def operations(self) -> list[str]:
        return [call["operation"] for call in self.account.calls(self.mark)]

    def fault(self, operation: str, code: str, times: int = 1) -> None:
        planned = {"service": "elasticloadbalancing", "operation": operation, "code": code, "status": 400, "times": times}
        self.account.control("faults", [planned])

    async def registered(self) -> set[str]:
        rows = (await self.loop.session.call("elbv2", "DescribeTargetHealth", TargetGroupArn=self.arn))["TargetHealthDescriptions"]
        return {row["Target"]["Id"].rpartition(".")[2] for row in rows if row["TargetHealth"]["State"] != "draining"}

    async def listed(self) -> str:
        data = (await self.api.client.get(SHARED))["data"]
        return str(data["targets"])


def address(name: str) -> str:
    return f"127.200.60.{name}"
