"""Answers that are cached for a while; simultaneous requests for one key share one call."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from cachetools import TLRUCache

from albatross.clock import Clock

T = TypeVar("T")

MOST = 10_000
"""The maximum number of values; chosen by us: a described instance has about 10 kB, so a full cache has about 100 MB."""
KEPT_SECONDS = 3600.0
"""How long a value is kept if its readers accept different ages; each reader limits the age of the value."""


def retrieved(done: "asyncio.Task[Any]") -> None:
    """Retrieve the error of a task, so that asyncio does not warn if no task waits for it. Waiting tasks get the error anyway."""
    if not done.cancelled():
        done.exception()


@dataclass(frozen=True, slots=True)
class _Kept:
    value: Any
    at: float
    until: float


class TimedCache:
    """Values by key with a lifetime. Errors are not cached. If one waiting task is cancelled, the call continues for the others.

    The size is limited: a new value removes the expired ones, and above `most` also the one that was not read for the longest time.
    """

    def __init__(self, clock: Clock, most: int = MOST) -> None:
        self._clock = clock
        self._values: TLRUCache[Hashable, _Kept] = TLRUCache(most, ttu=lambda key, kept, now: kept.until, timer=clock.now)
        self._asking: dict[Hashable, asyncio.Task[Any]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def get(self, key: Hashable, seconds: float, ask: Callable[[], Awaitable[T]], keep: float = 0.0) -> T:
        """The value under `key`; if it is older than `seconds`, it is requested again. `keep`: keep it longer, for other readers."""
        if (kept := self._values.get(key)) and self._clock.now() - kept.at < seconds:
            value: T = kept.value
            return value
        if (task := self._asking.get(key)) is None:
            task = self._asking[key] = asyncio.ensure_future(self._ask(key, max(seconds, keep), ask))
            self._tasks.add(task)
            task.add_done_callback(lambda done: self._over(key, done))
        answer: T = await asyncio.shield(task)
        return answer

    def put(self, key: Hashable, value: object, seconds: float = KEPT_SECONDS) -> None:
        """Store a value, for example from one of our own writes."""
        now = self._clock.now()
        self._values[key] = _Kept(value, now, now + seconds)

    def __len__(self) -> int:
        return len(self._values)

    def forget(self, key: Hashable) -> None:
        """Request this value again next time."""
        self._values.pop(key, None)
        self._asking.pop(key, None)

    def clear(self) -> None:
        """Request all values again next time."""
        self._values.clear()
        self._asking.clear()

    def close(self) -> None:
        """Cancel all requests."""
        for task in tuple(self._tasks):
            task.cancel()

    async def _ask(self, key: Hashable, seconds: float, ask: Callable[[], Awaitable[T]]) -> T:
        value = await ask()
        if self._asking.get(key) is asyncio.current_task():  # otherwise it was forgotten meanwhile, and may be out of date already
            self.put(key, value, seconds)
        return value

    def _over(self, key: Hashable, done: "asyncio.Task[Any]") -> None:
        self._tasks.discard(done)
        if self._asking.get(key) is done:
            del self._asking[key]
        retrieved(done)
