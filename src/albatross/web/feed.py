"""The views of the page one after the other, and the messages that lead from one to the next. Nothing runs while no page is open."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from albatross.clock import Clock
from albatross.page import change
from albatross.page.view import PageView

TICK_SECONDS = 1.0
"""The time between two looks (chosen by us: a person does not see faster changes). Many changes become one message."""
KEPT = 32
"""The views that are kept for pages that were in the background (chosen by us)."""


@dataclass
class Feed:
    """`make` makes the current view. `watching` is the number of open pages."""

    clock: Clock
    make: Callable[[], Awaitable[PageView]]
    beside: Callable[..., Awaitable[Any]]
    version: int = 0
    watching: int = 0
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    _views: OrderedDict[int, PageView] = field(default_factory=OrderedDict)
    _messages: dict[tuple[int, int], str] = field(default_factory=dict)
    _new: asyncio.Condition = field(default_factory=asyncio.Condition)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def current(self) -> tuple[int, PageView]:
        """The view of this moment, with its version."""
        async with self._lock:
            view = await self.make()
            last = self._views.get(self.version)
            if last is None or last != view:
                await self._add(view)
        return self.version, self._views[self.version]

    async def _add(self, view: PageView) -> None:
        async with self._new:
            self.version += 1
            self._views[self.version] = view
            while len(self._views) > KEPT:
                self._views.popitem(last=False)
            self._messages = {pair: text for pair, text in self._messages.items() if pair[1] == self.version}
            self._new.notify_all()

    async def run(self) -> None:
        """Look again and again while a page is open."""
        while True:
            async with self._new:
                await self._new.wait_for(lambda: self.watching > 0)
            await self.current()
            await self.clock.sleep(TICK_SECONDS)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """A page is open inside the context."""
        async with self._new:
            self.watching += 1
            self._new.notify_all()
        try:
            yield
        finally:
            self.watching -= 1

    async def after(self, version: int) -> tuple[int, str]:
        """Wait until the view differs from a version; the version then, and the message that leads to it."""
        async with self._new:
            await self._new.wait_for(lambda: self.version != version)
            now, view, before = self.version, self._views[self.version], self._views.get(version)
        known = self._messages.get((version, now))
        if known is None:
            known = str(await self.beside(change.whole, view) if before is None else await self.beside(change.change, before, view))
            self._messages[version, now] = known
        return now, known
