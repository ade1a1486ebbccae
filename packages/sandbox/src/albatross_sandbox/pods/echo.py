"""The server a pod runs by default: it answers every request with a JSON description of it.

HTTP/1.1 and WebSocket through aiohttp, HTTP/2 (by ALPN or prior knowledge) and gRPC through `http2`, told apart
by the connection's first bytes.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from albatross_sandbox.pods import http2, listen, tls
from albatross_sandbox.pods.log import Log
from albatross_sandbox.pods.objects import Object, annotation, name, namespace

PROBERS = ("ELB-HealthChecker", "kube-probe")
# Chosen: a body longer than this is not shown back.
BODY_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Request:
    """One request, whatever HTTP version brought it; header names are lower case."""

    method: str
    target: str
    host: str
    headers: dict[str, str]
    body: bytes
    peer: str
    version: str

    @property
    def path(self) -> str:
        """The path, as sent, without the query."""
        return self.target.partition("?")[0]


class Echo:
    """One listening port of one pod; `pod` gives its object as it is now, so that annotations act at once."""

    def __init__(self, pod: Callable[[], Object], ip: str, port: int, *, secure: bool, log: Log) -> None:
        self.pod, self.ip, self.port, self.secure, self._log = pod, ip, port, secure, log
        self._http1 = web.Server(self._serve, access_log=None)
        self._open: set[Front] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; raises OSError when the address is taken."""
        context = tls.context() if self.secure else None
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, self.ip, self.port, ssl=context, backlog=256)

    async def stop(self, grace: float) -> None:
        """Close the port, let requests under way finish within `grace` seconds, then close connections."""
        if self._server is not None:
            await listen.close(self._server)
        for front in list(self._open):
            front.close()
        await self._http1.shutdown(grace)

    def _connection(self) -> "Front":
        return Front(self._http1, self._answer_http2, self._open)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        transport = request.transport
        seen = Request(
            request.method,
            request.raw_path,
            request.headers.get("Host", ""),
            _joined((key.lower(), value) for key, value in request.headers.items()),
            await request.read() if request.can_read_body else b"",
            str(request.remote),
            "HTTP/1.1",
        )
        if self.healthy(seen) and seen.headers.get("upgrade", "").lower() == "websocket":
            self._note(seen, 101)
            return await self._websocket(request, seen)
        status, body = self._answer(seen, transport)
        return web.Response(status=status, body=body, content_type="application/json")

    async def _websocket(self, request: web.BaseRequest, seen: Request) -> web.StreamResponse:
        """Greets with the description of the request, then sends back what it gets."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_bytes(orjson.dumps(self.describe(seen, request.transport)))
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await socket.send_bytes(message.data)
        return socket

    def _answer_http2(self, seen: http2.Stream, transport: asyncio.Transport) -> http2.Answer:
        headers = _joined(item for item in seen.headers if not item[0].startswith(":"))
        pseudo = dict(seen.headers)
        peer = transport.get_extra_info("peername") or ("",)
        request = Request(
            pseudo.get(":method", ""), pseudo.get(":path", ""), pseudo.get(":authority", ""), headers, seen.body, str(peer[0]), "HTTP/2"
        )
        if headers.get("content-type", "").startswith("application/grpc"):
            self._note(request, 200)
            return http2.grpc(request.path, request.body, healthy=self.healthy(request))
        status, body = self._answer(request, transport)
        return http2.Answer(status, (("content-type", "application/json"),), body)

    def _answer(self, request: Request, transport: asyncio.BaseTransport | None) -> tuple[int, bytes]:
        status = 200 if self.healthy(request) else 503
        self._note(request, status)
        return status, orjson.dumps(self.describe(request, transport), option=orjson.OPT_APPEND_NEWLINE)

    def healthy(self, request: Request) -> bool:
        """False for health checks while the pod is annotated `sandbox.albatross/health: fail`."""
        pod = self.pod()
        if annotation(pod, "health") != "fail":
            return True
        probing = request.headers.get("user-agent", "").startswith(PROBERS)
        return not (probing or request.path in _health_paths(pod))

    def describe(self, request: Request, transport: asyncio.BaseTransport | None) -> dict[str, Any]:
        """The answer: who was reached, and by what request."""
        pod = self.pod()
        path, _, query = request.target.partition("?")
        shown = {
            "pod": name(pod),
            "namespace": namespace(pod),
            "ip": self.ip,
            "port": self.port,
            "node": pod["spec"].get("nodeName"),
            "host": request.host,
            "method": request.method,
            "path": path,
            "query": query,
            "headers": request.headers,
            "scheme": "https" if self.secure else "http",
            "version": request.version,
            "peer": request.peer,
            "tls": _tls(transport),
        }
        if request.body:
            shown["body"] = request.body[:BODY_BYTES].decode(errors="replace")
        return shown

    def _note(self, request: Request, status: int) -> None:
        agent = request.headers.get("user-agent", "-")
        self._log.write(f'{request.peer} {request.host} "{request.method} {request.target} {request.version}" {status} "{agent}"')


class Front(asyncio.Protocol):
    """Waits for a connection's first bytes, then hands it to HTTP/2 or HTTP/1.1."""

    def __init__(self, http1: web.Server, answer: http2.Handler, opened: "set[Front]") -> None:
        self._http1, self._answer, self._open = http1, answer, opened
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection among those to close at the end."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._open.add(self)

    def data_received(self, data: bytes) -> None:
        """Choose as soon as the bytes can only be one of the two."""
        self._buffer += data
        if len(self._buffer) < len(http2.PREFACE) and http2.PREFACE.startswith(self._buffer):
            return
        assert self._transport is not None
        if self._buffer.startswith(http2.PREFACE):
            protocol: asyncio.Protocol = http2.Connection(self._answer, lambda: self._open.discard(self))
        else:
            self._open.discard(self)  # aiohttp keeps its own connections, and closes them
            protocol = self._http1()
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        protocol.data_received(self._buffer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._open.discard(self)

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()


def _health_paths(pod: Object) -> set[str]:
    paths = {annotation(pod, "health-path") or ""}
    for container in pod["spec"].get("containers") or ():
        probe = (container.get("readinessProbe") or {}).get("httpGet")
        if probe:
            paths.add(str(probe.get("path") or "/").partition("?")[0])
    return paths


def _joined(items: Any) -> dict[str, str]:
    joined: dict[str, str] = {}
    for key, value in items:
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return joined


def _tls(transport: asyncio.BaseTransport | None) -> dict[str, Any] | None:
    secure = transport.get_extra_info("ssl_object") if transport is not None else None
    if not isinstance(secure, ssl.SSLObject):
        return None
    return {"version": secure.version(), "cipher": (secure.cipher() or ("",))[0], "alpn": secure.selected_alpn_protocol()}
