"""Time as an argument: whatever waits or measures takes a `Clock`, so that a test lets time pass by hand."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime


class Clock:
    """The machine's own time; a test brings a subclass whose time passes when the test says so."""

    def now(self) -> float:
        """Monotonic seconds: only the difference between two readings means something."""
        return time.monotonic()

    def utc(self) -> datetime:
        """The date and time as it is written for others; it may jump."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def timeout(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        """A block that is cancelled after so many seconds, with TimeoutError; None: never."""
        return asyncio.timeout(seconds)

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        """Call a function in a while; for work that need not be cancelled."""
        asyncio.get_running_loop().call_later(seconds, call)
