"""The server of the page: one address, GET requests, and one POST request that only answers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from albatross.aws.session.turn import LAZY, taking
from albatross.controller.app import App, background
from albatross.controller.probes import address
from albatross.page import change, graph, rows, sheet, trial
from albatross.page.markup import Markup
from albatross.page.view import PageView
from albatross.web.feed import Feed
from albatross.web.gather import Gatherer, row
from albatross.web.guard import LARGEST, Doorman, guarded, headed
from albatross.web.meter import Meter
from albatross.web.reader import HealthReader
from albatross.web.tryout import tried
from albatross.wording.details import FINAL
from albatross.wording.fold import blocks

log = structlog.get_logger("page")

STATIC = Path(__file__).with_name("static")
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
STREAMS = 32
"""Open pages (chosen by us)."""
BEAT_SECONDS = 15.0
"""The longest time without a byte (chosen by us: proxies close connections that are idle for a minute)."""


@dataclass
class Site:
    """The answers of the page."""

    app: App
    reader: HealthReader = field(init=False)
    gatherer: Gatherer = field(init=False)
    feed: Feed = field(init=False)

    def __post_init__(self) -> None:
        clock = self.app.clock
        meter = Meter(clock, self.app.session.throttle.rates)
        self.reader = HealthReader(self.app)
        self.gatherer = Gatherer(self.app, meter.rows, self.reader.targets, self.reader.states)
        self.feed = Feed(clock, self._view, self._beside)
        self._listen(meter)

    def _listen(self, meter: Meter) -> None:
        """Count the calls to AWS too, and keep what the passes report."""
        before = self.app.session.watcher

        def called(service: str, operation: str, code: str, seconds: float) -> None:
            meter.called(service, operation, code, seconds)
            if before:
                before(service, operation, code, seconds)

        self.app.session.watcher = called
        self.app.groups.teller.passes.on = True

    async def _beside(self, decide: Callable[..., Any], *args: Any) -> Any:
        """Run a pure function in the thread of decisions, so that the event loop registers targets at the same time."""
        with taking("page", LAZY):
            return await self.app.groups.thread.run(decide, *args)

    async def _view(self) -> PageView:
        found: PageView = await self._beside(self.gatherer.view, self.gatherer.gather())
        return found

    async def read(self) -> None:
        """Read the health of targets while a page is open, if a period is set."""
        period = self.app.options.page_health_seconds
        while period:
            await self.app.clock.sleep(period)
            if self.feed.watching and self.app.leading:
                await self.reader.read()
            else:
                self.reader.forget()

    # Answers ---------------------------------------------------------------------------------------------------------

    def routes(self) -> dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]]:
        """The answers of GET by path."""
        return {
            "/": self.page,
            "/events": self.events,
            "/picture": self.picture,
            "/thing": self.thing,
            "/plan": self.plan,
            "/model.json": self.model,
            "/model.dot": self.dot,
            "/static/{name}": self.static,
        }

    async def page(self, request: web.Request) -> web.Response:
        """The whole page."""
        version, view = await self.feed.current()
        return _html(await self._beside(sheet.document, view, version))

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Messages with the changes since a version, without an end."""
        if self.feed.watching >= STREAMS:
            raise web.HTTPServiceUnavailable(reason="too many pages are open")
        version = _number(request.headers.get("Last-Event-ID") or request.query.get("since", ""))
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await answer.prepare(request)
        async with self.feed.opened():
            while True:
                try:
                    async with self.app.clock.timeout(BEAT_SECONDS):
                        version, message = await self.feed.after(version)
                    await answer.write(change.events(version, [message] if message else []).encode())
                except TimeoutError:
                    await answer.write(b": nothing new\n\n")

    async def picture(self, request: web.Request) -> web.Response:
        """The picture of one card."""
        _, view = await self.feed.current()
        card = view.card(request.query.get("card", ""))
        if card is None:
            raise web.HTTPNotFound(reason="this load balancer does not exist any more")
        part = await self._beside(sheet.body, card, request.query.get("many") == "1")
        return _part(request, card.name, part)

    async def thing(self, request: web.Request) -> web.Response:
        """Everything that is known about one box."""
        _, view = await self.feed.current()
        found = view.box(request.query.get("id", ""))
        if found is None:
            raise web.HTTPNotFound(reason="this does not exist any more")
        return _part(request, found[1].title, sheet.thing(*found))

    async def plan(self, request: web.Request) -> web.Response:
        """The operations of one plan."""
        number = _number(request.query.get("number", ""))
        run = next((run for run in self.app.groups.teller.passes.plans if run.number == number), None)
        if run is None:
            raise web.HTTPNotFound(reason="this plan is not kept any more")
        made = await self._beside(lambda: rows.operations(row(run), blocks(run.plan, FINAL)))
        return _part(request, f"Plan {number}", made)

    async def model(self, request: web.Request) -> web.Response:
        """The model as JSON."""
        _, view = await self.feed.current()
        return web.Response(text=await self._beside(graph.text, view), content_type="application/json")

    async def dot(self, request: web.Request) -> web.Response:
        """The model as DOT."""
        _, view = await self.feed.current()
        return web.Response(text=await self._beside(graph.dot, view), content_type="text/vnd.graphviz")

    async def static(self, request: web.Request) -> web.StreamResponse:
        """One of our files. The browser may keep it for an hour."""
        path = STATIC / Path(request.match_info["name"]).name
        if path.suffix not in TYPES or not path.is_file():
            raise web.HTTPNotFound(reason="there is no such file")
        return web.Response(body=path.read_bytes(), content_type=TYPES[path.suffix], headers={"Cache-Control": "private, max-age=3600"})

    async def trial(self, request: web.Request) -> web.Response:
        """What `lint` and `plan` say about a text."""
        text = str((await request.post()).get("text", ""))
        snapshot, records = self.app.cache.snapshot(), dict(self.app.groups.teller.passes.last)
        found = await self._beside(tried, text, snapshot, self.app.config, records)
        return _part(request, "Try an Ingress", trial.answer(found))


def _html(text: Markup) -> web.Response:
    return web.Response(text=text, content_type="text/html")


def _part(request: web.Request, title: str, part: Markup) -> web.Response:
    """A part alone for htmx, or as a page for a browser without scripts."""
    return _html(part if request.headers.get("HX-Request") else sheet.alone(title, part))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@asynccontextmanager
async def page(app: App) -> AsyncIterator[None]:
    """Serve the page inside the context; do nothing if it is switched off. If it cannot listen, only the page is missing."""
    where = app.options.page_address
    place = address(where)
    if place is None:
        yield
        return
    site = Site(app)
    doorman = Doorman(app.clock, frozenset(app.options.page_hosts))
    server = web.Application(middlewares=[guarded(doorman)], client_max_size=LARGEST)
    server.on_response_prepare.append(headed)
    for path, answer in site.routes().items():
        server.router.add_get(path, answer)
    server.router.add_post("/trial", site.trial)
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, *place).start()
        except OSError as error:
            app.groups.teller.passes.on = False
            log.warning("no page", address=where, error=error.strerror)
            yield
            return
        log.info("page", url=f"http://{place[0]}:{place[1]}/")
        async with background(site.feed.run(), "page"), background(site.read(), "health for the page"):
            yield
    finally:
        await runner.cleanup()
