"""The fast loop, between an API server and an account."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from tests.clock import until
from tests.controller.targets.bed import GATE, PATH, Bed, address

from albatross.aws.session.errors import AwsError, NotFound
from albatross.aws.session.throttle import Rate, Throttle, identifier
from albatross.clock import Clock
from albatross.controller.bindings import KIND
from albatross.controller.targets import LINGER, Nodes
from albatross.controller.worker import Verdict
from albatross.kube.errors import KubeNotFound
from albatross.model.snapshot import (
    Node,
    Pod,
    PodCondition,
    ServerId,
)

pytestmark = pytest.mark.xdist_group("controller-aws")


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


class Sleeps(Clock):
    """Keeps how long its callers slept, and lets nobody wait."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def test_a_pod_alone_does_not_wait_for_others(bed: Bed) -> None:
    """A second one, a moment later, does: more of them may come, and the calls of a rollout are few."""
    session, clock = bed.loop.session, Sleeps()
    await bed.bind()
    session.throttle, session.clock = Throttle([Rate(identifier("elbv2"), "Targets$", 0.001, 20)]), clock
    bed.serve("10")
    await bed.look()
    assert bed.operations()[-1] == "RegisterTargets"
    assert clock.seconds == []
    bed.serve("10", "11")
    await bed.look()
    assert clock.seconds == [LINGER]


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
