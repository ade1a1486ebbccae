"""Work that can wait, some of it each second: what a new leader looks at again although nothing has changed."""

import asyncio
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from albatross.clock import Clock
from albatross.controller.queue import Queue

K = TypeVar("K")

RATE = 10.0
"""Keys in a second (chosen by us): their reads are less than half of those that AWS allows, and a tenth of a processor decides them."""


@dataclass
class Pace(Generic[K]):
    """Keys that wait. `run` moves them to the queue, one after the other and never urgent; a key that waits is not added again."""

    queue: Queue[K]
    clock: Clock
    _waiting: dict[K, None] = field(default_factory=dict)
    _some: asyncio.Event = field(default_factory=asyncio.Event)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, key: K) -> None:
        """Let a key wait."""
        self._waiting[key] = None
        self._some.set()

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            await self._some.wait()
            key = next(iter(self._waiting))
            del self._waiting[key]
            self.queue.add(key, urgent=False)
            if not self._waiting:
                self._some.clear()
            await self.clock.sleep(1 / RATE)
