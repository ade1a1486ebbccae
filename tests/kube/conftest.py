"""The fixtures of this folder: an API server, and no cluster in the environment."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.clock import Virtual
from tests.kube.wire import Api, Wire

from albatross.kube.client import Client
from albatross.kube.config import load
from albatross_sandbox.kube.child import serve


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with serve(tmp_path / "kube") as running:
        access = load(str(running.kubeconfig), environ={})
        host, _, port = access.server.removeprefix("https://").partition(":")
        async with Wire((host, int(port))).listening() as wire:
            through = replace(access, server=f"https://127.0.0.1:{wire.port}")
            clock = Virtual()
            async with Client(through, clock=clock) as client:
                yield Api(running, wire, client, clock)


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
