"""A cluster in this process, with its pods running, for the tests of this folder."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from albatross_sandbox import pods
from albatross_sandbox.kube.cluster import Cluster
from albatross_sandbox.world import network

Object = dict[str, Any]
DEPLOYMENTS, REPLICASETS, SLICES = "deployments.apps", "replicasets.apps", "endpointslices.discovery.k8s.io"


@dataclass
class Bed:
    """The cluster, and short verbs for tests."""

    cluster: Cluster
    prefix: str
    session: aiohttp.ClientSession

    async def deploy(self, name: str = "api", replicas: int = 2, *, pod: Object | None = None, **spec: Any) -> None:
        template = {"metadata": {"labels": {"app": name}}, "spec": container() | (pod or {})}
        body = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template, **spec}
        await self.cluster.create(
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "default"}, "spec": body}
        )

    async def pod(self, name: str = "one", annotations: dict[str, str] | None = None, **spec: Any) -> None:
        metadata = {"name": name, "namespace": "default", "labels": {"app": name}, "annotations": annotations or {}}
        await self.cluster.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": container() | spec})

    async def service(self, name: str = "api", *, selector: str = "", **spec: Any) -> None:
        port = {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}
        body = {"clusterIP": "10.100.0.1", "selector": {"app": selector or name}, "ports": [port], **spec}
        await self.cluster.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "default"}, "spec": body})

    def pods(self, app: str = "") -> list[Object]:
        return self.cluster.list("pods", "default", {"app": app} if app else None)

    def one(self, name: str = "one") -> Object:
        return self.cluster.get("pods", "default", name) or {}

    def ready(self, app: str = "") -> int:
        return sum(condition(pod, "Ready") == "True" for pod in self.pods(app))

    def endpoints(self, service: str = "api") -> list[Object]:
        slices = self.cluster.list(SLICES, "default", {"kubernetes.io/service-name": service})
        return [endpoint for item in slices for endpoint in item.get("endpoints") or ()]

    async def until(self, holds: Callable[[], Any], within: float = 8) -> None:
        async with asyncio.timeout(within):
            while not holds():  # noqa: ASYNC110 - the clearest way to ask a question of the whole cluster again
                await asyncio.sleep(0.005)

    async def get(self, url: str, **options: Any) -> Object:
        async with self.session.get(url, **options) as answer:
            return {"status": answer.status, **json.loads(await answer.text())}

    async def annotate(self, name: str, **annotations: str | None) -> None:
        changes = {f"sandbox.albatross/{key}": value for key, value in annotations.items()}
        await self.cluster.merge("pods", "default", name, {"metadata": {"annotations": changes}})


def container(**more: Any) -> Object:
    return {"containers": [{"name": "main", "image": "echo", "ports": [{"name": "http", "containerPort": 8080}], **more}]}


def condition(obj: Object, kind: str) -> str | None:
    found = [item["status"] for item in (obj.get("status") or {}).get("conditions") or () if item["type"] == kind]
    return found[0] if found else None


def node(index: int, prefix: str) -> Object:
    zone = f"ap-northeast-2{'abc'[index]}"
    ids = {"instance_id": f"i-{index}", "eni_id": f"eni-{index}", "provider_id": f"aws:///{zone}/i-{index}"}
    return {"name": f"node-{index}", "private_ip": f"{prefix}.{48 + 16 * index}.1", "zone": zone, **ids}


@asynccontextmanager
async def bed(aws_endpoint: str | None = None) -> AsyncIterator[Bed]:
    cluster = Cluster()
    for namespace in ("default", "other"):
        await cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    with network.claimed("pods") as cidr:
        async with running(cluster, cidr.removesuffix(".0.0/16"), aws_endpoint) as found:
            yield found


@asynccontextmanager
async def running(cluster: Cluster, prefix: str, aws_endpoint: str | None = None) -> AsyncIterator[Bed]:
    """The pods of a cluster, for as long as the context is open."""
    config = {"region": "ap-northeast-2", "nodes": [node(index, prefix) for index in range(3)], "aws_endpoint": aws_endpoint}
    connector = aiohttp.TCPConnector(force_close=True)
    async with pods.start(cluster, config), aiohttp.ClientSession(connector=connector) as session:
        yield Bed(cluster, prefix, session)
