"""The fast loop, between an API server and an account."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.clock import until
from tests.kube.wire import Api, mirrored

from albatross.aws.session.errors import AwsError, NotFound
from albatross.controller.bindings import KIND
from albatross.controller.legacy import Legacy
from albatross.controller.targets import Nodes, TargetsLoop
from albatross.controller.worker import Verdict
from albatross.kube import crds
from albatross.kube.cache import Cache
from albatross.kube.client import Client
from albatross.kube.errors import KubeNotFound
from albatross.kube.events import Event, Recorder
from albatross.model.snapshot import (
    Endpoint,
    EndpointSlice,
    Key,
    Metadata,
    Node,
    Pod,
    PodCondition,
    ServerId,
    Service,
    ServicePort,
)

Account = Any
pytestmark = pytest.mark.xdist_group("controller-aws")
_NUMBER = itertools.count(1)
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


@pytest.fixture
async def bed(api: Api, account: Account) -> AsyncIterator[Bed]:
    await crds.ensure(api.client)
    await api.client.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    async with account.session() as session, mirrored(api.client, KIND) as mirror:
        name = f"loop-{next(_NUMBER)}"
        made = await session.call(
            "elbv2", "CreateTargetGroup", Name=name, Protocol="HTTP", Port=80, VpcId=account.ready["vpc_id"], TargetType="ip"
        )
        heard = Heard(api.client)
        loop = TargetsLoop(session, api.client, mirror.cache, account.config, heard)
        async with loop.roles:
            yield Bed(api, account, loop, heard, made["TargetGroups"][0]["TargetGroupArn"])


async def test_a_new_pod_costs_one_call(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind()
    assert await bed.registered() == {"10"}
    assert bed.heard.reasons() == ["SuccessfullyReconciled"]
    bed.serve("10", "11")
    await bed.look()
    assert bed.operations() == ["RegisterTargets"]
    bed.serve("11", "12")
    await bed.look()
    assert bed.operations() == ["RegisterTargets", "DeregisterTargets"]
    await bed.look()
    assert bed.operations() == []
    assert await bed.registered() == {"11", "12"}


async def test_after_a_failure_the_group_is_looked_at_anew(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind()
    bed.serve("10", "11")
    bed.fault("RegisterTargets", "TooManyTargets")
    with pytest.raises(AwsError):
        await bed.look()
    assert bed.heard.events[-1].reason == "FailedReconcile"
    assert "TooManyTargets" in bed.heard.events[-1].message
    await bed.look()
    assert bed.operations() == ["DescribeTargetHealth", "RegisterTargets"]


async def followed(bed: Bed) -> list[Key]:
    """Let another leader follow, which has read the digests; the bindings that it will compare later."""
    before, later = bed.loop.legacy, list[Key]()
    bed.loop.legacy = Legacy()
    bed.loop.legacy.read(before.text(1), 2)
    bed.loop.later = later.append
    bed.loop.known.lists.clear()
    return later


async def test_a_new_leader_reads_unchanged_targets_later(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind()
    later = await followed(bed)
    assert await bed.look() is None
    assert (bed.operations(), later) == ([], [("shop", "tgb")])
    await bed.look()
    assert bed.operations() == ["DescribeTargetHealth"]
    assert len(bed.loop.legacy.known) == 1


async def test_a_new_leader_registers_what_has_changed_at_once(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind()
    later = await followed(bed)
    bed.serve("10", "11")
    await bed.look()
    assert (bed.operations(), later) == (["DescribeTargetHealth", "RegisterTargets"], [])


async def test_no_digest_stays_of_a_binding_that_was_deleted(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind()
    assert len(bed.loop.legacy.known) == 1
    await bed.api.client.delete(PATH)
    await until(lambda: bed.cache.get(KIND, ("shop", "tgb")).metadata.deleting)
    await bed.loop.reconcile(("shop", "tgb"))
    await until(lambda: bed.cache.get(KIND, ("shop", "tgb")) is None)
    await bed.loop.reconcile(("shop", "tgb"))
    assert bed.loop.legacy.known == {}


async def test_targets_that_must_still_leave_are_not_in_place(bed: Bed) -> None:
    bed.serve("10", "11")
    await bed.bind()
    bed.loop.leave = lambda key: None
    bed.loop.session.plenty = lambda service, operation: False  # type: ignore[method-assign]
    bed.serve("10")
    await bed.look()
    assert await bed.registered() == {"10", "11"}
    assert bed.loop.legacy.known == {}


async def test_a_target_group_that_is_shared_or_fails_is_not_in_place(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind(multiClusterTargetGroup=True)
    assert bed.loop.legacy.known == {}
    bed.loop.legacy.note("TargetGroupBinding shop/tgb", "as before")
    bed.serve("10", "11")
    bed.fault("RegisterTargets", "TooManyTargets")
    with pytest.raises(AwsError):
        await bed.look()
    assert bed.loop.legacy.known == {}


async def test_a_new_target_group_that_aws_does_not_know_everywhere_is_not_told(bed: Bed) -> None:
    bed.serve("10")
    bed.loop.session.inventory.put("target_group", {"TargetGroupArn": bed.arn}, {})
    bed.loop.session.inventory.relist()  # the model loop was surprised too
    bed.fault("RegisterTargets", "TargetGroupNotFound")
    with pytest.raises(NotFound):
        await bed.bind()
    assert bed.heard.reasons() == []
    await bed.look()
    assert await bed.registered() == {"10"}
    bed.loop.session.inventory.drop("target_group", bed.arn)
    bed.serve("10", "11")
    bed.fault("RegisterTargets", "TargetGroupNotFound")
    with pytest.raises(NotFound):
        await bed.look()
    assert bed.heard.reasons()[-1] == "FailedReconcile", "it was deleted"


async def test_a_passing_failure_is_not_told(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind()
    told = len(bed.heard.events)
    bed.serve("10", "11")
    bed.fault("RegisterTargets", "Throttling", times=2)
    with pytest.raises(AwsError):
        await bed.look()
    assert len(bed.heard.events) == told


async def test_without_its_service_a_group_is_emptied(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind()
    bed.cache.put("Service", ("shop", "web"), None)
    await bed.look()
    assert await bed.registered() == set()
    assert "BackendNotFound" in bed.heard.reasons()


def policy(action: str, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, **more}]})


async def test_a_group_of_another_account_is_reached_by_its_role(bed: Bed) -> None:
    bed.serve("10")
    made = await bed.loop.session.call(
        "iam", "CreateRole", RoleName="lender", AssumeRolePolicyDocument=policy("sts:AssumeRole", Principal={"AWS": "*"})
    )
    own = policy("*", Resource="*")
    await bed.loop.session.call("iam", "PutRolePolicy", RoleName="lender", PolicyName="targets", PolicyDocument=own)
    await bed.bind(iamRoleArnToAssume=made["Role"]["Arn"], assumeRoleExternalId="secret")
    (call,) = [each for each in bed.account.calls(bed.mark) if each["operation"] == "RegisterTargets"]
    assert "assumed-role/lender" in call["principal"]
    assert call["request"]["Targets"] == [{"Id": "127.200.60.10", "Port": "8080"}], "it is in the target group's VPC"


async def test_a_list_keeps_what_is_leaving_until_it_has_left(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind(multiClusterTargetGroup=True)
    assert await bed.listed() == "127.200.60.10:8080"
    bed.serve("11")
    bed.fault("DeregisterTargets", "TooManyActions")
    with pytest.raises(AwsError):
        await bed.look()
    assert await bed.listed() == "127.200.60.10:8080,127.200.60.11:8080"
    await bed.look()
    assert await bed.listed() == "127.200.60.11:8080"
    assert await bed.registered() == {"11"}


async def test_a_cleanup_that_fails_is_in_the_status(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind()
    await bed.api.client.delete(PATH)
    bed.fault("DeregisterTargets", "TooManyActions")
    with pytest.raises(AwsError):
        await bed.look()
    found = await bed.api.client.get(PATH)
    assert [(each["type"], each["reason"]) for each in found["status"]["conditions"]] == [("Ready", "FailedCleanup")]
    assert bed.heard.events[-1].reason == "FailedCleanup"
    await bed.look()
    assert await bed.registered() == set()
    await until(lambda: bed.cache.get(KIND, ("shop", "tgb")) is None)
    assert await bed.loop.reconcile(("shop", "tgb")) == Verdict()


async def test_a_target_group_that_is_gone_does_not_hold_its_binding(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind()
    await bed.loop.session.call("elbv2", "DeleteTargetGroup", TargetGroupArn=bed.arn)
    await bed.api.client.delete(PATH)
    await bed.look()
    await until(lambda: bed.cache.get(KIND, ("shop", "tgb")) is None)


async def test_a_binding_that_is_deleted_during_a_pass_is_not_told_that_its_target_group_is_gone(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind()
    await bed.loop.session.call("elbv2", "DeleteTargetGroup", TargetGroupArn=bed.arn)
    bed.serve("10", "11")
    bed.heard.events.clear()
    task = asyncio.create_task(bed.loop.reconcile(("shop", "tgb")))
    await asyncio.sleep(0)
    bed.cache.put(KIND, ("shop", "tgb"), None)
    assert await task == Verdict()
    assert bed.heard.events == []


async def test_gates_wait_for_their_targets(bed: Bed) -> None:
    bed.serve()
    pod = {
        "metadata": {"namespace": "shop", "name": "10"},
        "spec": {"containers": [{"name": "a", "image": "b"}], "readinessGates": [{"conditionType": GATE}]},
    }
    made = await bed.api.client.create("/api/v1/namespaces/shop/pods", {"apiVersion": "v1", "kind": "Pod", **pod})
    bed.serve("10", ready=False)
    conditions = (PodCondition(type="ContainersReady", status="True"),)
    gated = replace(bed.cache.get("Pod", ("shop", "10")), uid=made["metadata"]["uid"], readiness_gates=(GATE,), conditions=conditions)
    bed.cache.put("Pod", ("shop", "10"), replace(gated, node_name="node-0"))
    bed.cache.put("Node", ("", "node-0"), Node(name="node-0", ready="True"))
    await bed.bind()

    async def told() -> tuple[str, str]:
        status = (await bed.api.client.get("/api/v1/namespaces/shop/pods/10"))["status"]
        (found,) = [each for each in status["conditions"] if each["type"] == GATE]
        return found["status"], found["reason"]

    assert await told() == ("False", "Elb.RegistrationInProgress")
    assert await bed.look() == bed.loop.config.targetgroupbinding_requeue_seconds
    assert "DescribeTargetHealth" in bed.operations()
    assert await told() == ("False", "Target.NotInUse")


async def test_a_pod_that_comes_after_its_slice_wakes_the_binding(bed: Bed) -> None:
    bed.serve("10")
    late = bed.cache.get("Pod", ("shop", "10"))
    bed.cache.put("Pod", ("shop", "10"), None)
    await bed.bind()
    assert await bed.registered() == set()
    bed.woken.clear()
    bed.cache.put("Pod", ("shop", "10"), late)
    assert bed.woken == [("shop", "tgb")]
    await bed.look()
    assert await bed.registered() == {"10"}


NODE = Node(name="n", provider_id="aws:///a/i-1", ready="True")


def test_nodes_are_seen_by_name_without_a_copy() -> None:
    found = Nodes({("", "n"): NODE})
    assert (found["n"], list(found), len(found), found.get("x")) == (NODE, ["n"], 1, None)


async def test_a_binding_made_by_hand_is_completed(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind(targetType=None, ipAddressType=None)
    found = (await bed.api.client.get(PATH))["spec"]
    assert (found["targetType"], found["ipAddressType"], found["targetGroupProtocol"]) == ("ip", "ipv4", "HTTP")
    assert await bed.registered() == {"10"}


async def test_targets_of_quic_are_registered_with_their_server_ids(bed: Bed) -> None:
    vpc_id = bed.account.ready["vpc_id"]
    made = await bed.loop.session.call(
        "elbv2", "CreateTargetGroup", Name="loop-quic", Protocol="QUIC", Port=443, VpcId=vpc_id, TargetType="ip", HealthCheckProtocol="TCP"
    )
    bed.arn = made["TargetGroups"][0]["TargetGroupArn"]

    def pod(name: str, uid: str, *ids: str) -> None:
        own = tuple(ServerId(variable=bed.loop.config.quic_environment_variable_name, id=each) for each in ids)
        bed.cache.put("Pod", ("shop", name), Pod(namespace="shop", name=name, uid=uid, pod_ip=address(name), server_ids=own))

    async def ids() -> dict[str, str]:
        rows = (await bed.loop.session.call("elbv2", "DescribeTargetHealth", TargetGroupArn=bed.arn))["TargetHealthDescriptions"]
        return {row["Target"]["Id"].rpartition(".")[2]: row["Target"]["QuicServerId"] for row in rows}

    bed.serve("10", "11")
    pod("10", "a", f"0x{1:016x}")
    await bed.bind(ipAddressType=None)  # the protocol is read from AWS
    assert await ids() == {"10": f"0x{1:016x}"}
    assert [each.message.partition(":")[0] for each in bed.heard.events if each.reason == "ServerIdMissing"] == ["no target for 11"]
    await bed.look()
    assert "RegisterTargets" not in bed.operations()
    pod("10", "b", f"0x{2:016x}")  # another pod with the address
    await bed.look()
    assert await ids() == {"10": f"0x{2:016x}"}
    assert bed.operations()[:2] == ["DeregisterTargets", "RegisterTargets"]


async def test_a_shared_group_is_emptied_of_our_targets_only(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind(multiClusterTargetGroup=True)
    other = [{"Id": address("99"), "Port": 8080}]
    await bed.loop.session.call("elbv2", "RegisterTargets", TargetGroupArn=bed.arn, Targets=other)
    await bed.api.client.delete(PATH)
    await bed.look()
    assert await bed.registered() == {"99"}
    with pytest.raises(KubeNotFound):
        await bed.listed()


async def test_without_a_network_interface_ports_stay_closed(bed: Bed) -> None:
    bed.serve("10")
    rule = {"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"protocol": "TCP", "port": 8080}]}
    await bed.bind(networking={"ingress": [rule]})
    assert await bed.registered() == {"10"}
    assert "FailedNetworkReconcile" in bed.heard.reasons()


async def test_without_nodes_instance_targets_stay_as_they_are(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind()
    assert await bed.registered() == {"10"}
    bed.loop.sees_nodes = False
    found = bed.cache.get(KIND, ("shop", "tgb"))
    bed.cache.put(KIND, ("shop", "tgb"), replace(found, target_type="instance"))
    await bed.loop.reconcile(("shop", "tgb"))
    assert await bed.registered() == {"10"}
    assert bed.heard.reasons()[-1] == "FailedReconcile"
    assert "may not read nodes" in bed.heard.events[-1].message


async def test_a_binding_with_more_rules_than_aws_takes_leaves_its_targets_as_they_are(bed: Bed) -> None:
    bed.serve("10")
    await bed.bind()
    found = bed.cache.get(KIND, ("shop", "tgb"))
    bed.cache.put(KIND, ("shop", "tgb"), replace(found, excess=3000))
    bed.serve()
    await bed.loop.reconcile(("shop", "tgb"))
    assert await bed.registered() == {"10"}
    assert any("need 3000 rules" in each.message for each in bed.heard.events)
