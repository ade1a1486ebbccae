"""What nothing needs is found and deleted; what something may want is kept."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.controller.scripted import Account
from tests.world import CONFIG

from albatross.aws.session.errors import AwsError, NotReady
from albatross.aws.wire import record
from albatross.catalog import heritage, tracking
from albatross.catalog.problems import message
from albatross.catalog.tracking import GATEWAY_ALB, INGRESS, SERVICE
from albatross.cli import gc, leftover
from albatross.cli.live import Live
from albatross.kube.client import Client
from albatross.kube.config import Access
from albatross.kube.errors import KubeNotFound
from albatross.model.ident import Ident
from albatross.model.resources.stack import StackId

OLD = StackId(INGRESS, "shop", "old")
TEAM = StackId(INGRESS, "", "team")
LISTS = {"Ingress": "/ingresses", "TargetGroupBinding": "/targetgroupbindings", "Service": "/services"}


class Objects(Client):
    """A cluster with these objects."""

    def __init__(self, *objects: Mapping[str, Any]) -> None:
        super().__init__(Access(server="http://127.0.0.1:9", source="test"))
        self.objects = objects
        self.deleted: list[str] = []

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        return {"items": [each for each in self.objects if path.endswith(LISTS.get(each["kind"], " "))], "metadata": {}}

    async def delete(self, path: str, body: Any = None) -> dict[str, Any]:
        if path in self.deleted:
            raise KubeNotFound("DELETE", path, 404, "NotFound")
        self.deleted.append(path)
        return {}


def ingress(name: str, spec: Mapping[str, Any] | None = None, **head: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "shop", "uid": name, **head}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": dict(spec or {})}


def pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


async def balancer(account: Account, stack: StackId, **more: str) -> str:
    """A load balancer with a target group and a security group."""
    config = account.config
    for noun in ("LoadBalancer", "TargetGroup"):
        tags = pairs({**tracking.tags(config, stack, noun), **more})
        given: dict[str, Any] = {"Type": "application", "Scheme": "internal", "SubnetMappings": [], "Tags": tags}
        if noun == "TargetGroup":
            given |= {"TargetType": "ip", "Protocol": "HTTP", "Port": 1, "HealthCheckProtocol": "HTTP"}
        await account.call("elbv2", f"Create{noun}", Name=f"k8s-{stack.name}", **given)
    tags = pairs({**tracking.tags(config, stack, "ManagedLBSecurityGroup"), **more})
    await account.call("ec2", "CreateSecurityGroup", GroupName=f"k8s-{stack.name}", Description="x", TagSpecifications=[{"Tags": tags}])
    return str(account.made["TargetGroup"][-1]["TargetGroupArn"])


async def found(account: Account, *objects: Mapping[str, Any], everything: bool = True) -> leftover.Leftovers:
    try:
        return await leftover.look(Live(Objects(*objects), account, account.config), everything)
    finally:
        account.inventory.close()


def words(of: leftover.Leftovers) -> list[str]:
    return [f"{each.code} {message(each)}" for each in of.problems]


async def test_what_nothing_wants_is_deleted_and_the_rest_stays() -> None:
    account = Account(CONFIG)
    await balancer(account, OLD)
    await balancer(account, TEAM)
    other = replace(CONFIG, cluster_name="other")
    account.config = other
    await balancer(account, StackId(INGRESS, "shop", "foreign"))
    account.config = CONFIG
    left = await found(account, ingress("web", finalizers=[tracking.finalizer(TEAM)]), everything=False)
    assert [each.key for each in left.decisions] == ["shop/old"]
    assert words(left) == []
    account.journal.clear()
    assert await gc.sweep(Live(Objects(), account, CONFIG), left) == []
    assert account.writes()[0] == "DeleteLoadBalancer"
    assert sorted(account.writes()) == ["DeleteLoadBalancer", "DeleteSecurityGroup", "DeleteTargetGroup"]
    assert [each["Name"] for each in account.made["LoadBalancer"]] == ["k8s-team", "k8s-foreign"]
    assert [each["GroupName"] for each in account.made["SecurityGroup"]] == ["k8s-team", "k8s-foreign"]


@pytest.mark.parametrize(
    "present",
    [
        ingress("old", annotations={"kubernetes.io/ingress.class": "nginx"}),
        ingress("new", finalizers=[tracking.finalizer(TEAM)], deletionTimestamp="2026-01-01T00:00:00Z"),
    ],
)
async def test_objects_of_any_class_keep_what_has_their_name_or_finalizer(present: dict[str, Any]) -> None:
    account = Account(CONFIG)
    await balancer(account, OLD if present["metadata"]["name"] == "old" else TEAM)
    assert await found(account, present) == leftover.Leftovers((), ())


async def test_another_cluster_must_be_confirmed() -> None:
    account = Account(CONFIG)
    await balancer(account, OLD)
    (told,) = words(await found(account, everything=False))
    assert told == "LB681 no object of the cluster at http://127.0.0.1:9 has anything in AWS with the tag of cluster prod-eks"


async def test_doubts_keep_it() -> None:
    account = Account(CONFIG)
    await balancer(account, StackId(GATEWAY_ALB, "shop", "gate"))
    await balancer(account, OLD, **{f"{INGRESS}/cluster": "second"})
    await balancer(account, TEAM)
    lost = ingress("lost", annotations={"kubernetes.io/ingress.class": "alb", "alb.ingress.kubernetes.io/group.name": "A B"})
    left = await found(account, lost)
    assert left.decisions == ()
    reasons = [told.split(" is kept: ")[1] for told in words(left)]
    assert set(reasons) == {
        "a controller of another kind of objects made it",
        "arn:LoadBalancer/4 has the tag of cluster second too",
        "the group of Ingress shop/lost is unknown, and may be this one",
    }


async def test_what_an_object_names_is_kept() -> None:
    account = Account(CONFIG)
    arn = await balancer(account, OLD)
    binding = {"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": "TargetGroupBinding", "metadata": {"name": "b", "namespace": "x", "uid": "b"}}
    spec = {"targetGroupARN": arn, "serviceRef": {"name": "s", "port": 1}, "targetType": "ip"}
    left = await found(account, {**binding, "spec": spec})
    assert words(left) == [f"LB680 what group shop/old has in AWS is kept: TargetGroupBinding x/b names {arn}"]
    own = {**binding, "metadata": {**binding["metadata"], "labels": dict(tracking.labels(OLD))}, "spec": spec}  # type: ignore[dict-item]
    left = await found(account, own)
    assert words(left) == []
    cluster = Objects(own)
    assert await gc.sweep(Live(cluster, account, CONFIG), left) == []
    assert cluster.deleted == ["/apis/elbv2.k8s.aws/v1beta1/namespaces/x/targetgroupbindings/b"]


async def test_what_is_protected_or_unknown_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(CONFIG)
    await balancer(account, OLD)
    account.made["TargetGroup"][0]["Tags"] = pairs(tracking.tags(CONFIG, OLD))
    left = await found(account)
    assert words(left) == ["LB680 what group shop/old has in AWS is kept: arn:TargetGroup/2 has no tag that says what it is"]
    assert "TargetGroup" not in str([step.id for each in left.plans for step in each.steps])
    call = account.call

    async def protected(service: str, operation: str, /, **request: Any) -> dict[str, Any]:
        if operation == "DescribeLoadBalancerAttributes":
            return {"Attributes": [{"Key": "deletion_protection.enabled", "Value": "true"}]}
        return await call(service, operation, **request)

    monkeypatch.setattr(account, "call", protected)
    assert words(await found(account)) == ["LB680 what group shop/old has in AWS is kept: deletion protection of k8s-old is on"]


async def test_a_refusal_is_told_and_a_delay_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(CONFIG)
    await balancer(account, OLD)
    left = await found(account)
    naps: list[float] = []

    async def sleep(seconds: float) -> None:
        naps.append(seconds)
        account.refuse.clear()

    account.refuse["DeleteSecurityGroup"] = NotReady("held", 3)
    monkeypatch.setattr(account.clock, "sleep", sleep)
    assert await gc.sweep(Live(Objects(), account, CONFIG), left) == []
    assert (naps, account.made["SecurityGroup"]) == ([3], [])
    again = Account(CONFIG)
    await balancer(again, OLD)
    again.refuse["DeleteTargetGroup"] = AwsError("elbv2", "DeleteTargetGroup", "AccessDenied", "no")
    (wrong,) = await gc.sweep(Live(Objects(), again, CONFIG), await found(again))
    assert (wrong.code, "DeleteTargetGroup" in message(wrong)) == ("LB682", True)


async def test_names_alone_are_found() -> None:
    member = Ident("Ingress", "shop", "old")
    text = heritage.write(heritage.ours(CONFIG, OLD, member))
    other = heritage.write(heritage.ours(replace(CONFIG, cluster_name="x"), OLD, member))
    service = heritage.write(heritage.ours(CONFIG, StackId(SERVICE, "a", "b"), member))
    items = [
        {"HostedZoneId": "Z", "Name": "a-www.example.com.", "Type": "TXT", "TTL": 300, "ResourceRecords": [{"Value": value}]}
        for value in (text, other, service, '"free"')
    ]
    assert list(record.owners(items, CONFIG)) == [OLD, StackId(SERVICE, "a", "b")]


def test_the_form_is_that_of_plan(capsys: pytest.CaptureFixture[str]) -> None:
    gc._show(leftover.Leftovers((), ()), "json", False)
    assert json.loads(capsys.readouterr().out)["changes"] == 0
    gc._show(leftover.Leftovers((), ()), "text", False)
    assert "nothing to delete" in capsys.readouterr().out
