"""A Kubernetes API server over TLS, and a wire to it that can be cut and held."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.clock import Virtual, until

from albatross.kube.cache import Cache, Change
from albatross.kube.client import Client
from albatross.kube.config import Access
from albatross.kube.watch import Reflector, Timing
from albatross_sandbox.kube.child import Running

FAST = Timing(shortest=20, longest=20, grace=1, silence=0.4, list_silence=1, first_delay=0.02, last_delay=0.1, healthy=0.05)


@dataclass
class Wire:
    """A TCP forwarder; `held` keeps connections open and silent, `cut` resets them, `closed` accepts none."""

    target: tuple[str, int]
    port: int = 0
    closed: bool = False
    connections: int = 0
    _flow: asyncio.Event = field(default_factory=asyncio.Event)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    def hold(self) -> None:
        self._flow.clear()

    def release(self) -> None:
        self._flow.set()

    def cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator["Wire"]:
        self._flow.set()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.release()
            self.cut()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self.closed:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, far_writer}
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._pump(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await source.read(65536):
                await self._flow.wait()
                sink.write(chunk)
                await sink.drain()
        sink.close()
        self._open.discard(sink)


@dataclass
class Api:
    """The server, a client that reaches it through the wire, and what tests do to it."""

    running: Running
    wire: Wire
    client: Client
    clock: Virtual

    async def until(self, true: Callable[[], object]) -> None:
        """Let everything run until something holds; whoever backs off does not wait."""
        await until(true, self.clock)

    @property
    def access(self) -> Access:
        return self.client.access

    async def make(self, kind: str, name: str, namespace: str = "default", **body: Any) -> dict[str, Any]:
        obj = {"kind": kind, "metadata": {"namespace": namespace, "name": name, **body.pop("metadata", {})}, **body}
        return await self.running.cluster.create({"apiVersion": VERSIONS[kind], **obj})


VERSIONS = {
    "Ingress": "networking.k8s.io/v1",
    "Service": "v1",
    "ConfigMap": "v1",
    "Secret": "v1",
    "Node": "v1",
    "TargetGroupBinding": "elbv2.k8s.aws/v1beta1",
    "IngressClassParams": "elbv2.k8s.aws/v1beta1",
}


@dataclass
class Mirror:
    """A cache with a reflector that runs, and the changes it told of."""

    cache: Cache
    reflector: Reflector
    changes: list[Change]

    def names(self) -> set[str]:
        return {key[1] for key in self.cache.keys(self.reflector.kind)}


@contextlib.asynccontextmanager
async def mirrored(client: Client, kind: str, timing: Timing = FAST, **more: Any) -> AsyncIterator[Mirror]:
    cache, changes = Cache(), list[Change]()
    cache.listen(changes.append)
    mirror = Mirror(cache, Reflector(client, cache, kind, timing=timing, **more), changes)
    task = asyncio.create_task(mirror.reflector.run())
    try:
        await until(mirror.reflector.synced.is_set, client.clock if isinstance(client.clock, Virtual) else None)
        yield mirror
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
