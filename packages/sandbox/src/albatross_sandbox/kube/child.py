"""The API server as a child process of a sandbox: it says when it is ready, and ends with its parent."""

import asyncio
import contextlib
import json
import logging
import pathlib
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from albatross_sandbox.kube import bootstrap, certificate
from albatross_sandbox.kube.certificate import Bundle
from albatross_sandbox.kube.cluster import Cluster
from albatross_sandbox.kube.eks import Authenticator
from albatross_sandbox.kube.journal import Journal
from albatross_sandbox.kube.server import Server
from albatross_sandbox.kube.value import Obj

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens; `kubeconfig` and `ca` are files."""

    server: str
    kubeconfig: pathlib.Path
    ca: pathlib.Path
    cluster: Cluster
    face: Server


@asynccontextmanager
async def serve(state: pathlib.Path, port: int = 0, name: str = "sandbox") -> AsyncIterator[Running]:
    """Run an API server with its files in a folder, without any controllers of workloads.

    What an earlier one left in the folder `kube` there, however it ended, is taken up: objects, tokens and certificate.
    """
    journal = Journal(state / "kube" / "objects")
    try:
        bundle = _bundle(state / "kube" / "server.pem")
        cluster = Cluster(journal.store)
        face = Server(cluster)
        token = face.tokens.admin()
        async with face.listen(_HOST, port, _tls(state / "kube" / "server.pem")), _running(bootstrap.keep(cluster)):
            await bootstrap.fill(cluster)
            async with _running(bootstrap.furnish(cluster, bundle.authority.decode())):
                ca = state / "ca.crt"
                ca.write_bytes(bundle.authority)
                kubeconfig = state / "kubeconfig"
                _secret(kubeconfig, json.dumps(_config(cluster.server, name, ca, token), indent=1).encode())
                yield Running(cluster.server, kubeconfig, ca, cluster, face)
    finally:
        journal.close()


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _bundle(file: pathlib.Path) -> Bundle:
    """The server's certificate, made when there is none yet."""
    try:
        return certificate.read(file.read_bytes())
    except (FileNotFoundError, ValueError):
        bundle = certificate.make((_HOST, "10.96.0.1"))
        _secret(file, bundle.text)
        return bundle


def _tls(file: pathlib.Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


def _secret(path: pathlib.Path, content: bytes) -> None:
    """Write, in one step, a file that only its owner can read."""
    draft = path.with_name(path.name + ".new")
    draft.touch(mode=0o600)
    draft.chmod(0o600)
    draft.write_bytes(content)
    draft.replace(path)


def _config(server: str, name: str, ca: pathlib.Path, token: str) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": server, "certificate-authority": str(ca.resolve())}}],
        "users": [{"name": "admin", "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": "admin", "namespace": "default"}}],
        "current-context": name,
    }


async def run(config: Obj) -> None:
    """Serve until standard input ends or a signal comes.

    `config` is that of the sandbox's parts, and two keys more: `workloads` false leaves the controllers of workloads out;
    `webhooks` maps Services (`namespace/name`) to the URLs at which their admission webhooks really are.
    """
    state, ended = pathlib.Path(config["state"]), _signalled()
    name = config.get("cluster_name") or "sandbox"
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(serve(state, int(config.get("port") or 0), name))
        if config.get("aws_endpoint"):
            running.face.aws = Authenticator(config["aws_endpoint"], name)
            await running.face.aws.announce(running.server, running.ca.read_text())
        running.face.admission.services.update(config.get("webhooks") or {})
        if config.get("workloads", True):
            from albatross_sandbox import pods  # the API server alone needs none of what pods need

            await stack.enter_async_context(pods.start(running.cluster, config))
        ready = {"ready": True, "server": running.server, "kubeconfig": str(running.kubeconfig), "ca": str(running.ca)}
        print(json.dumps(ready), flush=True)
        await _end(ended)


def _signalled() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set from now on."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    return ended


async def _end(ended: asyncio.Event) -> None:
    """Wait for the parent to close the pipe, or for a signal."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    waiting = [asyncio.create_task(ended.wait()), asyncio.create_task(_drain(reader))]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
        transport.close()


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(4096):
        pass


def main(arguments: list[str]) -> int:
    """Start from the command line: `--config FILE.json`."""
    if len(arguments) != 2 or arguments[0] != "--config":
        print("usage: python -m albatross_sandbox.kube --config FILE.json", file=sys.stderr)
        return 2
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    config = json.loads(pathlib.Path(arguments[1]).read_text())
    asyncio.run(run(config))
    return 0
