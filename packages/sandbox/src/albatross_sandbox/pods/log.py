"""What pods print, kept in memory for `kubectl logs`."""

import asyncio
from collections import deque

from albatross_sandbox.pods.objects import now

# Chosen: enough to read a failure, small enough for hundreds of pods.
LINES = 1000


class Log:
    """The last lines of one container, oldest first."""

    def __init__(self) -> None:
        self._lines: deque[tuple[int, str, str]] = deque(maxlen=LINES)
        self._count = 0
        self._readers: set[asyncio.Event] = set()
        self.closed = False

    def write(self, line: str) -> None:
        """Keep one line."""
        self._count += 1
        self._lines.append((self._count, now(), line.rstrip("\n")))
        self._wake()

    def close(self) -> None:
        """Nothing more will be written."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        for reader in self._readers:
            reader.set()

    def since(self, seen: int, *, tail: int | None = None, timestamps: bool = False) -> tuple[str, int]:
        """The lines after the first `seen` ones, as `kubectl logs` prints them, and how many have been seen then."""
        lines = [line for line in self._lines if line[0] > seen]
        if tail is not None:
            lines = lines[-tail:] if tail > 0 else []
        return "".join(f"{at} {line}\n" if timestamps else f"{line}\n" for _, at, line in lines), self._count

    async def more(self, seen: int) -> None:
        """Wait for a line after the first `seen` ones, or for the end."""
        reader = asyncio.Event()
        self._readers.add(reader)
        try:
            while self._count <= seen and not self.closed:
                reader.clear()
                await reader.wait()
        finally:
            self._readers.discard(reader)
