"""The files of `tests/cases` that say what happens in a cluster, applied there."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.flows.bed import CLI, Bed, deployment, service, until

from albatross.kube.errors import KubeNotFound

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180), pytest.mark.xdist_group("flows")]

FOLDER = Path(__file__).parents[1] / "cases"
PREFIX = "alb.ingress.kubernetes.io/"


def objects(bed: Bed, name: str) -> list[dict[str, Any]]:
    """The objects of a file in the namespace of the test; cluster-wide names end with it."""
    text = (FOLDER / f"{name}.yaml").read_text()
    for word in ("namespace: shop", "test-class", "test-params", "grp3", "name: shared", "name: ext", "name: edge"):
        text = text.replace(word, f"namespace: {bed.namespace}" if word.startswith("namespace") else f"{word}-{bed.namespace}")
    return list(yaml.safe_load_all(text))


async def albatross(bed: Bed, *argv: str) -> str:
    """The output of a command against the world, on one line."""
    where = ("--cluster-name", bed.world.cluster_name, "--vpc-id", bed.world.vpc_id)
    _, output = await bed.run(*CLI, *argv, *where)
    return " ".join(output.split())


async def apply(bed: Bed, *made: dict[str, Any]) -> None:
    """Apply objects, some of them of kinds that the controller defines when it starts."""

    async def defined() -> bool:
        try:
            return "items" in await bed.client.get("/apis/elbv2.k8s.aws/v1beta1/ingressclassparams")
        except KubeNotFound:
            return False

    await until(defined, "the definitions of the controller")
    await bed.apply(*made)


async def events(bed: Bed, name: str) -> list[tuple[str, str, str]]:
    found = (await bed.get("events")).get("items", [])
    return [(each["type"], each["reason"], each["message"]) for each in found if each["involvedObject"]["name"] == name]


async def test_13_protected_moves_group(bed: Bed, tmp_path: Path) -> None:
    (moved,) = objects(bed, "13-protected-moves-group")
    alone = {**moved, "metadata": {**moved["metadata"], "annotations": {**moved["metadata"]["annotations"]}}}
    del alone["metadata"]["annotations"][f"{PREFIX}group.name"]
    await bed.apply(service("blue"), deployment("blue"), alone)
    address = await bed.address("prot")
    await bed.event("SuccessfullyReconciled", "prot")

    file = tmp_path / "moved.yaml"
    file.write_text(yaml.safe_dump(moved))
    assert "LB216" in await albatross(bed, "plan", "--live", "-f", str(file))
    bed.remember()
    await bed.apply(moved)
    told = await bed.event("FailedBuildModel", "prot", "LB216")
    assert f"the Ingress leaves group {bed.namespace}/prot, which is then empty" in told["message"]
    assert "DeleteLoadBalancer" not in bed.writes()

    # who switches it off hears what goes, and what follows
    moved["metadata"]["annotations"][f"{PREFIX}load-balancer-attributes"] = "deletion_protection.enabled=false"
    await bed.apply(moved)
    assert address in (await bed.event("RemovingLoadBalancer", "prot"))["message"]
    await bed.event("RemovingDeletionProtection", "prot")
    changed = await bed.event("AddressChanged", "prot")
    assert f"no longer {address}" in changed["message"]
    assert await bed.address("prot") in changed["message"]


async def test_14_class_loses_its_params(bed: Bed) -> None:
    made = objects(bed, "14-class-loses-its-params")
    await apply(bed, service("blue"), deployment("blue"), *made)
    address = await bed.address("one")
    await bed.event("SuccessfullyReconciled", "one")
    await bed.quiet()
    bed.remember()
    await bed.kubectl("delete", "ingressclassparams", f"test-params-{bed.namespace}")
    try:
        await bed.event("FailedLoadGroupID", "one", "LB20")
        shown = await albatross(bed, "status", "-n", bed.namespace)
        assert address in shown.lower()
        assert "kept as it is" in shown
        assert bed.writes() == []
    finally:
        await bed.apply(made[1])
        await bed.event("SuccessfullyReconciled", "one")
        await bed.kubectl("delete", "ingress", "one", "--timeout=60s")
        await bed.kubectl("delete", "ingressclassparams,ingressclass", f"test-params-{bed.namespace}", "--ignore-not-found", check=False)
        await bed.kubectl("delete", "ingressclass", f"test-class-{bed.namespace}")


async def test_15_frontend_nlb_not_yet_active(bed: Bed) -> None:
    await bed.apply(service("blue"), deployment("blue"), *objects(bed, "15-frontend-nlb-not-yet-active"))
    await bed.event("SuccessfullyReconciled", "front")
    found = await events(bed, "front")
    assert {kind for kind, _, _ in found} == {"Normal"}, found
    (waiting,) = [message for _, reason, message in found if reason == "Waiting"]
    assert "is being provisioned" in waiting
    entries = (await bed.get("Ingress", "front"))["status"]["loadBalancer"]["ingress"]
    assert len(entries) == 2


async def test_02b_redirect_action_behind_class_redirect(bed: Bed) -> None:
    """The Ingress without a rule in the load balancer gets no address; its neighbour does."""
    made = objects(bed, "02b-redirect-action-behind-class-redirect")
    for each in made:
        if each["kind"] == "IngressClass":
            each["metadata"]["name"] = f"redirects-{bed.namespace}"
        if each["kind"] == "Ingress":
            each["spec"]["ingressClassName"] = f"redirects-{bed.namespace}"
        if each["metadata"]["name"] == "main":
            each["metadata"]["annotations"][f"{PREFIX}certificate-arn"] = bed.world.details["certificates"][0]["arn"]
    await apply(bed, *made)
    await bed.address("main")
    await bed.event("SuccessfullyReconciled", "favicon")
    await bed.quiet()
    assert not (await bed.get("Ingress", "favicon")).get("status", {}).get("loadBalancer", {}).get("ingress")
    await bed.kubectl("delete", "ingress", "--all", "--timeout=60s")
    await bed.kubectl("delete", "ingressclass", f"redirects-{bed.namespace}")
