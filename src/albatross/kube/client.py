"""A small Kubernetes client: JSON over TLS; every call has a deadline, and one retry with a fresh token."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from albatross.clock import Clock
from albatross.fence import Fence
from albatross.kube.config import Access
from albatross.kube.errors import CLASSES, KubeError, Refused, Silent, Unreachable
from albatross.kube.trust import Trust

JSON = "application/json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"

LARGE = 64 * 1024
"""Bytes of JSON that are decoded in a thread: 1.5 MB, the most that etcd accepts, would hold the event loop for 0.2 s (measured)."""
CALL_SECONDS = 30.0
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0
# client-go waits for Retry-After up to ten times; with four, a call stays within the time of its reconcile.
PATIENCE = 4
WAIT_SECONDS = 30.0
AT_ONCE = 16
"""Calls that run at the same time (chosen by us). Each needs a connection of its own: 3 ms of CPU and 200 KiB of memory (measured)."""
SEAT_SECONDS = 1.0
"""The longest wait without the end of any call (chosen by us): if all calls hang, others must not hang with them."""
# A dead peer is detected after 30 s without an answer to a probe or segment.
KEEPALIVE = (
    (socket.TCP_NODELAY, 1),
    (socket.TCP_KEEPIDLE, 15),
    (socket.TCP_KEEPINTVL, 5),
    (socket.TCP_KEEPCNT, 3),
    (socket.TCP_USER_TIMEOUT, 30_000),
)

Object = dict[str, Any]

Watcher = Callable[[str, str, str], None]
"""Called after each request with method, host and HTTP status (`<error>`: no answer): for metrics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; `timeout` limits the whole exchange, `answer` limits the time until its first byte, in seconds.

    `fenced`: a write is only sent while this process may write. The lease itself and events are free of that.
    """

    method: str
    path: str
    body: Any = None
    content_type: str = JSON
    params: Mapping[str, str] = field(default_factory=dict)
    timeout: float = CALL_SECONDS
    answer: float = ANSWER_SECONDS
    fenced: bool = True


class Client:
    """An async context manager; use one per process; it is safe for concurrent use. `fence` is asked at the moment when a write is sent."""

    def __init__(self, access: Access, agent: str = "albatross", clock: Clock | None = None) -> None:
        """`clock` is the clock of everything that uses this client: watches, leases, events."""
        self.access = access
        self.clock = clock or Clock()
        self.fence = Fence(self.clock)
        self.watcher: Watcher | None = None
        self._host = urlsplit(access.server).netloc
        self.agent = agent
        self._trust = Trust(access, self.clock) if access.server.startswith("https") else None
        self._http: aiohttp.ClientSession | None = None
        self._seats = asyncio.Semaphore(AT_ONCE)
        self._ended = float("-inf")

    async def __aenter__(self) -> "Client":
        tls = self._trust.context if self._trust else True
        connector = aiohttp.TCPConnector(ssl=tls, limit=0, socket_factory=_socket)
        headers = [("User-Agent", self.agent), ("Accept", JSON), *self.access.headers]
        # HTTPS_PROXY and NO_PROXY are used, but never for this machine itself, as in Go.
        proxied = not _loopback(self.access.server)
        self._http = aiohttp.ClientSession(connector=connector, headers=headers, read_bufsize=2**20, trust_env=proxied)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._http is not None:
            await self._http.close()

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Object:
        """GET an object or a list. Errors: those of `kube.errors`."""
        return await self.call(Request(method="GET", path=path, params=params or {}))

    async def create(self, path: str, body: Object) -> Object:
        """POST an object to its collection; returns the object as stored."""
        return await self.call(Request(method="POST", path=path, body=body))

    async def replace(self, path: str, body: Object) -> Object:
        """PUT an object; `KubeConflict` if its resourceVersion is not the latest."""
        return await self.call(Request(method="PUT", path=path, body=body))

    async def patch(self, path: str, body: Any, content_type: str = MERGE, params: Mapping[str, str] | None = None) -> Object:
        """PATCH an object; returns the object as stored."""
        return await self.call(Request(method="PATCH", path=path, body=body, content_type=content_type, params=params or {}))

    async def delete(self, path: str, body: Object | None = None) -> Object:
        """DELETE an object; `body` has DeleteOptions such as preconditions."""
        return await self.call(Request(method="DELETE", path=path, body=body))

    async def call(self, request: Request) -> Object:
        """The decoded answer of one request; waits for Retry-After a few times, within the deadline."""
        try:
            async with self.clock.timeout(request.timeout), self._seat(request):
                return await self._patient(request)
        except TimeoutError:
            raise Unreachable(self.access.server, f"no answer to {request.method} {request.path} within {request.timeout:g} s") from None

    @asynccontextmanager
    async def _seat(self, request: Request) -> AsyncIterator[None]:
        """Wait for calls before this one, so that a hundred calls do not open a hundred connections. The lease and events do not wait."""
        seated = request.fenced and await self._sit()
        try:
            yield
        finally:
            if seated:
                self._ended = self.clock.now()
                self._seats.release()

    async def _sit(self) -> bool:
        """Wait for a seat, as long as calls end. If none ends, the calls with a seat hang: false, do without one."""
        while True:
            try:
                async with self.clock.timeout(SEAT_SECONDS):
                    return await self._seats.acquire()
            except TimeoutError:
                if self.clock.now() - self._ended >= SEAT_SECONDS:
                    return False

    async def _patient(self, request: Request) -> Object:
        for _ in range(PATIENCE):
            try:
                return await self._once(request)
            except Refused as refusal:
                if refusal.status not in (429, 503) or refusal.retry_after is None:
                    raise
                await self.clock.sleep(min(refusal.retry_after, WAIT_SECONDS))
        return await self._once(request)

    async def _once(self, request: Request) -> Object:
        async with self.open(request) as answer:
            try:
                text = await answer.read()
                found = await asyncio.to_thread(msgspec.json.decode, text) if len(text) > LARGE else msgspec.json.decode(text)
            except msgspec.DecodeError as error:
                raise Unreachable(
                    self.access.server, f"{request.method} {request.path} was answered with something other than JSON"
                ) from error
            if not isinstance(found, dict):
                raise Unreachable(self.access.server, f"{request.method} {request.path} was answered with no JSON object")
            return found

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer as a stream, for lists and watches; an error while reading it is `Unreachable` too."""
        try:
            async with self.clock.timeout(request.answer):
                answer = await self._send(request)
            async with answer:
                yield answer
        except KubeError:
            raise
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            unheard = isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ConnectionTimeoutError)
            raise (Silent if unheard else Unreachable)(self.access.server, _cause(error)) from error

    async def _send(self, request: Request) -> aiohttp.ClientResponse:
        if self._trust:
            self._trust.refresh()
        try:
            answer = await self._try(request, fresh=False)
        except aiohttp.ClientConnectorCertificateError:
            if self._trust is None or not self._trust.reload():
                raise
            answer = await self._try(request, fresh=False)
        if answer.status == 401:
            answer.release()
            answer = await self._try(request, fresh=True)
        if answer.status >= 400:
            async with answer:
                raise refusal(request, answer, await answer.read())
        return answer

    async def _try(self, request: Request, fresh: bool) -> aiohttp.ClientResponse:
        if self._http is None:
            raise RuntimeError("the client is not open: use `async with`")
        token = await self.access.token.get(fresh)
        if request.fenced and request.method != "GET":
            self.fence.check(f"{request.method} {request.path}")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        code = "<error>"
        try:
            answer = await self._http.request(
                request.method,
                self.access.server + request.path,
                params=request.params,
                data=None if request.body is None else msgspec.json.encode(request.body),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=request.timeout, sock_connect=CONNECT_SECONDS),
                server_hostname=self.access.server_name or None,
                proxy=self.access.proxy or None,
                allow_redirects=False,
            )
            code = str(answer.status)
            return answer
        finally:
            if self.watcher:
                self.watcher(request.method, self._host, code)


