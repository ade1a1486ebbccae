import asyncio
import json
import pathlib
import signal
import stat
import subprocess
import sys
from typing import IO, Any, cast

import pytest

from albatross_sandbox.kube import child
from albatross_sandbox.kube.cluster import Cluster
from albatross_sandbox.kube.fault import Fault


def start(folder: pathlib.Path, port: int = 0) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    config = folder / "config.json"
    config.write_text(json.dumps({"state": str(folder / "state"), "workloads": False, "port": port}))
    command = [sys.executable, "-m", "albatross_sandbox.kube", "--config", str(config)]
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


def definition(plural: str) -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = [{"name": "v1", "served": True, "storage": True, "schema": schema}]
    spec = {"group": "example.com", "scope": "Namespaced", "names": {"plural": plural, "kind": "Thing"}, "versions": versions}
    metadata = {"name": f"{plural}.example.com"}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": metadata, "spec": spec}


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


async def test_a_life_takes_up_the_last_one(tmp_path: pathlib.Path) -> None:
    port = {"port": 80, "nodePort": 30123}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"type": "NodePort", "ports": [port]}}
    async with child.serve(tmp_path) as one:
        await one.cluster.create(definition("things"))
        await one.cluster.create({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "mine"}})
        await one.cluster.create(service)
        account = await until(one.cluster, "serviceaccounts", "default", "default")
        token = one.face.tokens.issue("default", "default", account["metadata"]["uid"])
        files = [one.kubeconfig.read_text().replace(one.server, ""), one.ca.read_text()]
        version = one.cluster.store.version
    async with child.serve(tmp_path) as other:
        assert [other.kubeconfig.read_text().replace(other.server, ""), other.ca.read_text()] == files
        assert other.cluster.store.version == version
        assert other.cluster.get("things.example.com", "default", "mine")
        user = other.face.tokens.user(token)
        assert user
        assert user.name == "system:serviceaccount:default:default"
        with pytest.raises(Fault, match="already allocated"):
            await other.cluster.create({**service, "metadata": {"name": "second"}})


async def test_a_deletion_that_was_cut_off_is_finished(tmp_path: pathlib.Path) -> None:
    def made(name: str, *owners: str) -> dict[str, Any]:
        references = [{"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": uid} for uid in owners]
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default", "ownerReferences": references}}

    async with child.serve(tmp_path) as one:
        owner = await one.cluster.create(made("owner"))
        await one.cluster.create(made("owned", owner["metadata"]["uid"]))
        one.cluster.store.remove("configmaps", owner)
    async with child.serve(tmp_path) as other:
        assert other.cluster.get("configmaps", "default", "owned") is None


async def test_the_kubernetes_service_comes_back(tmp_path: pathlib.Path) -> None:
    async with child.serve(tmp_path) as running:
        before = running.cluster.get("services", "default", "kubernetes") or {}
        await running.cluster.delete("services", "default", "kubernetes")
        after = await until(running.cluster, "services", "default", "kubernetes")
        assert after["metadata"]["uid"] != before["metadata"]["uid"]
        assert after["spec"]["clusterIP"] == "10.96.0.1"


def test_a_killed_server_comes_back_at_its_port(tmp_path: pathlib.Path) -> None:
    process, ready = start(tmp_path)
    with process:
        process.kill()
    process, again = start(tmp_path, int(ready["server"].rpartition(":")[2]))
    with process:
        assert again == ready
