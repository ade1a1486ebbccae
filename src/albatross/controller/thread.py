"""The thread that decides: one decision at a time, an edit before a build.

Decisions run next to the event loop, so that it can register targets meanwhile. More threads would not be faster, because Python runs one
thread at a time, and each additional thread would delay the event loop.
"""

import asyncio
import heapq
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from albatross.aws.session.turn import current
from albatross.clock import Clock

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Thread:
    """Runs pure functions in the order of the tasks' turns: by their time, plus their patience."""

    clock: Clock = field(default_factory=Clock)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "decide"))
    _waiting: list[tuple[float, int, asyncio.Future[None]]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)
    _busy: bool = False

    async def run(self, decide: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a pure function, so that it does not block the event loop."""
        if self._busy:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (self.clock.now() + current().patience, next(self._order), future))
            try:
                await future
            except asyncio.CancelledError:
                if future.done() and not future.cancelled():
                    self._next()
                raise
        self._busy = True
        try:
            return await asyncio.get_running_loop().run_in_executor(self.pool, lambda: decide(*args, **kwargs))
        finally:
            self._next()

    def _next(self) -> None:
        """Let the first task go that still waits."""
        while self._waiting:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(None)
                return
        self._busy = False

    def close(self) -> None:
        """Stop the thread."""
        self.pool.shutdown(wait=False)
