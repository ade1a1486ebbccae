"""The HTTP servers of the controller: metrics, liveness and readiness."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from albatross.controller.metrics import Metrics
from albatross.errors import AlbatrossError

log = structlog.get_logger("probes")

OFF = ("", "0", ":0")


def address(text: str) -> tuple[str, int] | None:
    """`host:port` or `:port`; None when it is switched off (`0`, empty). ValueError for anything else."""
    if text in OFF:
        return None
    host, _, port = text.rpartition(":")
    number = int(port)
    if not 0 < number < 65536:
        raise ValueError(f"{number} is not a port")
    return (host.strip("[]") or "0.0.0.0", number)


@asynccontextmanager
async def serve(where: str, routes: dict[str, Callable[[], web.Response]]) -> AsyncIterator[None]:
    """Answer GET requests on these paths inside the context; start no server when `where` is switched off."""
    place = address(where)
    if place is None:
        yield
        return
    app = web.Application()
    for path, answer in routes.items():
        app.router.add_get(path, _handler(answer))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, *place).start()
        except OSError as error:
            raise AlbatrossError(f"cannot listen on {where}: {error.strerror}; pass another address, or 0 to switch it off") from error
        log.info("listening", address=where, paths=sorted(routes))
        yield
    finally:
        await runner.cleanup()


def _handler(answer: Callable[[], web.Response]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(_: web.Request) -> web.Response:
        return answer()

    return handle


def metrics(source: Metrics) -> dict[str, Callable[[], web.Response]]:
    """/metrics."""
    return {"/metrics": lambda: web.Response(body=source.text(), headers={"Content-Type": source.content_type})}


def health(ready: Callable[[], str], deaf: Callable[[], str] = str) -> dict[str, Callable[[], web.Response]]:
    """/healthz and /readyz. `ready` returns what is not ready yet, `deaf` why only a new process helps, or an empty text."""
    return {"/healthz": lambda: _answer(deaf()), "/readyz": lambda: _answer(ready())}


def _answer(wrong: str) -> web.Response:
    return web.Response(text=wrong or "ok", status=500 if wrong else 200)
