"""Answers remembered for a while, each asked for once however many want it at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

from albatross.clock import Clock

T = TypeVar("T")


def retrieved(done: "asyncio.Task[Any]") -> None:
    """Look at a task's error: whoever waits gets it, and nobody waiting is no reason for a warning."""
    if not done.cancelled():
        done.exception()


class Cache:
    """Values by key with a lifetime; errors are not kept, and a cancelled asker does not take the others down."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._values: dict[Hashable, tuple[float, Any]] = {}
        self._asking: dict[Hashable, asyncio.Task[Any]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def get(self, key: Hashable, seconds: float, ask: Callable[[], Awaitable[T]]) -> T:
        """The value under `key`, asked for anew when it is older than `seconds`."""
        if (kept := self._values.get(key)) and self._clock.now() - kept[0] < seconds:
            value: T = kept[1]
            return value
        if (task := self._asking.get(key)) is None:
            task = self._asking[key] = asyncio.ensure_future(self._ask(key, ask))
            self._tasks.add(task)
            task.add_done_callback(lambda done: self._over(key, done))
        answer: T = await asyncio.shield(task)
        return answer

    def put(self, key: Hashable, value: object) -> None:
        """Remember a value that one of our own writes brought."""
        self._values[key] = (self._clock.now(), value)

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

    async def _ask(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        value = await ask()
        if self._asking.get(key) is asyncio.current_task():  # else it was forgotten meanwhile, and may be stale already
            self._values[key] = (self._clock.now(), value)
        return value

    def _over(self, key: Hashable, done: "asyncio.Task[Any]") -> None:
        self._tasks.discard(done)
        if self._asking.get(key) is done:
            del self._asking[key]
        retrieved(done)
