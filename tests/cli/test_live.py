"""What is missing for a live look is said in one message, with the ways to supply it; nothing is asked before."""

from pathlib import Path

import pytest
from tests.cli.front import albatross

from albatross.cli import live

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: here
contexts: [{name: here, context: {cluster: here, user: me}}]
clusters: [{name: here, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: me, user: {token: secret}}]
"""


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without a cluster and without credentials; returns a kubeconfig."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").write_text(KUBECONFIG)
    return tmp_path / "config"


@pytest.mark.parametrize("command", [["plan", "--live"], ["status"]])
def test_no_cluster(command: list[str]) -> None:
    answer = albatross(*command)
    assert answer.code == 1
    assert answer.err.startswith("error: no cluster is given")
    assert "  - pass --kubeconfig FILE\n" in answer.err


def test_no_cluster_name(bare: Path) -> None:
    answer = albatross("status", "--kubeconfig", bare)
    assert answer.code == 1
    assert answer.err.startswith("error: the cluster name is missing")


def test_no_vpc(bare: Path) -> None:
    answer = albatross("plan", "--live", "--kubeconfig", bare, "--cluster-name", "prod")
    assert (answer.code, answer.err) == (1, "error: the VPC is unknown\n  - pass --vpc-id VPC\n  - set ALBATROSS_AWS_VPC_ID=VPC\n")


def test_no_credentials(bare: Path) -> None:
    answer = albatross("status", "--kubeconfig", bare, "--cluster-name", "prod", "--vpc-id", "vpc-1", "--region", "ap-northeast-2")
    assert answer.code == 1
    assert answer.err.startswith("error: no AWS credentials")


def test_recording_needs_no_cluster() -> None:
    answer = albatross("record", "--region", "ap-northeast-2")
    assert answer.code == 1
    assert answer.err.startswith("error: no AWS credentials")


def test_files_are_laid_over_the_cluster() -> None:
    there = {"kind": "Ingress", "metadata": {"namespace": "a", "name": "x", "uid": "1", "labels": {"old": "1"}}, "status": {"s": 1}}
    other = {"kind": "Service", "metadata": {"namespace": "a", "name": "x"}}
    file = {"kind": "Ingress", "metadata": {"namespace": "a", "name": "x", "labels": {"new": "1"}}, "spec": {}}
    new = {"kind": "Ingress", "metadata": {"namespace": "a", "name": "y"}}
    assert live.applied([there, other], [file, new]) == [
        {**file, "metadata": {**file["metadata"], "uid": "1"}, "status": {"s": 1}},  # type: ignore[dict-item]
        other,
        new,
    ]
