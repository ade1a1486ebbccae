from __future__ import annotations

import asyncio
import json
import pathlib
import signal
import stat
import subprocess
import sys
from typing import IO, Any, cast

import pytest

from albatross.sandbox.kube import child
from albatross.sandbox.kube.cluster import Cluster


def start(folder: pathlib.Path) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    config = folder / "config.json"
    config.write_text(json.dumps({"state": str(folder / "state"), "workloads": False}))
    command = [sys.executable, "-m", "albatross.sandbox.kube", "--config", str(config)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return process, json.loads(cast(IO[bytes], process.stdout).readline())


@pytest.mark.parametrize("how", ["term", "eof"])
def test_it_ends_with_its_parent(tmp_path: pathlib.Path, how: str) -> None:
    process, ready = start(tmp_path)
    with process:
        assert ready["ready"] is True
        assert ready["server"].startswith("https://127.0.0.1:")
        if how == "term":
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0
    assert process.returncode == 0


def test_its_usage_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert child.main([]) == 2
    assert "--config FILE.json" in capsys.readouterr().err


async def until(cluster: Cluster, kind: str, namespace: str, name: str) -> dict[str, Any]:
    """The object, once it is there."""
    async with asyncio.timeout(20):
        async for _, _, obj in cluster.watch(kind):
            if (obj["metadata"].get("namespace"), obj["metadata"]["name"]) == (namespace, name):
                return obj
    raise AssertionError("the watch ended")


async def test_namespaces_come_furnished(tmp_path: pathlib.Path) -> None:
    async with child.serve(tmp_path) as running:
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "new"}}
        await running.cluster.create(space)
        await until(running.cluster, "serviceaccounts", "new", "default")
        trust = await until(running.cluster, "configmaps", "new", "kube-root-ca.crt")
        assert trust["data"]["ca.crt"] == running.ca.read_text()
        assert running.cluster.get("services", "default", "kubernetes")


async def test_secrets_are_the_owners_alone(tmp_path: pathlib.Path) -> None:
    async with child.serve(tmp_path) as running:
        assert stat.S_IMODE(running.kubeconfig.stat().st_mode) == 0o600
        config = json.loads(running.kubeconfig.read_text())
        assert config["clusters"][0]["cluster"]["server"] == running.server


async def test_versions_go_on_from_one_life_to_the_next(tmp_path: pathlib.Path) -> None:
    async with child.serve(tmp_path) as one:
        first = one.cluster.store.version
    async with child.serve(tmp_path) as other:
        assert other.cluster.store.version >= first
