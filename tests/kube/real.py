"""The real API server: etcd and kube-apiserver from the folder KUBEBUILDER_ASSETS, as controller-runtime's envtest runs them."""

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from albatross.catalog.kinds import KINDS
from albatross.kube.client import Client
from albatross_sandbox import guard
from albatross_sandbox.kube import certificate

ASSETS = os.environ.get("KUBEBUILDER_ASSETS", "")
REASON = "KUBEBUILDER_ASSETS is not set: no kube-apiserver to test against"
TOKEN = "admin-of-a-test"
START_SECONDS = 60.0
STOP_SECONDS = 20.0


@dataclass
class Place:
    """A namespace of a test's own, and a client who may do everything."""

    client: Client
    namespace: str

    def path(self, kind: str, name: str = "") -> str:
        return KINDS[kind].path(self.namespace, name)

    async def make(self, kind: str, name: str, **body: Any) -> dict[str, Any]:
        """Create an object; as it was stored."""
        metadata = {"name": name, **body.pop("metadata", {})}
        return await self.client.create(
            self.path(kind), {"apiVersion": KINDS[kind].api_version, "kind": kind, "metadata": metadata, **body}
        )

    async def items(self, plural: str) -> list[dict[str, Any]]:
        """The objects of a core kind."""
        return list((await self.client.get(f"/api/v1/namespaces/{self.namespace}/{plural}"))["items"])


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Run an API server with its files in a folder; its kubeconfig."""
    with _etcd(folder) as etcd, _apiserver(folder, etcd) as kubeconfig:
        yield kubeconfig


@contextlib.contextmanager
def _etcd(folder: Path) -> Iterator[str]:
    url = f"http://127.0.0.1:{_port()}"
    flags = ("--data-dir", str(folder / "etcd"), "--unsafe-no-fsync", "--listen-peer-urls", "http://127.0.0.1:0")
    with _running("etcd", folder, *flags, "--listen-client-urls", url, "--advertise-client-urls", url) as process:
        _ready(process, urllib.request.Request(f"{url}/health"), folder)
        yield url


@contextlib.contextmanager
def _apiserver(folder: Path, etcd: str) -> Iterator[str]:
    url = f"https://127.0.0.1:{_port()}"
    with _running("kube-apiserver", folder, *_flags(folder, etcd, url)) as process:
        request = urllib.request.Request(f"{url}/readyz", headers={"Authorization": f"Bearer {TOKEN}"})
        _ready(process, request, folder)
        file = folder / "kubeconfig"
        file.write_text(json.dumps(_kubeconfig(folder, url)))
        yield str(file)


def _flags(folder: Path, etcd: str, url: str) -> tuple[str, ...]:
    bundle = certificate.make(("127.0.0.1",))
    texts = {"ca.pem": bundle.authority, "server.pem": bundle.certificate, "server.key": bundle.key}
    for name, text in {**texts, "tokens.csv": f"{TOKEN},admin,admin,system:masters\n".encode()}.items():
        (folder / name).write_bytes(text)
    key = str(folder / "server.key")
    return (
        f"--etcd-servers={etcd}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={url.rpartition(':')[2]}",
        f"--cert-dir={folder}",
        f"--tls-cert-file={folder / 'server.pem'}",
        f"--tls-private-key-file={key}",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        "--allow-privileged=true",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--endpoint-reconciler-type=none",  # none may write 127.0.0.1 into the endpoints of `kubernetes`
        "--disable-admission-plugins=ServiceAccount",
        f"--service-account-issuer={url}",
        f"--service-account-key-file={folder / 'server.pem'}",
        f"--service-account-signing-key-file={key}",
    )


def _kubeconfig(folder: Path, url: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "real", "cluster": {"server": url, "certificate-authority": str(folder / "ca.pem")}}],
        "users": [{"name": "admin", "user": {"token": TOKEN}}],
        "contexts": [{"name": "real", "context": {"cluster": "real", "user": "admin"}}],
        "current-context": "real",
    }


@contextlib.contextmanager
def _running(name: str, folder: Path, *flags: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program that ends with the block, or with us however we end; what it logs goes to a file."""
    program = Path(ASSETS) / name
    assert program.is_file(), f"KUBEBUILDER_ASSETS is {ASSETS}, where there is no {name}"
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            guard.argv((str(program), *flags)), stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=folder, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # the guard's watchdog
        assert process.stdin is not None
        process.stdin.close()


def _ready(process: subprocess.Popen[bytes], request: urllib.request.Request, folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(request, folder):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
        if process.poll() is not None or time.monotonic() > deadline:
            logs = "\n".join(file.read_text(errors="replace")[-1500:] for file in folder.glob("*.log"))
            raise AssertionError(f"{request.full_url} does not answer; the logs end\n{logs}")


def _answers(request: urllib.request.Request, folder: Path) -> bool:
    context = ssl.create_default_context(cafile=folder / "ca.pem") if request.type == "https" else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:
        return False


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
