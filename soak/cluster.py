"""A Kubernetes API server in this process: every request passes a gate that can count it, spoil it, or kill who sent it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from albatross_sandbox.kube import bootstrap
from albatross_sandbox.kube.cluster import Cluster
from albatross_sandbox.kube.identity import admin
from albatross_sandbox.kube.server import Server

Object = dict[str, Any]
AGENT = "albatross"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a controller: its number among the writes since the last `reset` (0: it is no write), and what it asks for."""

    number: int
    method: str
    path: str
    watch: bool

    @property
    def name(self) -> str:
        """`PATCH ingresses/status`."""
        return f"{self.method} {kind(self.path)}"

    @property
    def writes(self) -> bool:
        return bool(self.number)


Serve = Callable[[], Awaitable[web.StreamResponse]]
Gate = Callable[[Asked, web.Request, Serve], Awaitable[web.StreamResponse]]


async def through(_: Asked, __: web.Request, serve: Serve) -> web.StreamResponse:
    """The gate that is open."""
    return await serve()


NO_WRITE = ("/leases", "/events", "selfsubject", "customresourcedefinitions")
"""Paths of writes that a pass does not make."""


class Face(Server):
    """The server, with the gate in front of it."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster)
        self.gate: Gate = through
        self.written = 0
        self.names: list[str] = []
        self.watches: list[asyncio.Transport] = []

    async def _handle(self, asked: web.Request) -> web.StreamResponse:
        async def serve() -> web.StreamResponse:
            return await super(Face, self)._handle(asked)

        if not asked.headers.get("User-Agent", "").startswith(AGENT):
            return await serve()
        writes = asked.method != "GET" and not any(part in asked.path for part in NO_WRITE)
        self.written += writes
        row = Asked(self.written if writes else 0, asked.method, asked.path, "watch" in asked.query)
        if writes:
            self.names.append(row.name)
        if row.watch and isinstance(asked.transport, asyncio.Transport):
            self.watches.append(asked.transport)
        return await self.gate(row, asked, serve)

    def reset(self) -> None:
        """Count from 1 again, with an open gate."""
        self.written, self.gate = 0, through
        self.names.clear()


def kind(path: str) -> str:
    """The plural of a path, with its subresource."""
    words = path.split("/")
    plurals = ("ingresses", "services", "targetgroupbindings", "pods", "configmaps")
    found = next((word for word in words if word in plurals), words[-1])
    return found + ("/status" if words[-1] == "status" else "")


@dataclass
class Api:
    """The running API server."""

    cluster: Cluster
    face: Face
    folder: Path
    token: str
    port: int = 0
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "kubeconfig"

    async def listen(self) -> None:
        """Answer at the port; at the first time, a free one."""
        self.port = await self.stack.enter_async_context(self.face.listen("127.0.0.1", self.port, None))

    async def restart(self, seconds: float) -> None:
        """Break every connection and answer nothing for some seconds; the objects stay."""
        await self.stack.aclose()
        await asyncio.sleep(seconds)
        while True:
            try:
                await self.listen()
                return
            except OSError:  # somebody else has the port for a moment: a client that has just tried to connect
                await asyncio.sleep(0.1)

    def renew(self) -> None:
        """Write another token into the file that the controller reads."""
        self.token, user = admin()
        self.face.tokens.add(self.token, user)
        (self.folder / "token").write_text(self.token)

    async def apply(self, obj: Object) -> None:
        """Create an object, or replace its metadata's annotations and its spec."""
        key = self.kind_key(obj)
        meta = obj["metadata"]
        present = self.cluster.get(key, meta.get("namespace", ""), meta["name"])
        if present is None:
            await self.cluster.create(obj)
            return
        kept = {name: value for name, value in present.items() if name in ("status",)}
        metadata = {**present["metadata"], "annotations": meta.get("annotations", {}), "labels": meta.get("labels", {})}
        await self.cluster.update({**kept, **obj, "metadata": metadata})

    def kind_key(self, obj: Object) -> str:
        resource = self.cluster.registry.of_kind(obj["apiVersion"], obj["kind"])
        assert resource is not None, obj["kind"]
        return resource.key

    def objects(self, *keys: str) -> list[Object]:
        return [obj for key in keys if self.serves(key) for obj in self.cluster.list(key)]

    def serves(self, key: str) -> bool:
        """Whether a kind is installed."""
        try:
            self.cluster.resource(key)
        except KeyError:
            return False
        return True


@asynccontextmanager
async def api(state: Path) -> AsyncIterator[Api]:
    """An API server on loopback, without TLS."""
    cluster = Cluster()
    face = Face(cluster)
    found = Api(cluster, face, state, "")
    found.renew()
    await found.listen()
    await bootstrap.fill(cluster)
    found.kubeconfig.write_text(json.dumps(_config(found)))
    tasks = [asyncio.ensure_future(bootstrap.keep(cluster)), asyncio.ensure_future(bootstrap.furnish(cluster, "x"))]
    try:
        yield found
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await found.stack.aclose()


def _config(api: Api) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "soak", "cluster": {"server": f"http://127.0.0.1:{api.port}"}}],
        "users": [{"name": "admin", "user": {"tokenFile": str(api.folder / "token")}}],
        "contexts": [{"name": "soak", "context": {"cluster": "soak", "user": "admin", "namespace": "kube-system"}}],
        "current-context": "soak",
    }
