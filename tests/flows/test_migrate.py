"""A cluster moves from the other controller to this one: nothing is written to AWS, or everything goes back."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import boto3
import pytest
from tests.flows.bed import CLI, Bed, deployment, ingress, service

from albatross_sandbox import module

pytestmark = [pytest.mark.flow, pytest.mark.timeout(240), pytest.mark.xdist_group("flows")]

PEER = "aws-load-balancer-controller"
HOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"


def flags(bed: Bed) -> list[str]:
    return [f"--cluster-name={bed.world.cluster_name}", f"--leader-election-id={bed.namespace}", f"--aws-vpc-id={bed.world.vpc_id}"]


def theirs(bed: Bed) -> dict[str, Any]:
    """A Deployment that looks like the other controller; its pods are echo servers."""
    found = deployment(PEER)
    (container,) = found["spec"]["template"]["spec"]["containers"]
    args = [*flags(bed), "--enable-shield=false", "--webhook-bind-port=9443"]
    container |= {"image": f"public.ecr.aws/eks/{PEER}:v3.5.0", "args": args}
    return found


def ours(bed: Bed) -> dict[str, Any]:
    """Ours, as a process of the sandbox; the arguments of its container say what the process got."""
    found = deployment("albatross", 1)
    pod = found["spec"]["template"]
    args = [*flags(bed), "--enable-shield=false"]
    argv = [*module.argv("albatross"), "run", *args, "--metrics-bind-addr=0", "--health-probe-bind-addr=0"]
    argv.append(f"--leader-election-namespace={bed.namespace}")
    pod["metadata"]["annotations"] = {"sandbox.albatross/command": json.dumps(argv)}
    environment = {**bed.world.environment(), "KUBECONFIG": bed.world.kubeconfig}
    pod["spec"]["containers"] = [
        {
            "name": "controller",
            "image": "albatross",
            "args": ["run", *args, f"--leader-election-namespace={bed.namespace}"],
            "env": [{"name": name, "value": value} for name, value in environment.items()],
        }
    ]
    return found


def hooks(bed: Bed) -> dict[str, Any]:
    hook = {
        "name": "vingressclassparams.elbv2.k8s.aws",
        "clientConfig": {"service": {"namespace": bed.namespace, "name": "webhook-service", "path": "/x", "port": 443}},
        "rules": [
            {"apiGroups": ["elbv2.k8s.aws"], "apiVersions": ["v1beta1"], "operations": ["CREATE"], "resources": ["ingressclassparams"]}
        ],
        "failurePolicy": "Fail",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    head = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
    return {**head, "metadata": {"name": f"webhook-{bed.namespace}"}, "webhooks": [hook]}


@contextlib.asynccontextmanager
async def leading(bed: Bed) -> AsyncIterator[None]:
    """Holds the lease as the other controller does while it has replicas."""
    path = f"/apis/coordination.k8s.io/v1/namespaces/{bed.namespace}/leases"
    place = f"/apis/apps/v1/namespaces/{bed.namespace}/deployments/{PEER}"

    async def hold() -> None:
        holds = True
        while True:
            count = (await bed.client.get(place))["spec"]["replicas"]
            if bool(count) != holds:
                holds = bool(count)
                if not holds:
                    await bed.client.patch(f"{path}/{bed.namespace}", {"spec": {"holderIdentity": "", "leaseDurationSeconds": 1}})
            await asyncio.sleep(0.2)

    spec = {"holderIdentity": "peer", "leaseDurationSeconds": 3600, "renewTime": "2026-01-01T00:00:00.000000Z", "leaseTransitions": 0}
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": bed.namespace}, "spec": spec}
    await bed.kubectl("delete", "lease", bed.namespace, "--ignore-not-found")
    await bed.client.create(path, lease)
    task = asyncio.create_task(hold())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def migrate(bed: Bed, *arguments: str) -> tuple[int, str]:
    """The command as a user calls it."""
    environment = {"KUBECONFIG": bed.world.kubeconfig, "NO_COLOR": "1", "COLUMNS": "200"}
    chosen = ("--peer", f"{bed.namespace}/{PEER}", "--deployment", f"{bed.namespace}/albatross", "--timeout", "60")
    return await bed.run(*CLI, "migrate", *chosen, *arguments, **environment)


@pytest.fixture
async def old(bed: Bed) -> AsyncIterator[Bed]:
    """A cluster that the other controller serves: its Deployment, its webhooks, and an account as it leaves it."""
    await bed.apply(service(), deployment(), ingress())
    await bed.address()
    await bed.event("SuccessfullyReconciled")
    await bed.quiet()
    bed.controller.stop()
    front = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "webhook-service"},
        "spec": {"selector": {"app": PEER}, "ports": [{"port": 443}]},
    }
    await bed.apply(theirs(bed), hooks(bed), front)
    await bed.kubectl("rollout", "status", f"deployment/{PEER}", "--timeout=60s")
    async with leading(bed):
        await bed.apply(ours(bed))
        await bed.kubectl("rollout", "status", "deployment/albatross", "--timeout=60s")
        bed.remember()
        yield bed
        await bed.kubectl("delete", "deployment", "--all")
        await bed.kubectl("delete", "validatingwebhookconfiguration", f"webhook-{bed.namespace}")
        await bed.kubectl("delete", "lease", "--all")


def account(bed: Bed) -> Any:
    """The account, as somebody with other credentials uses it."""
    keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    return boto3.client("elbv2", endpoint_url=bed.world.aws_endpoint, region_name=bed.world.region, **keys)


async def counts(bed: Bed) -> tuple[int, int]:
    """The replicas of both Deployments."""
    found = [await bed.client.get(f"/apis/apps/v1/namespaces/{bed.namespace}/deployments/{name}") for name in (PEER, "albatross")]
    return found[0]["spec"]["replicas"], found[1]["spec"]["replicas"]


async def policy(bed: Bed) -> str:
    return str((await bed.client.get(f"{HOOKS}/webhook-{bed.namespace}"))["webhooks"][0]["failurePolicy"])


async def test_a_cluster_is_handed_over_and_back_without_a_write(old: Bed) -> None:
    code, said = await migrate(old)
    assert code == 0, said
    assert "0 replicas" not in said
    assert "nothing was changed; --yes hands over" in said
    assert (await counts(old), await policy(old)) == ((2, 1), "Fail")

    code, said = await migrate(old, "--yes")
    assert code == 0, said
    assert "nothing written to AWS" in said
    assert (await counts(old), await policy(old)) == ((0, 1), "Ignore")
    await old.quiet()
    assert old.writes() == []
    assert not [call["operation"] for call in old.calls() if call["operation"] in ("RegisterTargets", "DeregisterTargets")]

    code, said = await migrate(old, "--back", "--yes")
    assert code == 0, said
    assert (await counts(old), await policy(old)) == ((2, 0), "Fail")
    assert "albatross-migration" not in await old.kubectl("get", "configmaps", "-o", "name")
    assert old.writes() == []


async def test_a_difference_stops_the_hand_over_or_brings_everything_back(old: Bed) -> None:
    (binding,) = (await old.get("TargetGroupBinding"))["items"]
    arn = binding["spec"]["targetGroupARN"]
    path = account(old).describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]["HealthCheckPath"]
    account(old).modify_target_group(TargetGroupArn=arn, HealthCheckPath="/other")
    code, said = await migrate(old, "--yes")
    assert code == 1
    assert "would be written to AWS" in said
    assert (await counts(old), await policy(old)) == ((2, 1), "Fail")

    account(old).modify_target_group(TargetGroupArn=arn, HealthCheckPath=path)
    (pod, *_) = [each for each in (await old.get("pods"))["items"] if each["metadata"]["labels"]["app"] == "web"]
    # nobody looks for this while the other controller leads; the plan of the groups does not show targets
    account(old).deregister_targets(TargetGroupArn=arn, Targets=[{"Id": pod["status"]["podIP"], "Port": 8080}])
    code, said = await migrate(old, "--yes")
    assert code == 1
    assert "RegisterTargets" in said
    assert "works again" in said
    assert (await counts(old), await policy(old)) == ((2, 0), "Fail")
    assert "albatross-migration" not in await old.kubectl("get", "configmaps", "-o", "name")
