"""Target groups follow pods and nodes: one controller for the module, a namespace and target groups for each flow."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import boto3
import pytest
from tests import account
from tests.flows.bed import Controller, Stage, deployment, place, service, until
from tests.flows.shop import INTERVAL, KIND, NUMBER, Shop, binding, opening, served
from tests.role import Role

from albatross.kube.client import Client
from albatross.kube.config import load
from albatross_sandbox import world
from albatross_sandbox.world.state import State

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180), pytest.mark.xdist_group("targets")]
FLAGS = ("--enable-leader-election=false", "--targetgroupbinding-requeue-duration=1s")
EXCLUDE = "node.kubernetes.io/exclude-from-external-load-balancers"


@pytest.fixture(scope="module")
def controller(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    folder = tmp_path_factory.mktemp("targets")
    stage.clear()
    lived = stage.world
    limited = asyncio.run(account.seat(lived.kubeconfig, "targets", folder))
    made = Controller(lived, folder / "controller.log", limited, "targets", Role.made(place(lived), "targets", "given-target-groups"))
    made.start(*FLAGS)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def balancer(stage: Stage) -> Iterator[str]:
    lived = stage.world
    elb = aws(lived, "elbv2")
    subnets = [each["id"] for each in lived.details["subnets"] if each["public"]]
    # the load balancer is the user's, so its security group and its way to the nodes are too
    ec2, node = aws(lived, "ec2"), lived.details["security_groups"]["node"]
    group = ec2.create_security_group(GroupName="targets-balancer", Description="d", VpcId=lived.vpc_id)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="-1", CidrIp="0.0.0.0/0")
    allowed = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}]
    ec2.authorize_security_group_ingress(GroupId=node, IpPermissions=allowed)
    made = elb.create_load_balancer(Name="targets", Subnets=subnets, Scheme="internet-facing", SecurityGroups=[group])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    yield arn
    elb.delete_load_balancer(LoadBalancerArn=arn)
    ec2.revoke_security_group_ingress(GroupId=node, IpPermissions=allowed)


def aws(lived: world.World, name: str) -> Any:
    keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    return boto3.client(name, endpoint_url=lived.aws_endpoint, region_name=lived.region, **keys)


@pytest.fixture
async def shop(stage: Stage, controller: Controller, balancer: str) -> AsyncIterator[Shop]:
    lived = stage.world
    async with Client(load(lived.kubeconfig)) as client:
        made = Shop(lived, client, controller, f"targets-{next(NUMBER)}", balancer=balancer, elb=aws(lived, "elbv2"), ec2=aws(lived, "ec2"))
        await made.kubectl("create", "namespace", made.namespace)

        async def defined() -> bool:
            return "items" in await made.get(KIND)

        await until(defined, "the controller has made its definitions")
        made.remember()
        yield made
        if made.controller.process is None:
            made.controller.start(*FLAGS)
        await made.kubectl("delete", "targetgroupbinding", "--all", "--timeout=60s")
        await made.kubectl("delete", "namespace", made.namespace, "--wait=false")


async def test_targets_follow_a_deployment(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    arn = shop.group()
    port = {"name": "http", "port": 80, "targetPort": "http"}
    web = deployment(replicas=2)
    web["spec"]["strategy"] = {"rollingUpdate": {"maxUnavailable": 0}}
    await shop.apply(service(ports=[port]), web, binding(arn))
    await shop.settled(arn, await shop.ips(count=2), "healthy")
    await shop.event("SuccessfullyReconciled", "tgb")
    found = await shop.get(KIND, "tgb")
    assert found["metadata"]["finalizers"] == ["elbv2.k8s.aws/resources"]

    shop.remember()
    began = time.monotonic()
    await shop.kubectl("scale", "deployment", "web", "--replicas=4")
    await shop.ips(count=4)
    seen = time.monotonic()
    await shop.settled(arn, await shop.ips(count=4))
    with capsys.disabled():
        print(f"\nscaled in {seen - began:.2f} s, registered at most {time.monotonic() - seen:.2f} s later")
    assert shop.made("DeregisterTargets") == []
    assert len(shop.made("RegisterTargets")) <= 2
    assert len(shop.made("DescribeTargetHealth")) < 60, "the data plane's and ours"

    shop.remember()
    await shop.kubectl("rollout", "restart", "deployment", "web")
    await shop.kubectl("rollout", "status", "deployment", "web", "--timeout=60s")
    await shop.settled(arn, await shop.ips(count=4), "healthy")
    operations = [call["operation"] for call in shop.made("RegisterTargets", "DeregisterTargets")]
    assert operations[0] == "RegisterTargets"
    assert set(operations) == {"RegisterTargets", "DeregisterTargets"}

    shop.remember()
    await shop.kubectl("scale", "deployment", "web", "--replicas=1")
    await shop.settled(arn, await shop.ips(count=1))
    assert shop.made("RegisterTargets") == []


async def test_a_sick_pod_takes_no_requests(shop: Shop) -> None:
    arn = shop.group()
    await shop.apply(service(), deployment(replicas=2), binding(arn))
    await shop.settled(arn, await shop.ips(count=2), "healthy")
    sick, well = (await shop.get("Pod"))["items"]

    async def answering() -> set[str]:
        url = shop.url(arn)
        return {served(url) for _ in range(10)} if url else set()

    async def both() -> bool:
        return await answering() == {sick["metadata"]["name"], well["metadata"]["name"]}

    async def one() -> bool:
        return await answering() == {well["metadata"]["name"]}

    await until(both, "both pods answer")
    await shop.kubectl("annotate", "pod", sick["metadata"]["name"], "sandbox.albatross/health=fail")
    await shop.becomes(arn, sick["status"]["podIP"], "unhealthy")
    await until(one, "the sick pod is left out")
    assert shop.made("DeregisterTargets") == []
    await shop.kubectl("annotate", "pod", sick["metadata"]["name"], "sandbox.albatross/health-")
    await shop.becomes(arn, sick["status"]["podIP"], "healthy")
    await until(both, "it is back")

    await shop.kubectl("delete", "pod", sick["metadata"]["name"], "--wait=false")

    async def replaced() -> bool:
        return sick["status"]["podIP"] not in await shop.ips(count=2)

    await until(replaced, "another pod")
    await shop.settled(arn, await shop.ips(count=2), "healthy")
    assert sick["status"]["podIP"] in json.dumps([call["request"] for call in shop.made("DeregisterTargets")])


async def test_readiness_gates_hold_a_rollout(shop: Shop) -> None:
    arn, gate = shop.group(), "target-health.elbv2.k8s.aws/tgb"
    web = deployment(replicas=2)
    web["spec"]["template"]["spec"]["readinessGates"] = [{"conditionType": gate}]
    web["spec"]["template"]["metadata"]["annotations"] = {"sandbox.albatross/health": "fail"}
    await shop.apply(service(), web, binding(arn))

    def conditions(pod: dict[str, Any]) -> dict[str, Any]:
        return {each["type"]: each for each in pod.get("status", {}).get("conditions", ())}

    async def told() -> bool:
        shop.call("clock", {"advance": INTERVAL})
        found = [conditions(pod) for pod in (await shop.get("Pod"))["items"]]
        return len(found) == 2 and all(each.get(gate, {}).get("reason") == "Target.ResponseCodeMismatch" for each in found)

    await until(told, "both gates say why")
    pods = (await shop.get("Pod"))["items"]
    assert {(conditions(p)[gate]["status"], conditions(p)["Ready"]["status"]) for p in pods} == {("False", "False")}
    assert "codes: [503]" in conditions(pods[0])[gate]["message"]
    assert set(shop.states(arn).values()) == {"unhealthy"}
    await shop.kubectl("annotate", "pod", "-l", "app=web", "sandbox.albatross/health-")
    await shop.settled(arn, await shop.ips(count=2), "healthy")
    await shop.kubectl("rollout", "status", "deployment", "web", "--timeout=60s")
    assert {conditions(pod)[gate]["status"] for pod in (await shop.get("Pod"))["items"]} == {"True"}

    # a binding that goes opens its gates
    await shop.kubectl("delete", "targetgroupbinding", "tgb", "--timeout=60s")
    pods = (await shop.get("Pod"))["items"]
    assert {(conditions(p)[gate]["status"], conditions(p)[gate]["message"]) for p in pods} == {("True", "Target Group Binding is deleted")}


async def test_nodes_come_and_go_by_their_labels(shop: Shop) -> None:
    arn, some = shop.group("instance"), shop.group("instance")
    chosen = {"nodeSelector": {"matchLabels": {"tier": shop.namespace}}}
    await shop.kubectl("label", "node", "node-2", f"tier={shop.namespace}")
    try:
        await shop.apply(service(type="NodePort"), deployment(), binding(arn, kind="instance"), binding(some, "some", "instance", **chosen))
        await shop.settled(arn, await shop.instances("node-0", "node-1", "node-2"), "healthy")
        await shop.settled(some, await shop.instances("node-2"), "healthy")
        (found,) = (await shop.get("Service", "web"))["spec"]["ports"]
        rows = shop.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        assert {row["Target"]["Port"] for row in rows} == {found["nodePort"]}

        await shop.kubectl("cordon", "node-1")
        await shop.kubectl("label", "node", "node-0", f"{EXCLUDE}=")
        await shop.settled(arn, await shop.instances("node-1", "node-2"))
        await shop.kubectl("label", "node", "node-1", f"tier={shop.namespace}")
        await shop.settled(some, await shop.instances("node-1", "node-2"))
        await shop.kubectl("label", "node", "node-0", f"{EXCLUDE}-")
        await shop.settled(arn, await shop.instances("node-0", "node-1", "node-2"))
    finally:
        await shop.kubectl("uncordon", "node-1")
        await shop.kubectl("label", "node", "--all", f"{EXCLUDE}-", "tier-")


async def test_a_shared_group_keeps_the_targets_of_others(shop: Shop) -> None:
    arn = shop.group()
    foreign = shop.world.cidr.replace(".0.0/16", ".63.200")
    shop.elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": foreign, "Port": 8080}])
    await shop.apply(service(), deployment(replicas=2), binding(arn, multiClusterTargetGroup=True))
    await shop.settled(arn, {foreign, *await shop.ips(count=2)})

    async def listed() -> set[str]:
        text = (await shop.get("configmaps/aws-lbc-targets-tgb")).get("data", {}).get("targets", "")
        return {each.partition(":")[0] for each in text.split(",")}

    assert await listed() == await shop.ips(count=2)
    await shop.kubectl("scale", "deployment", "web", "--replicas=1")
    await shop.settled(arn, {foreign, *await shop.ips(count=1)})

    async def shrunk() -> bool:
        return await listed() == await shop.ips(count=1)

    await until(shrunk, "the list follows")
    await shop.kubectl("delete", "targetgroupbinding", "tgb", "--timeout=60s")
    assert {who for who, how in shop.states(arn).items() if how != "draining"} == {foreign}
    assert await shop.get("configmaps/aws-lbc-targets-tgb") == {}


async def test_rules_of_the_targets_group_come_and_go(shop: Shop) -> None:
    arn, other = shop.group(), shop.group()
    source = shop.ec2.create_security_group(GroupName=shop.namespace, Description="a source", VpcId=shop.world.vpc_id)["GroupId"]
    await shop.apply(service(), deployment(), binding(arn, networking=opening(source, 8080, 8090)))
    await shop.opened(source, (8080, 8090))
    await shop.apply(binding(other, "other", networking=opening(source, "http", 7070)))
    await shop.opened(source, (7070, 8090))
    await shop.kubectl("delete", "targetgroupbinding", "other", "--timeout=60s")
    await shop.opened(source, (8080, 8090))

    # restart: nothing is written; nothing either by the other passes that follow
    await shop.quiet()
    assert shop.controller.stop() == 0
    shop.remember()
    shop.controller.start(*FLAGS)

    async def looked() -> bool:
        return bool(shop.made("DescribeInstances"))  # the rules are gone through after all else

    await until(looked, "the targets are looked at")
    await shop.quiet(2)
    assert shop.writes() == []
    assert shop.made("RegisterTargets", "DeregisterTargets") == []

    # the Service goes: targets and rules go with it, and the binding says why
    await shop.kubectl("delete", "service", "web")
    await shop.event("BackendNotFound", "tgb")
    await shop.settled(arn, set())
    await shop.opened(source)
    await shop.apply(service())
    await shop.settled(arn, await shop.ips(count=2))
    await shop.opened(source, (8080, 8090))
    await shop.kubectl("delete", "targetgroupbinding", "tgb", "--timeout=60s")
    assert shop.rules(source) == set()
    assert {who for who, how in shop.states(arn).items() if how != "draining"} == set()


async def test_a_binding_made_by_hand_is_completed(shop: Shop) -> None:
    arn = shop.group()
    name = arn.split("/")[1]
    spec = {"targetGroupName": name, "serviceRef": {"name": "web", "port": "http"}}
    mine = {"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": KIND, "metadata": {"name": "mine"}, "spec": spec}
    await shop.apply(service(), deployment(replicas=1), mine)
    await shop.settled(arn, await shop.ips(count=1), "healthy")
    found = (await shop.get(KIND, "mine"))["spec"]
    known = {"targetGroupARN": arn, "targetType": "ip", "ipAddressType": "ipv4", "vpcID": shop.world.vpc_id, "targetGroupProtocol": "HTTP"}
    assert found == {**spec, **known}
    await shop.apply({**mine, "metadata": {"name": "lost"}, "spec": {**spec, "targetGroupName": "nowhere"}})
    told = await shop.event("FailedReconcile", "lost")
    assert "TargetGroupNotFound" in told["message"]


async def test_an_address_outside_the_vpc_is_in_all_zones(shop: Shop) -> None:
    arn = shop.group()
    unselected = service()
    del unselected["spec"]["selector"]
    await shop.apply(unselected, deployment(replicas=1), binding(arn))
    (pod,) = await until(lambda: pods(shop), "a pod")
    target = {"kind": "Pod", "namespace": shop.namespace, "name": pod["metadata"]["name"]}
    away = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "away", "labels": {"kubernetes.io/service-name": "web"}},
        "addressType": "IPv4",
        "ports": [{"name": "http", "port": 8080}],
        "endpoints": [{"addresses": ["10.1.2.3"], "conditions": {"ready": True}, "targetRef": target}],
    }
    await shop.apply(away)
    await shop.settled(arn, {"10.1.2.3"})
    (row,) = shop.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    assert row["Target"] == {"Id": "10.1.2.3", "Port": 8080, "AvailabilityZone": "all"}


async def pods(shop: Shop) -> list[dict[str, Any]]:
    return list((await shop.get("Pod"))["items"])


async def test_throttling_delays_and_a_limit_holds(shop: Shop) -> None:
    arn = shop.group()
    shop.call(
        "faults", [{"service": "elasticloadbalancing", "operation": "RegisterTargets", "code": "Throttling", "status": 400, "times": 2}]
    )
    await shop.apply(service(), deployment(replicas=1), binding(arn))
    await shop.settled(arn, await shop.ips(count=1))
    assert [call["code"] for call in shop.calls() if call["operation"] == "RegisterTargets"].count("Throttling") == 2

    assert shop.controller.stop() == 0
    shop.controller.start(*FLAGS, "--max-targets-per-target-group=2")
    await shop.kubectl("scale", "deployment", "web", "--replicas=4")
    ips = await shop.ips(count=4)

    async def full() -> bool:
        return len(shop.states(arn)) == 2

    await until(full, "two targets")
    await shop.kubectl("rollout", "status", "deployment", "web", "--timeout=60s")
    await shop.quiet()
    assert len(shop.states(arn)) == 2
    assert set(shop.states(arn)) < ips
    assert shop.controller.stop() == 0
    shop.controller.start(*FLAGS)
    await shop.settled(arn, ips)


async def test_a_killed_api_server_costs_no_writes(shop: Shop) -> None:
    arn = shop.group()
    await shop.apply(service(), deployment(replicas=2), binding(arn))
    before = await shop.ips(count=2)
    await shop.settled(arn, before, "healthy")
    await shop.quiet()
    shop.remember()
    uids = await shop.kubectl("get", "pods", "-o", "jsonpath={.items[*].metadata.uid}")
    pid = State(shop.world.state).read()["pids"]["kube"]
    os.kill(pid, signal.SIGKILL)

    async def back() -> bool:
        return bool(State(shop.world.state).read()["pids"]["kube"] != pid)

    await until(back, "the API server is started again")
    assert await shop.kubectl("get", "pods", "-o", "jsonpath={.items[*].metadata.uid}") == uids
    assert await shop.ips(count=2) == before
    await shop.quiet(2)
    assert shop.writes() == []
    assert shop.made("RegisterTargets", "DeregisterTargets") == []
    await shop.kubectl("scale", "deployment", "web", "--replicas=3")
    after = await shop.ips(count=3)
    assert before < after
    await shop.settled(arn, after, "healthy")
