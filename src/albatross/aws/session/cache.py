"""Answers remembered for a while, each asked for once however many want it at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from cachetools import TLRUCache

from albatross.clock import Clock

T = TypeVar("T")

MOST = 10_000
"""Values at most; chosen: a described instance is about 10 kB, so a full cache stays near 100 MB."""
KEPT_SECONDS = 3600.0
"""How long a value that one of our own writes brought is kept at most; each reader still says how old a value may be."""


def retrieved(done: "asyncio.Task[Any]") -> None:
    """Look at a task's error: whoever waits gets it, and nobody waiting is no reason for a warning."""
    if not done.cancelled():
        done.exception()


@dataclass(frozen=True, slots=True)
class _Kept:
    value: Any
    at: float
    until: float


class TimedCache:
    """Values by key with a lifetime; errors are not kept, and a cancelled asker does not take the others down.

    It is bounded: what is too old goes with the next value that comes, and of more than `most` the one that was not read for longest.
    """

    def __init__(self, clock: Clock, most: int = MOST) -> None:
        self._clock = clock
        self._values: TLRUCache[Hashable, _Kept] = TLRUCache(most, ttu=lambda key, kept, now: kept.until, timer=clock.now)
        self._asking: dict[Hashable, asyncio.Task[Any]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def get(self, key: Hashable, seconds: float, ask: Callable[[], Awaitable[T]]) -> T:
        """The value under `key`, asked for anew when it is older than `seconds`."""
        if (kept := self._values.get(key)) and self._clock.now() - kept.at < seconds:
            value: T = kept.value
            return value
        if (task := self._asking.get(key)) is None:
            task = self._asking[key] = asyncio.ensure_future(self._ask(key, seconds, ask))
            self._tasks.add(task)
            task.add_done_callback(lambda done: self._over(key, done))
        answer: T = await asyncio.shield(task)
        return answer

    def put(self, key: Hashable, value: object, seconds: float = KEPT_SECONDS) -> None:
        """Remember a value, for instance one that one of our own writes brought."""
        now = self._clock.now()
        self._values[key] = _Kept(value, now, now + seconds)

    def __len__(self) -> int:
        return len(self._values)

    def forget(self, key: Hashable) -> None:
        """Ask anew next time."""
        self._values.pop(key, None)
        self._asking.pop(key, None)

    def clear(self) -> None:
        """Ask everything anew next time."""
        self._values.clear()
        self._asking.clear()

    def close(self) -> None:
        """Stop asking."""
        for task in tuple(self._tasks):
            task.cancel()

    async def _ask(self, key: Hashable, seconds: float, ask: Callable[[], Awaitable[T]]) -> T:
        value = await ask()
        if self._asking.get(key) is asyncio.current_task():  # else it was forgotten meanwhile, and may be stale already
            self.put(key, value, seconds)
        return value

    def _over(self, key: Hashable, done: "asyncio.Task[Any]") -> None:
        self._tasks.discard(done)
        if self._asking.get(key) is done:
            del self._asking[key]
        retrieved(done)
