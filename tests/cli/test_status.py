"""The tree of what stands in AWS."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.controller.scripted import Account
from tests.world import CONFIG

from albatross.aws.read import standing
from albatross.catalog import good, tracking
from albatross.catalog.good import Good
from albatross.catalog.identity import ANNOTATION, Principal, written
from albatross.catalog.tracking import INGRESS
from albatross.cli.live import Live
from albatross.cli.status import _claimed, _stayed, _troubles, draw, trees
from albatross.cli.terminal.tree import Leaf, lines
from albatross.cli.trouble import LEASES, leader, told
from albatross.frontend.group import Group, Placement
from albatross.kube.client import Client
from albatross.kube.config import Access
from albatross.kube.errors import Forbidden
from albatross.model.ident import Ident
from albatross.model.observed import Observed, Owned
from albatross.model.problem import Origin, Problem
from albatross.model.resources.action import FixedResponse, Forward, WeightedTargetGroup
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Condition, Rule
from albatross.model.resources.stack import StackId
from albatross.model.resources.target_group import HealthCheck, TargetGroup
from albatross.model.snapshot import Ingress, IngressBackend, Metadata, Snapshot, TargetGroupBinding

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

STACK = StackId(INGRESS, "", "grp3")


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
        if path != LEASES:
            return {"items": []}
        self.asked.append(params)
        return {"items": list(self.items)}


async def test_the_lease_says_who_the_controller_is() -> None:
    known = Principal(kind="irsa", arn="arn:aws:sts::1:assumed-role/lb/x", account="1")
    lease = {"metadata": {"annotations": {ANNOTATION: written(known, "me")}}, "spec": {"holderIdentity": "me"}}
    leases = Leases({"metadata": {}}, lease)
    assert await leader(leases) == (known.words, ())
    assert await leader(leases, "mine") == (known.words, ())
    assert leases.asked == [{"labelSelector": "app.kubernetes.io/name=albatross"}, {"fieldSelector": "metadata.name=mine"}]
    assert await leader(Leases({"metadata": {}})) == ("", ())
    assert await leader(Leases(refused=True)) == ("", ())


class Told(Client):
    """A cluster with a Lease and events, in pages of one."""

    def __init__(self, lease: dict[str, Any], *events: dict[str, Any]) -> None:
        super().__init__(Access(server="http://127.0.0.1:9", source="test"))
        self.lease, self.events = lease, events

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        if path == LEASES:
            return {"items": [self.lease]}
        assert params is not None
        kind, start = params["fieldSelector"].partition("=")[2], int(params.get("continue", 0))
        found = [
            each for each in self.events if each["involvedObject"]["kind"] == kind and f"/{each['involvedObject']['namespace']}/" in path
        ]
        more = {"continue": str(start + 1)} if start + 1 < len(found) else {}
        return {"items": found[start : start + 1], "metadata": more}


def warning(kind: str, name: str, message: str, at: int, reason: str = "FailedDeployModel", **more: Any) -> dict[str, Any]:
    about = {"kind": kind, "namespace": "shop", "name": name}
    type = "Normal" if reason == "SuccessfullyReconciled" else "Warning"
    return {"involvedObject": about, "type": type, "reason": reason, "message": message, "lastTimestamp": f"{at:02}", **more}


async def test_objects_whose_last_pass_failed_say_why() -> None:
    known = Principal(kind="irsa", arn="arn:aws:sts::1:assumed-role/lb/x", account="1")
    lease = {
        "metadata": {"namespace": "shop", "annotations": {ANNOTATION: written(known, "pod-1_x")}},
        "spec": {"holderIdentity": "pod-1_x"},
    }
    cluster = Told(
        lease,
        warning("Ingress", "web", "LB511: old", 1),
        warning("Ingress", "web", "LB511: denied", 2),
        warning("Ingress", "web", "LB714: secret", 1, "FailedBuildModel"),
        warning("Ingress", "good", "LB511: denied", 1),
        warning("Ingress", "good", "", 2, "SuccessfullyReconciled"),
        warning("TargetGroupBinding", "lent", "LB722: trust", 1, "FailedReconcile"),
        warning("TargetGroupBinding", "k8s-web", "LB511: targets", 1, "FailedReconcile"),
        warning("ServiceAccount", "lb", "LB751: no Service", 1, "WebhooksNotReached", reportingInstance="pod-1"),
    )
    assert await leader(cluster) == (known.words, ("LB751: no Service",))
    found = await told(cluster, "shop")
    web = Ident("Ingress", "shop", "web")
    lent, own = (Ident("TargetGroupBinding", "shop", name) for name in ("lent", "k8s-web"))
    assert found == {
        web: Leaf("Ingress shop/web", "failed", "LB511: denied", (Leaf("also", remark="LB714: secret"),)),
        lent: Leaf("TargetGroupBinding shop/lent", "failed", "LB722: trust"),
        own: Leaf("TargetGroupBinding shop/k8s-web", "failed", "LB511: targets"),
    }
    bindings = {
        ident.key: TargetGroupBinding(metadata=Metadata(namespace="shop", name=ident.name, labels=labels))
        for ident, labels in ((lent, {}), (own, dict(tracking.labels(STACK))))
    }
    group = Group.of(STACK, [Placement(ident=web, stack=STACK)])
    snapshot = Snapshot(bindings=bindings)
    assert [each.label for each in _troubles(found, [group], snapshot, False)] == ["Ingress shop/web", "TargetGroupBinding shop/k8s-web"]
    assert [each.label for each in _troubles(found, [], snapshot, True)] == ["TargetGroupBinding shop/lent"]


def claimed(*found: Placement) -> str:
    return _claimed(Leaf("k8s-app", "active", "internal a.example"), Group.of(STACK, found)).remark


def test_several_target_groups_show_their_weights() -> None:
    both = Forward((WeightedTargetGroup("tg", 1), WeightedTargetGroup("new", 0)))
    observed = Observed(
        load_balancers=(Owned(resource=BALANCER, arn="lb"),),
        listeners=(Owned(resource=replace(LISTENER, default_actions=(both,)), arn="l", parent="lb"),),
        target_groups=(Owned(resource=GROUP, arn="tg"), Owned(resource=replace(GROUP, name="k8s-b"), arn="new")),
    )
    (root,) = draw(observed, {"tg": [], "new": []}, {})
    assert [line.plain.strip("│├└─ ") for line in lines(root)][-2:] == [
        "k8s-a  HTTP to ips, health at /ping, weight 1",
        "k8s-b  HTTP to ips, health at /ping, weight 0",
    ]


def test_a_load_balancer_without_a_sure_member_says_so() -> None:
    ident = Ident("Ingress", "shop", "one")
    problem = Problem("LB203", Origin.of(ident), (("class", "test"), ("name", "p")))
    assert claimed(Placement(ident=ident, stack=STACK)) == "internal a.example"
    assert claimed() == "internal a.example, no object of the cluster claims it (group grp3)"
    assert claimed(Placement(ident=ident, held=(STACK,))) == "internal a.example, shop/one leaves it"
    told = claimed(Placement(ident=ident, held=(STACK,), undecided=True, problems=(problem,)))
    assert told.startswith("internal a.example, kept as it is; shop/one: LB203 ")


async def test_what_aws_has_is_shown_without_any_object() -> None:
    tags = {"elbv2.k8s.aws/cluster": CONFIG.cluster_name, "ingress.k8s.aws/stack": "grp3", "ingress.k8s.aws/resource": "LoadBalancer"}
    account = Account(CONFIG)
    own = [{"Key": key, "Value": value} for key, value in tags.items()]
    for name, more in (("k8s-old", own), ("other", [])):
        await account.call("elbv2", "CreateLoadBalancer", Name=name, Type="application", Scheme="internal", SubnetMappings=[], Tags=more)
    world = Live(Bare(), account, CONFIG)
    try:
        assert await standing.stacks(account, CONFIG) == {STACK}
        (root,) = await trees(world)
        assert (root.label, root.remark) == ("k8s-old", "internal k8s-old.elb, no object of the cluster claims it (group grp3)")
        assert await trees(world, "shop/web") == []
    finally:
        account.inventory.close()


def test_a_member_at_its_last_good_version_is_named() -> None:
    fine = Ingress(metadata=Metadata(namespace="shop", name="app", uid="1"), default_backend=IngressBackend("web", 80))
    notes = {"alb.ingress.kubernetes.io/scheme": "x"}
    broken = replace(fine, metadata=replace(fine.metadata, annotations=notes))
    text = good.write(Good(fine, "2026-01-01T00:00:00Z"), broken)
    assert isinstance(text, str)
    kept = replace(broken, metadata=replace(broken.metadata, annotations={**notes, tracking.LAST_GOOD: text}))
    group, root = Group(STACK, (Ident("Ingress", "shop", "app"),)), Leaf("k8s-app", "active", "internal a.example")
    found = [_stayed(root, group, Snapshot(ingresses={each.metadata.key: each})).remark for each in (broken, kept)]
    assert found == ["internal a.example", "internal a.example; shop/app: last good version in use since 2026-01-01T00:00:00Z"]


class Bare(Client):
    """A cluster without objects."""

    def __init__(self) -> None:
        super().__init__(Access(server="http://127.0.0.1:9", source="test"))

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        return {"items": [], "metadata": {}}


def test_a_certificate_that_is_not_issued_yet_is_shown() -> None:
    pending = Certificate(id="c", type="AMAZON_ISSUED", domain_name="www.example.com")
    owned = tuple(Owned(resource=pending, arn=state, state=state) for state in ("PENDING_VALIDATION", "ISSUED"))
    observed = Observed(certificates=owned)
    assert [root.label + " " + root.state for root in draw(observed, {}, {})] == ["certificate www.example.com pending validation"]
