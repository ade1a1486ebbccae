"""The HTTPS server of the webhooks. It reads a request, looks up what the decision needs, lets the other thread decide, and answers."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from aiohttp import web

from albatross import admission
from albatross.admission import Response, Review
from albatross.aws.read.lookup import look
from albatross.aws.session.client import Session
from albatross.catalog import problems
from albatross.catalog.webhooks import BY_PATH, PROBE_LABEL, PROBE_PATH
from albatross.controller.metrics import Metrics
from albatross.errors import AlbatrossError
from albatross.kube.client import LARGE
from albatross.model.config import Config
from albatross.model.facts import Facts
from albatross.model.problem import Origin, Problem
from albatross.model.snapshot import Snapshot

log = structlog.get_logger("webhook")

LOOK_SECONDS = 2.0
"""Chosen: the API server waits 3 s, and the decision itself needs some of them."""
LARGEST = 8 << 20
"""Bytes of a request: twice the 3 MiB that an API server accepts for one object, and what is around them."""
AT_ONCE = 64
"""Chosen: requests at the same time. More wait for a thread that they do not get within 3 s, so they are refused at once."""
IDLE_SECONDS = 120.0
# API servers close an idle connection after 90 s. The server must not be first: a request that is on its way would fail.
TEAPOT = 418


@dataclass
class Desk:
    """Answers reviews. `snapshot` returns None while the cluster is not listed yet."""

    session: Session
    config: Config
    snapshot: Callable[[], Snapshot | None]
    thread: ThreadPoolExecutor
    metrics: Metrics
    draining: bool = False
    _busy: int = 0
    paths: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.paths = frozenset(admission.served(self.config))

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request. A status other than 200 means that the API server does what the failure policy says."""
        path = request.path
        if path == PROBE_PATH:
            return await self._proved(request)
        if path not in self.paths:
            return web.Response(status=404, text=f"no webhook is served at {path}")
        if self._busy >= AT_ONCE:
            return self._failed(path, 503, "too many requests at once")
        self._busy += 1
        try:
            with self.metrics.called_webhook(path):
                return await self._review(path, await request.read())
        except web.HTTPException:
            raise
        except Exception:
            log.exception("webhook failed", path=path)
            return self._failed(path, 500, "internal error")
        finally:
            self._busy -= 1

    async def _review(self, path: str, body: bytes) -> web.Response:
        snapshot = self.snapshot()
        if snapshot is None:
            return self._failed(path, 503, "the objects of the cluster are not listed yet")
        try:
            review = await asyncio.to_thread(_read, body) if len(body) > LARGE else _read(body)
        except admission.Malformed as error:
            return self._told(path, "", admission.malformed(error))
        return self._told(path, review.uid, await self._decide(path, review, snapshot))

    async def _decide(self, path: str, review: Review, snapshot: Snapshot) -> Response:
        questions = await self._beside(admission.questions, path, review, snapshot, self.config)
        try:
            async with self.session.clock.timeout(LOOK_SECONDS):
                facts = await look(self.session, questions, self.config) if questions else Facts()
        except (TimeoutError, AlbatrossError) as error:
            return _unknown(path, review, str(error) or f"AWS did not answer within {LOOK_SECONDS:g} s")
        answer: Response = await self._beside(admission.answer, path, review, snapshot, facts, self.config)
        return answer

    async def _beside(self, decide: Callable[..., Any], *args: Any) -> Any:
        """Run a pure function in the thread of decisions, so that the event loop registers targets at the same time."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, lambda: decide(*args))

    async def _proved(self, request: web.Request) -> web.Response:
        """Refuse the object of a probe with its own nonce: whoever sent it knows then that the API server reaches us."""
        try:
            review = _read(await request.read())
        except admission.Malformed as error:
            return _json(admission.write("", admission.malformed(error)))
        nonce = str(((review.object.get("metadata") or {}).get("labels") or {}).get(PROBE_LABEL, ""))
        return self._close(_json(admission.write(review.uid, Response(allowed=False, code=TEAPOT, message=nonce))))

    def _told(self, path: str, uid: str, answer: Response) -> web.Response:
        if not answer.allowed:
            self._count(path, HTTPStatus(answer.code).phrase.lower().replace(" ", "_"))
        self.metrics.answers.labels(path, "200").inc()
        return self._close(_json(admission.write(uid, answer)))

    def _failed(self, path: str, status: int, text: str) -> web.Response:
        self._count(path, HTTPStatus(status).phrase.lower().replace(" ", "_"))
        self.metrics.answers.labels(path, str(status)).inc()
        return self._close(web.Response(status=status, text=text))

    def _count(self, path: str, category: str) -> None:
        counter = self.metrics.mutations if BY_PATH[path].mutating else self.metrics.validations
        counter.labels(path, category).inc()

    def _close(self, answer: web.Response) -> web.Response:
        # While we end, each answer also ends its connection, so that the next request goes to another replica.
        if self.draining:
            answer.force_close()
        return answer


def _unknown(path: str, review: Review, said: str) -> Response:
    """The answer without facts: allowed with a warning where the reconcile checks again, refused otherwise."""
    if BY_PATH[path].policy == "Ignore":
        return Response(
            warnings=(problems.sentence(Problem("LB755", Origin(review.kind, review.namespace, review.name), (("said", said),))),)
        )
    return Response(allowed=False, code=HTTPStatus.GATEWAY_TIMEOUT, message=f"cannot be checked: {said}; try again")


def _read(body: bytes) -> Review:
    """The review in a request. Errors: Malformed."""
    return admission.read(_object(body))


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise admission.Malformed("", "JSON", str(error)) from None
    if not isinstance(found, dict):
        raise admission.Malformed("", "an object", type(found).__name__)
    return found


def _json(body: dict[str, Any]) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), content_type="application/json")


@asynccontextmanager
async def listening(desk: Desk, port: int, tls: ssl.SSLContext, host: str | None = None) -> AsyncIterator[int]:
    """Serve inside the context, on all addresses unless `host` is given; yields the port (0 asks for a free one)."""
    app = web.Application(client_max_size=LARGEST)
    app.router.add_post("/{path:.*}", desk.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2, keepalive_timeout=IDLE_SECONDS)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port, ssl_context=tls).start()
        except OSError as error:
            raise AlbatrossError(
                f"cannot listen on port {port} for webhooks: {error.strerror}; set --webhook-bind-port, or --enable-webhooks=false"
            ) from error
        number = int(runner.addresses[0][1])
        log.info("webhooks are served", port=number, paths=sorted(desk.paths))
        yield number
    finally:
        await runner.cleanup()
