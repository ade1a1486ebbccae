"""An API server that sends prepared answers in order, and keeps the requests."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from tests.clock import Virtual

from albatross.kube.client import Client
from albatross.kube.config import Access
from albatross.kube.watch import END_OF_LIST


@dataclass
class Reply:
    """One answer; `body` is text, or JSON values, one per line. `open`: the stream stays open after them."""

    body: str | list[dict[str, Any]] = ""
    status: int = 200
    open: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> bytes:
        return (self.body if isinstance(self.body, str) else "".join(json.dumps(each) + "\n" for each in self.body)).encode()


@dataclass
class Script:
    """The answers. After the last one, streams stay open without data. `asked` has the query of each request,
    `bodies` the bodies of the requests with a body."""

    replies: list[Reply]
    client: Client
    clock: Virtual
    asked: list[dict[str, str]] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(dict(request.query))
        self.methods.append(request.method)
        self.bodies += [await request.json()] if request.can_read_body else []
        reply = self.replies.pop(0) if self.replies else Reply(open=True)
        answer = web.StreamResponse(status=reply.status, headers=reply.headers)
        await answer.prepare(request)
        await answer.write(reply.text)
        if reply.open:
            await self.over.wait()
        return answer


@asynccontextmanager
async def playing(*replies: Reply) -> AsyncIterator[Script]:
    """A server that sends these replies, and a client with a clock that only the test moves."""
    app, clock = web.Application(), Virtual()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    client = Client(Access(server="", source="test"), clock=clock)
    script = Script(list(replies), client, clock)
    app.router.add_route("*", "/{path:.*}", script.handle)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        script.client = Client(Access(server=f"http://{host}:{port}", source="test"), clock=clock)
        async with script.client:
            yield script
    finally:
        script.over.set()
        await runner.cleanup()


# What a watch says -----------------------------------------------------------------------------------------------------


def ingress(name: str, version: int) -> dict[str, Any]:
    return {"metadata": {"namespace": "default", "name": name, "resourceVersion": str(version)}, "spec": {}}


def added(name: str, version: int) -> dict[str, Any]:
    return {"type": "ADDED", "object": ingress(name, version)}


def bookmark(version: int, **annotations: str) -> dict[str, Any]:
    return {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": str(version), "annotations": annotations}}}


def listed(*names: str, version: int = 10) -> list[dict[str, Any]]:
    """A streamed list and its end."""
    return [*(added(name, version) for name in names), bookmark(version, **{END_OF_LIST: "true"})]


def refused(code: int, reason: str = "", message: str = "no") -> dict[str, Any]:
    """An ERROR event."""
    return {"type": "ERROR", "object": {"kind": "Status", "code": code, "reason": reason, "message": message}}


def page(*names: str, token: str = "", version: int = 10) -> Reply:
    """A page of a list."""
    metadata = {"resourceVersion": str(version), **({"continue": token} if token else {})}
    return Reply([{"metadata": metadata, "items": [ingress(name, version) for name in names]}])
