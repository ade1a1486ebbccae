"""What is missing for a live look is said in one message, with the ways to supply it; nothing is asked before."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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


class Empty(BaseHTTPRequestHandler):
    """A cluster without objects."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def empty(bare: Path) -> Iterator[Path]:
    """The kubeconfig of a cluster without nodes."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Empty)
    running = threading.Thread(target=server.serve_forever)
    running.start()
    bare.write_text(KUBECONFIG.replace("127.0.0.1:1", f"127.0.0.1:{server.server_port}"))
    yield bare
    server.shutdown()
    server.server_close()
    running.join()


@pytest.mark.parametrize("command", [["plan", "--live"], ["route", "GET", "http://a/", "--live"], ["status"]])
def test_a_cluster_that_is_down_is_said_first(command: list[str], bare: Path) -> None:
    answer = albatross(*command, "--kubeconfig", bare, "--cluster-name", "prod")
    assert answer.code == 1
    assert answer.err.startswith("error: cannot reach the Kubernetes API at http://127.0.0.1:1: ")


def test_a_credential_plugin_that_is_missing_is_said_first(bare: Path) -> None:
    bare.write_text(KUBECONFIG.replace("token: secret", "exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin}"))
    answer = albatross("status", "--kubeconfig", bare, "--cluster-name", "prod", "--vpc-id", "vpc-1")
    assert (answer.code, answer.err) == (1, "error: the credential plugin no-such-plugin is not installed\n")


def test_a_cluster_that_never_answers_is_said_in_time(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert live.FIRST_SECONDS < 5
    monkeypatch.setattr(live, "FIRST_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        bare.write_text(KUBECONFIG.replace("127.0.0.1:1", f"127.0.0.1:{silent.getsockname()[1]}"))
        answer = albatross("status", "--kubeconfig", bare, "--cluster-name", "prod")
    assert answer.code == 1
    assert ": no answer " in answer.err


def test_no_vpc(empty: Path) -> None:
    answer = albatross("plan", "--live", "--kubeconfig", empty, "--cluster-name", "prod")
    assert (answer.code, answer.err) == (1, "error: the VPC is unknown\n  - pass --vpc-id VPC\n  - set ALBATROSS_AWS_VPC_ID=VPC\n")


def test_no_credentials(empty: Path) -> None:
    answer = albatross("status", "--kubeconfig", empty, "--cluster-name", "prod", "--vpc-id", "vpc-1", "--region", "ap-northeast-2")
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
