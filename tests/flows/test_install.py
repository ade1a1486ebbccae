"""From an empty cluster to a load balancer that answers, and back: install, again, uninstall."""

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator
from typing import Any

import boto3
import pytest
from tests.flows.bed import CLI, Bed, Controller, deployment, ingress, place, service, until
from tests.role import Role

from albatross.cli.sandbox import IMAGES
from albatross.install import policy, trust
from albatross.install.trust import Account
from albatross.kube.client import Client
from albatross.kube.config import load
from albatross_sandbox import world

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("install"), pytest.mark.timeout(300)]

SYSTEM = "kube-system"


@pytest.fixture
async def empty(tmp_path: Any) -> AsyncIterator[Bed]:
    """A world without a controller, whose pods can run the controller's image."""
    async with world.running(images=IMAGES) as found, Client(load(found.kubeconfig)) as client:
        bed = Bed(found, client, Controller(found, tmp_path / "log", found.kubeconfig, "", Role.made(place(found), "unused")), "default")
        bed.remember()
        yield bed


def associate(bed: Bed) -> None:
    """What `albatross iam role --way pod-identity` prints, put into the account; and the association with the ServiceAccount."""
    given = {"endpoint_url": bed.world.aws_endpoint, "region_name": bed.world.region}
    keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    iam, eks = (boto3.client(name, **given, **keys) for name in ("iam", "eks"))
    account = Account(namespace=SYSTEM, name="aws-load-balancer-controller")
    made = iam.create_role(RoleName="albatross", AssumeRolePolicyDocument=json.dumps(trust.pod_identity("", account)))
    for number, part in enumerate(policy.split(policy.statements(policy.USUAL, bed.world.cluster_name))):
        iam.put_role_policy(RoleName="albatross", PolicyName=f"part-{number}", PolicyDocument=json.dumps(policy.document(part)))
    named = {"namespace": account.namespace, "serviceAccount": account.name, "roleArn": made["Role"]["Arn"]}
    eks.create_pod_identity_association(clusterName=bed.world.cluster_name, **named)


async def objects(bed: Bed) -> dict[str, str]:
    """The resource versions of all objects of an installation."""
    listed = "crd,sa,clusterrole,clusterrolebinding,role,rolebinding,ingressclass,svc,pdb,deploy,lease"
    items = json.loads(await bed.kubectl("get", listed, "-A", "-o", "json"))["items"]
    ours = [each for each in items if not each["metadata"]["name"].startswith(("kube", "default", "cluster-admin", "web"))]
    return {f"{each['kind']}/{each['metadata']['name']}": each["metadata"]["resourceVersion"] for each in ours}


async def test_from_an_empty_cluster_and_back(empty: Bed) -> None:
    bed = empty
    associate(bed)
    code, said = await bed.run(*CLI, "install", "--dry-run")
    assert (code, "11 to create, 1 to change" in said) == (2, True), said
    code, said = await bed.run(*CLI, "install", "--yes", "--timeout", "60")
    assert code == 0, said
    assert f"cluster  {bed.world.cluster_name}" in said
    assert "the controller is ready: 2 pods" in said
    pods = json.loads(await bed.kubectl("get", "pods", "-n", SYSTEM, "-o", "json"))["items"]
    lease = json.loads(await bed.kubectl("get", "lease", "-n", SYSTEM, "aws-load-balancer-controller-leader", "-o", "json"))
    assert len(pods) == 2
    assert any(lease["spec"]["holderIdentity"].startswith(each["metadata"]["name"]) for each in pods)

    before = await objects(bed)
    code, said = await bed.run(*CLI, "install")
    after = await objects(bed)
    del before["Lease/aws-load-balancer-controller-leader"], after["Lease/aws-load-balancer-controller-leader"]
    assert (code, before) == (0, after), said

    await bed.apply(deployment(), service(), ingress())
    await bed.address()
    await until(lambda: _answers(bed), "the load balancer answers")
    roles = {call.get("principal") for call in bed.calls() if call["operation"] == "CreateLoadBalancer"}
    assert all(":assumed-role/albatross/" in str(each) for each in roles), roles

    code, said = await bed.run(*CLI, "uninstall", "--yes")
    assert (code, "LB738" in said, "Ingress/default/app" in " ".join(said.split())) == (1, True, True), said
    code, said = await bed.run(*CLI, "uninstall", "--drain", "--yes", "--crds", "--timeout", "60")
    assert code == 0, said
    assert await objects(bed) == {}
    assert await _left(bed) == []
    code, said = await bed.run(*CLI, "uninstall", "--drain", "--yes", "--crds")
    assert (code, said) == (0, "nothing to do\n")


async def _answers(bed: Bed) -> bool:
    found = await world.status(bed.world.state)
    urls = [listener["url"] for each in found["load_balancers"] for listener in each["listeners"]]
    for url in urls:
        try:
            request = urllib.request.Request(url, headers={"Host": "app.example.com"})
            with await asyncio.to_thread(urllib.request.urlopen, request, None, 5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
    return False


async def _left(bed: Bed) -> list[str]:
    """What the account still has with the tag of the cluster."""
    given = {"endpoint_url": bed.world.aws_endpoint, "region_name": bed.world.region}
    keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    elbv2, ec2 = (boto3.client(name, **given, **keys) for name in ("elbv2", "ec2"))
    balancers = [each["LoadBalancerName"] for each in elbv2.describe_load_balancers()["LoadBalancers"]]
    groups = [each["TargetGroupName"] for each in elbv2.describe_target_groups()["TargetGroups"]]
    tagged = [{"Name": "tag-key", "Values": ["elbv2.k8s.aws/cluster"]}]
    return [*balancers, *groups, *(each["GroupId"] for each in ec2.describe_security_groups(Filters=tagged)["SecurityGroups"])]
