"""An event loop whose time stands still while there is work and jumps when there is none: minutes of back-off cost no time of ours."""

import asyncio
import math
import selectors
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from albatross.clock import Clock

T = TypeVar("T")

LIFE: "ContextVar[Life | None]" = ContextVar("life", default=None)
"""The process that a task belongs to; None: the world around it."""
POLL_SECONDS = 0.02
"""How long to wait for what happens in another thread or process, in real seconds, before the loop looks again."""

TICK = 2.0**-20
"""The smallest step of time, in seconds. Sums and differences of ticks have no rounding error. With one, a wait of 60 s can end at 59.99…;
code that then waits for the rest, 0 s, waits for ever: the time moves only when nothing waits for 0 s."""


class Life:
    """One process of a controller: its connections, and whether it still can make some."""

    def __init__(self) -> None:
        self.alive = True
        self.transports: list[asyncio.BaseTransport] = []

    def owns(self, peer: object) -> bool:
        """Whether a connection, as the other side sees it, is one of its own."""
        return any(each.get_extra_info("sockname") == peer for each in self.transports)

    def end(self) -> None:
        """`kill -9`, as the world sees it: what is in no socket yet is lost, every connection breaks, and none is made again."""
        self.alive = False
        for each in self.transports:
            if isinstance(each, asyncio.WriteTransport):
                each.abort()
        self.transports.clear()


class Loop(asyncio.SelectorEventLoop):
    """Work in threads and other processes is `outside`: as long as there is any, no time passes."""

    def __init__(self) -> None:
        self._seconds = 1000.0
        self.outside = 0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self._seconds

    def jump(self, seconds: float) -> None:
        """Let time pass, up to a whole tick."""
        self._seconds = math.ceil((self._seconds + seconds) / TICK) * TICK

    @contextmanager
    def patient(self) -> Any:
        """Time stands still during the block, because it waits for something outside."""
        self.outside += 1
        try:
            yield
        finally:
            self.outside -= 1

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> "asyncio.Future[T]":  # type: ignore[override]
        self.outside += 1
        found = super().run_in_executor(executor, func, *args)
        found.add_done_callback(self._returned)
        return found

    def _returned(self, _: "asyncio.Future[Any] | Future[Any]") -> None:
        self.outside -= 1

    async def create_connection(self, *args: Any, **kwargs: Any) -> Any:
        life = LIFE.get()
        if life is not None and not life.alive:
            if (made := kwargs.get("sock")) is not None:
                made.close()
            raise ConnectionRefusedError("this process was killed")
        transport, protocol = await super().create_connection(*args, **kwargs)
        if life is not None:
            if not life.alive:
                transport.abort()
            life.transports.append(transport)
        return transport, protocol


class Steady(Loop):
    """The same with the time of the machine."""

    def __init__(self) -> None:
        self.outside = 0
        asyncio.SelectorEventLoop.__init__(self)

    def time(self) -> float:
        return time.monotonic()


class _Selector(selectors.DefaultSelector):
    """Never waits for a time: if nothing happens and nothing is outside, the time of the loop jumps to what is due next."""

    def __init__(self, loop: Loop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or timeout == 0:
            return found
        if self._loop.outside or timeout is None:
            return super().select(POLL_SECONDS)
        self._loop.jump(max(0.0, timeout))
        return []


class LoopClock(Clock):
    """The clock of a controller in such a loop. `step`: its date is this many seconds wrong."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self.step = 0.0

    def now(self) -> float:
        return self._loop.time()

    def utc(self) -> Any:
        from datetime import UTC, datetime

        return datetime.fromtimestamp(EPOCH + self._loop.time() + self.step, UTC)


EPOCH = 1_893_456_000.0
"""2030-01-01: the date at which the time of a loop would be 0."""


async def within(seconds: float, done: Callable[[], Awaitable[Any]], every: float = 1.0) -> float | None:
    """The seconds until something is true; None if it is not within that time."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while loop.time() - began <= seconds:
        if await done():
            return loop.time() - began
        await asyncio.sleep(every)
    return None


def start(work: Coroutine[Any, Any, T], life: Life) -> "asyncio.Task[T]":
    """A task, and all that it starts, as a process of its own."""
    token = LIFE.set(life)
    try:
        return asyncio.ensure_future(work)
    finally:
        LIFE.reset(token)


Options = Mapping[str, str]
