"""The tree of what stands in AWS."""

from collections.abc import Mapping
from typing import Any

from albatross.catalog.identity import ANNOTATION, Principal, written
from albatross.cli.status import LEASES, draw, leader
from albatross.cli.terminal.tree import lines
from albatross.kube.client import Client
from albatross.kube.config import Access
from albatross.kube.errors import Forbidden
from albatross.model.observed import Observed, Owned
from albatross.model.resources.action import FixedResponse, Forward, WeightedTargetGroup
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Condition, Rule
from albatross.model.resources.target_group import HealthCheck, TargetGroup

BALANCER = LoadBalancer(id="LoadBalancer", name="k8s-app", type="application", scheme="internal", ip_address_type="ipv4")
LISTENER = Listener(
    id="443",
    load_balancer=Ref("LoadBalancer", "LoadBalancer", "arn"),
    port=443,
    protocol="HTTPS",
    default_actions=(FixedResponse(status_code="404"),),
    certificates=("arn:c", "arn:c"),
    ssl_policy="Policy",
)
GROUP = TargetGroup(
    id="a",
    name="k8s-a",
    target_type="ip",
    port=1,
    protocol="HTTP",
    ip_address_type="ipv4",
    health_check=HealthCheck(
        port="traffic-port",
        protocol="HTTP",
        path="/ping",
        interval_seconds=15,
        timeout_seconds=5,
        healthy_threshold_count=2,
        unhealthy_threshold_count=2,
    ),
)


def rule(number: int, path: str) -> Owned[Rule]:
    forward = Forward((WeightedTargetGroup("tg"),))
    conditions = (Condition(field="path-pattern", values=(path,)),)
    listener = Ref("Listener", "443", "arn")
    return Owned(
        resource=Rule(id=path, listener=listener, priority=number, actions=(forward,), conditions=conditions), arn=path, parent="l"
    )


def test_a_group_is_drawn_in_the_order_of_its_rules() -> None:
    observed = Observed(
        load_balancers=(Owned(resource=BALANCER, arn="lb", dns_name="k8s-app.example", state="active"),),
        listeners=(Owned(resource=LISTENER, arn="l", parent="lb"),),
        rules=(rule(2, "/b"), rule(1, "/a")),
        target_groups=(Owned(resource=GROUP, arn="tg"),),
    )
    health = {"tg": [{"Target": {"Id": "10.0.0.1", "Port": 80}, "TargetHealth": {"State": "unhealthy", "Description": "timed out"}}]}
    (root,) = draw(observed, health, {"10.0.0.1": "web-1"})
    assert [line.plain for line in lines(root)] == [
        "k8s-app  ● active  internal k8s-app.example",
        "└─ HTTPS:443  1 certificate, Policy",
        "   ├─ 1  path-pattern is /a",
        "   │  └─ k8s-a  HTTP to ips, health at /ping",
        "   │     └─ 10.0.0.1:80  ● unhealthy  web-1 timed out",
        "   ├─ 2  path-pattern is /b",
        "   │  └─ k8s-a  HTTP to ips, health at /ping",
        "   │     └─ 10.0.0.1:80  ● unhealthy  web-1 timed out",
        "   └─ default → answer 404",
    ]


class Leases(Client):
    """A cluster with these Leases, or one that refuses to list them."""

    def __init__(self, *items: dict[str, Any], refused: bool = False) -> None:
        super().__init__(Access(server="http://127.0.0.1:9", source="test"))
        self.items, self.refused = items, refused
        self.asked: list[Mapping[str, str] | None] = []

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        if self.refused:
            raise Forbidden("GET", path, 403)
        assert path == LEASES
        self.asked.append(params)
        return {"items": list(self.items)}


async def test_the_lease_says_who_the_controller_is() -> None:
    known = Principal(kind="irsa", arn="arn:aws:sts::1:assumed-role/lb/x", account="1")
    lease = {"metadata": {"annotations": {ANNOTATION: written(known, "me")}}, "spec": {"holderIdentity": "me"}}
    leases = Leases({"metadata": {}}, lease)
    assert await leader(leases) == known.words
    assert await leader(leases, "mine") == known.words
    assert leases.asked == [{"labelSelector": "app.kubernetes.io/name=albatross"}, {"fieldSelector": "metadata.name=mine"}]
    assert await leader(Leases({"metadata": {}})) == ""
    assert await leader(Leases(refused=True)) == ""
