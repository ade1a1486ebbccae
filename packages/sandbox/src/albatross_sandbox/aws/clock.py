"""The account's one clock: real time plus whatever a test has advanced it by."""

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """Tells the account's time and sleeps by it; advancing it wakes every sleeper that is due."""

    def __init__(self) -> None:
        self._base = time.time() - time.monotonic()
        self._offset = 0.0
        self._moved = asyncio.Event()

    def now(self) -> float:
        """Seconds since the epoch; never goes back."""
        return self._base + time.monotonic() + self._offset

    def advance(self, seconds: float) -> None:
        """Move the clock forward; a negative number is refused with ValueError."""
        if seconds < 0:
            raise ValueError("the clock only goes forward")
        self._offset += seconds
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Return once the clock has moved on by that many seconds."""
        deadline = self.now() + seconds
        while (left := deadline - self.now()) > 0:
            try:
                await asyncio.wait_for(self._moved.wait(), left)
            except TimeoutError:
                continue


def moment(seconds: float) -> datetime:
    """The instant as AWS writes it: UTC, whole milliseconds."""
    return datetime.fromtimestamp(round(seconds, 3), UTC)
