"""`albatross migrate` with files: what of a Deployment and of chart values carries over."""

import json
from pathlib import Path

import pytest
from tests.cli.front import albatross

from albatross.catalog import tracking
from albatross.cli import proof
from albatross.cli.decision import Decided
from albatross.model.plan import Plan
from albatross.model.problem import Origin, Problem
from albatross.model.resources.stack import StackId

VALUES = """
clusterName: prod
enableShield: false
enableCertManager: true
webhookConfig: {ingressValdationFailurePolicy: Ignore}
"""


def test_chart_values_become_a_command(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(VALUES)
    answer = albatross("migrate", "-f", file)
    assert answer.code == 0
    assert "albatross install --cluster-name=prod --enable-shield=false --cert-manager" in answer.out
    assert (
        "not supported  webhookConfig.ingressValdationFailurePolicy=Ignore → webhookConfig.ingressValidationFailurePolicy\n" in answer.out
    )
    assert "docs/deviations.md" in answer.out


def test_a_deployment_becomes_a_command(tmp_path: Path) -> None:
    containers = [{"image": "aws-load-balancer-controller:v3", "args": ["--cluster-name=prod", "--enable-waf=false"]}]
    deployment = {
        "kind": "Deployment",
        "metadata": {"name": "lbc", "namespace": "lb"},
        "spec": {"template": {"spec": {"containers": containers}}},
    }
    file = tmp_path / "objects.yaml"
    file.write_text(json.dumps(deployment) + "\n---\nkind: Service\n")
    answer = albatross("migrate", "-f", file)
    assert "Deployment lb/lbc: aws-load-balancer-controller:v3, 1 replicas" in answer.out
    assert "albatross install --namespace lb --cluster-name=prod --enable-waf=false" in answer.out
    assert "Service is not read" in answer.err


@pytest.mark.parametrize(("text", "said"), [("a: [", "cannot read"), ("- a", "neither Kubernetes objects nor chart values")])
def test_other_files_are_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "file.yaml"
    file.write_text(text)
    assert said in albatross("migrate", "-f", file).err


def test_yes_and_dry_run_exclude_each_other() -> None:
    assert "exclude each other" in albatross("migrate", "--yes", "--dry-run").err


def test_a_group_without_a_plan_is_a_doubt(capsys: pytest.CaptureFixture[str]) -> None:
    stack = StackId(tracking.INGRESS, "shop", "web")
    problem = Problem("LB101", Origin("Ingress", "shop", "web"))
    doubts = proof.prove([Decided(stack, None, None, (problem,), ()), Decided(stack, None, Plan(stack=stack), (), ())], [])
    assert doubts == ["shop/web: no plan, because it has errors", "Ingress/shop/web: LB101; see albatross plan --live"]
    assert "2 groups planned; 2 reasons against the hand-over" in capsys.readouterr().out
