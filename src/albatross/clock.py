"""Time as an argument: code that waits or measures gets a `Clock`, so that a test can control the time."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime


class Clock:
    """The time of the machine. Tests use a subclass in which the test controls the time."""

    def now(self) -> float:
        """Monotonic seconds: only the difference between two readings has a meaning."""
        return time.monotonic()

    def utc(self) -> datetime:
        """The date and time, to show to others. It can jump."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def pause(self, seconds: float, woken: asyncio.Event) -> None:
        """Wait, or less if something happens; then the event is cleared for the next pause."""
        waits = [asyncio.ensure_future(self.sleep(seconds)), asyncio.ensure_future(woken.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        woken.clear()

    def timeout(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        """A block that is cancelled with TimeoutError after this many seconds. None: never."""
        return asyncio.timeout(seconds)

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        """Call a function after this many seconds; for work that never has to be cancelled."""
        asyncio.get_running_loop().call_later(seconds, call)
