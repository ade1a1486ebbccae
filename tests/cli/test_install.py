"""`albatross install` and `uninstall` in a world: plans, refusals, waits. The way of an Ingress is in tests/flows/test_install.py."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.front import Answer, albatross

from albatross.cli.sandbox import IMAGES
from albatross_sandbox import world
from albatross_sandbox.world import World

pytestmark = [pytest.mark.xdist_group("cli-install"), pytest.mark.timeout(240)]

KUBECTL = Path(sys.executable).with_name("kubectl")


@pytest.fixture(scope="module")
def lived() -> Iterator[World]:
    with asyncio.Runner() as runner:
        context = world.running(images=IMAGES)
        yield runner.run(context.__aenter__())
        runner.run(context.__aexit__(None, None, None))


@pytest.fixture
def here(lived: World, monkeypatch: pytest.MonkeyPatch) -> World:
    for name, value in lived.environment().items():
        monkeypatch.setenv(name, value)
    return lived


def kubectl(*words: str, text: str = "") -> str:
    return subprocess.run([KUBECTL, *words], input=text, capture_output=True, text=True, check=True).stdout


def held(name: str) -> None:
    """An Ingress with the finalizer of a controller that has ended."""
    kubectl(
        *("create", "ingress", name, "--class=other", "--rule=a.example.com/*=web:80"),
        *("--annotation", "x=y"),
    )
    kubectl("patch", "ingress", name, "--type=merge", "-p", '{"metadata":{"finalizers":["ingress.k8s.aws/resources","example.com/x"]}}')


def test_a_wrong_name_is_refused_before_any_change(here: World) -> None:
    found = albatross("install", "--cluster-name", "other", "--yes")
    assert (found.code, "LB730" in found.out, f"--cluster-name={here.cluster_name}" in found.out) == (1, True, True)


def test_cert_manager_is_not_there(here: World) -> None:
    found = albatross("install", "--cert-manager", "--dry-run")
    assert (found.code, "LB758" in found.out) == (1, True)
    found = albatross("install", "--cert-manager", "--webhook-certificates=own", "--dry-run")
    assert (found.code, "contradict each other" in found.err) == (1, True)


def test_nobody_to_ask(here: World) -> None:
    assert "pass --yes" in albatross("install").err


def test_another_tool_owns_the_account(here: World) -> None:
    text = (
        "{apiVersion: v1, kind: ServiceAccount, metadata: {name: aws-load-balancer-controller, namespace: kube-system, labels: {%s: Helm}}}"
    )
    kubectl("apply", "--server-side", "--field-manager=helm", "-f", "-", text=text % "app.kubernetes.io/managed-by")
    found = albatross("install", "--yes")
    assert (found.code, "LB739" in found.out, '"helm"' in found.out) == (1, True, True)
    kept = albatross("uninstall", "--dry-run")
    assert "kept: ServiceAccount aws-load-balancer-controller, which Helm manages" in kept.out
    kubectl("delete", "serviceaccount", "-n", "kube-system", "aws-load-balancer-controller")


def test_an_end_with_the_first_cause_and_a_removal(here: World) -> None:
    """No role is associated, and the node's role allows nothing: the controller cannot start."""
    found: Answer = albatross("install", "--yes", "--vpc-id", here.vpc_id, "--timeout", "3")
    assert found.code in (0, 1)
    assert "waiting for" in found.out
    held("app")
    assert "LB738" in albatross("uninstall", "--yes").out
    gone = albatross("uninstall", "--orphan", "--yes")
    assert (gone.code, "the controller is removed" in gone.out) == (0, True), gone
    assert kubectl("get", "ingress", "app", "-o", "jsonpath={.metadata.finalizers}") == '["example.com/x"]'
    held("second")
    drained = albatross("uninstall", "--drain", "--dry-run")
    assert (drained.code, "Ingress default/second" in drained.out) == (2, True)
    failed = albatross("uninstall", "--drain", "--yes")
    assert (failed.code, "no replica is ready" in failed.out) == (1, True)