def refusal(request: Request, answer: aiohttp.ClientResponse, body: bytes) -> Refused:
    """The error for an answer with a status of 400 or more."""
    try:
        status = msgspec.json.decode(body)
    except msgspec.DecodeError:
        status = None
    if not isinstance(status, dict):
        status = {"reason": answer.reason, "message": body[:200].decode(errors="replace").strip()}
    return failure(request, {"code": answer.status, **status, "header": answer.headers.get("Retry-After", "")})


def failure(request: Request, status: Object) -> Refused:
    """The error for a `Status` object, from an answer or from an ERROR event of a watch."""
    details = status.get("details") or {}
    code = int(status.get("code") or 500)
    after = status.get("header") or details.get("retryAfterSeconds")
    causes = tuple(f"{cause.get('field', '')}: {cause.get('message', '')}" for cause in details.get("causes") or ())
    kind = CLASSES.get(code, Refused)
    return kind(request.method, request.path, code, status.get("reason") or "", status.get("message") or "", _seconds(after), causes)


def _loopback(server: str) -> bool:
    host = urlsplit(server).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _seconds(text: object) -> float | None:
    return float(str(text)) if str(text).isdigit() else None


def _cause(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"its certificate is not trusted ({error.certificate_error})"
    if isinstance(error, aiohttp.ClientConnectorError) and error.os_error.strerror:
        return error.os_error.strerror
    return str(error) or type(error).__name__


def _socket(address: tuple[Any, ...]) -> socket.socket:
    family, kind, protocol = address[:3]
    made = socket.socket(family, kind, protocol)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEPALIVE:
        made.setsockopt(socket.IPPROTO_TCP, option, value)
    return made
