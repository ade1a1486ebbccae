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

    def timeout(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        """A block that is cancelled with TimeoutError after this many seconds. None: never."""
        return asyncio.timeout(seconds)

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        """Call a function after this many seconds; for work that never has to be cancelled."""
        asyncio.get_running_loop().call_later(seconds, call)
