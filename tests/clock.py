"""Clocks for tests, so that no test waits for real time."""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from albatross.clock import Clock

BEGINNING = datetime(2030, 1, 1, tzinfo=UTC)
TURNS = 30
"""The number of event loop turns in which everything that a timer wakes has run (chosen by us: a chain of awaits is shorter)."""
GUARD_SECONDS = 20.0
"""A test that waits longer than this has failed. A test that passes never waits this long."""


@dataclass(order=True)
class Timer:
    """An event at a time. `sleep`: a pause, which cancels nothing."""

    at: float
    number: int
    call: Callable[[], object] = field(compare=False)
    sleep: bool = field(compare=False, default=False)
    over: bool = field(compare=False, default=False)


class Virtual(Clock):
    """A clock that only moves when the test calls `advance` or `skip`."""

    def __init__(self, start: float = 1000.0) -> None:
        self._start = self._now = start
        self._timers: list[Timer] = []
        self._numbers = itertools.count()

    def now(self) -> float:
        return self._now

    def utc(self) -> datetime:
        return BEGINNING + timedelta(seconds=self._now - self._start)

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        timer = self._add(seconds, woken.set, sleep=True)
        try:
            await woken.wait()
        finally:
            timer.over = True

    def timeout(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        return self._timeout(seconds)

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        self._add(seconds, call, sleep=True)

    @property
    def sleeping(self) -> bool:
        """Whether a task is in a pause."""
        return any(each.sleep for each in self._pending())

    @property
    def waiting(self) -> bool:
        """Whether a task waits for a time, in a pause or with a deadline."""
        return bool(self._pending())

    async def advance(self, seconds: float) -> None:
        """Move the clock. Every event runs at its own time, and everything that it wakes runs before the next event."""
        end = self._now + seconds
        await settle()
        while (timers := self._pending()) and timers[0].at <= end:
            self._fire(timers[0])
            await settle()
        self._now = max(self._now, end)

    def skip(self) -> None:
        """Move the clock to the end of the first pause, if there is one."""
        first = min((each for each in self._pending() if each.sleep), default=None)
        while first is not None and not first.over:
            self._fire(self._pending()[0])

    @asynccontextmanager
    async def _timeout(self, seconds: float | None) -> AsyncIterator[None]:
        async with asyncio.timeout(None) as block:
            timer = None if seconds is None else self._add(seconds, lambda: block.reschedule(0))
            try:
                yield
            finally:
                if timer:
                    timer.over = True

    def _add(self, seconds: float, call: Callable[[], object], sleep: bool = False) -> Timer:
        timer = Timer(self._now + max(0.0, seconds), next(self._numbers), call, sleep)
        heapq.heappush(self._timers, timer)
        return timer

    def _pending(self) -> list[Timer]:
        self._timers = sorted(each for each in self._timers if not each.over)
        return self._timers

    def _fire(self, timer: Timer) -> None:
        self._now = max(self._now, timer.at)
        timer.over = True
        timer.call()


class Eager(Clock):
    """A clock without real pauses: a sleep ends in the next turn, and moves the clock. `slept` is called with each pause."""

    def __init__(self, slept: Callable[[float], object] = lambda seconds: None) -> None:
        self._now = 0.0
        self._slept = slept

    def now(self) -> float:
        return self._now

    def utc(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._now)

    async def sleep(self, seconds: float) -> None:
        due = self._now + max(0.0, seconds)
        await asyncio.sleep(0)
        if due > self._now:
            self._slept(due - self._now)
            self._now = due

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        due = self._now + max(0.0, seconds)

        def fire() -> None:
            if due > self._now:
                self._slept(due - self._now)
                self._now = due
            call()

        asyncio.get_running_loop().call_soon(fire)


async def settle() -> None:
    """Run everything that needs no time and no other process."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def until(true: Callable[[], object], clock: Virtual | None = None) -> None:
    """Run everything until a condition is true. With a clock, pauses (not deadlines) end at once."""
    async with asyncio.timeout(GUARD_SECONDS):
        while not true():
            await asyncio.sleep(0)
            if clock is not None:
                clock.skip()
