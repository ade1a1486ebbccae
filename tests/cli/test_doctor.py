"""`why` and `doctor` without a cluster, and from files: every form of output, and what could not be read."""

import json
from pathlib import Path

import pytest
from tests.cli.front import Answer, albatross
from tests.cli.test_live import KUBECONFIG
from tests.world import ACCOUNT

from albatross.cli.gather.parts import Parts

WRONG = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: lb, namespace: kube-system, annotations: {eks.amazonaws.com/policy-arn: arn:aws:iam::123456789012:policy/lb}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, ports: [{name: http, port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: app, annotations: {alb.ingress.kubernetes.io/certificate-arn: CERTIFICATE}}
spec: {ingressClassName: alb, defaultBackend: {service: {name: web, port: {number: 81}}}}
"""
GONE = "arn:aws:acm:ap-northeast-2:123456789012:certificate/gone"
PLACE = ("--region", "ap-northeast-2", "--cluster-name", "prod-eks")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without a cluster and without credentials."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)


def asked(tmp_path: Path, *more: str) -> Answer:
    (tmp_path / "app.yaml").write_text(WRONG.replace("CERTIFICATE", GONE))
    (tmp_path / "facts.json").write_text(json.dumps(ACCOUNT))
    return albatross("doctor", "-f", tmp_path / "app.yaml", "--facts", tmp_path / "facts.json", *PLACE, *more)


def test_files_and_a_recording(tmp_path: Path) -> None:
    found = asked(tmp_path)
    assert found.code == 1
    assert "✗ manifests        LB208, LB701" in found.out
    assert "subnet-" in found.out
    assert "error[LB660]" in found.out
    assert f"{tmp_path}/app.yaml:14:" in found.out
    assert found.out.rstrip().endswith('"value": {"number": 80}}]\'')


def test_files_alone(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text("kind: Namespace\napiVersion: v1\nmetadata: {name: x}\n")
    found = albatross("doctor", "-f", tmp_path / "app.yaml")
    assert (found.code, "? subnets          not read: pass --facts" in found.out) == (3, True)


def test_output_for_programs(tmp_path: Path) -> None:
    parsed = json.loads(asked(tmp_path, "-o", "json").out)
    assert [each["code"] for each in parsed["causes"]][:2] == ["LB208", "LB660"]
    assert [each["name"] for each in parsed["links"]] == ["manifests", "subnets", "certificates"]
    lines = asked(tmp_path, "-o", "github").out.splitlines()
    assert any(line.startswith("::error file=") and "LB208" in line for line in lines)
    sarif = json.loads(asked(tmp_path, "-o", "sarif").out)
    (run,) = sarif["runs"]
    assert {each["ruleId"] for each in run["results"]} == {each["id"] for each in run["tool"]["driver"]["rules"]}
    places = [each["locations"][0].get("physicalLocation", {}).get("region", {}).get("startLine") for each in run["results"]]
    assert 14 in places


def test_no_kubeconfig() -> None:
    found = albatross("doctor", *PLACE)
    assert (found.code, "error[LB630]" in found.out) == (1, True)
    assert "aws eks update-kubeconfig --name prod-eks" in found.out
    assert "? trust policy     not read" in found.out
    assert albatross("why", "ingress", "shop/web").code == 3


def test_a_cluster_that_does_not_answer(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(KUBECONFIG)
    found = albatross("doctor", "--kubeconfig", tmp_path / "config")
    assert (found.code, "cannot reach the Kubernetes API at http://127.0.0.1:1" in " ".join(found.out.split())) == (1, True)
    assert "the cluster name is missing" in " ".join(found.out.split())


def test_an_unknown_kind() -> None:
    assert "write ingress or service" in albatross("why", "pod", "x").err


async def test_the_reason_of_a_part() -> None:
    async def fails(error: OSError) -> bool:
        raise error

    parts = Parts()
    assert await parts.part("aws", lambda: fails(OSError("no route\n  to host"))) is None
    assert await parts.part("aws", lambda: fails(OSError("later"))) is None
    assert await parts.part("eks", lambda: fails(TimeoutError())) is None
    assert parts.unseen == {"aws": "no route to host", "eks": "TimeoutError"}
