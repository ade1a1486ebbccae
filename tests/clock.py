"""Clocks for tests: nobody waits for the machine's own time."""

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
"""Turns of the event loop in which whatever a timer wakes has run; chosen: a chain of awaits is shorter."""
GUARD_SECONDS = 20.0
"""A test that waits longer than this has failed; it is never waited for."""


@dataclass(order=True)
class Timer:
    """What happens at a time; `sleep`: somebody merely pauses, and nothing is given up."""

    at: float
    number: int
    call: Callable[[], object] = field(compare=False)
    sleep: bool = field(compare=False, default=False)
    over: bool = field(compare=False, default=False)


class Virtual(Clock):
    """Time stands still until the test lets it pass with `advance` or `skip`."""

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
        """Whether somebody pauses."""
        return any(each.sleep for each in self._pending())

    @property
    def waiting(self) -> bool:
        """Whether anybody waits for a time: pauses, or has a deadline."""
        return bool(self._pending())

    async def advance(self, seconds: float) -> None:
        """Let time pass: whatever falls due runs at its own moment, and what it wakes runs before the next."""
        end = self._now + seconds
        await settle()
        while (timers := self._pending()) and timers[0].at <= end:
            self._fire(timers[0])
            await settle()
        self._now = max(self._now, end)

    def skip(self) -> None:
        """Let time pass until the first of those who pause goes on; nothing where nobody does."""
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
    """Pauses take no time: whoever sleeps goes on in the next turn, later by so much. `slept` is told of each pause."""

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


async def settle() -> None:
    """Let everything run that needs no time and no other process."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def until(true: Callable[[], object], clock: Virtual | None = None) -> None:
    """Let everything run until something holds; on a clock, pauses (not deadlines) end at once meanwhile."""
    async with asyncio.timeout(GUARD_SECONDS):
        while not true():
            await asyncio.sleep(0)
            if clock is not None:
                clock.skip()
