"""One part of a world, as a child process."""

import asyncio
import json
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from albatross_sandbox.world.part import clean
from albatross_sandbox.world.state import Trouble, birth

# Seconds; chosen by us: imports on a slow machine for the first, a few connections to close for the second.
START, STOP = 60.0, 8.0


class Child:
    """Starts a part, waits for its ready line, and stops it; its stderr goes to its log.

    The part sees the end of its stdin when this process ends, whatever way, and ends then too.
    """

    def __init__(self, name: str, argv: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self.name, self._argv, self._env, self._log = name, argv, env, log
        self._process: asyncio.subprocess.Process | None = None
        self._draining: asyncio.Task[None] | None = None

    @property
    def identity(self) -> tuple[int, str]:
        """Its process id and when it began."""
        pid = self._process.pid if self._process is not None else 0
        return pid, birth(pid)

    async def start(self, *, ready: bool = True) -> dict[str, Any]:
        """Its ready line (empty when it is not to give one); raises Trouble when it ends or hangs before."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._argv,
                env={**clean(os.environ), **self._env},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE if ready else log,
                stderr=log,
                start_new_session=True,
                limit=2**24,
            )
        if not ready:
            return {}
        try:
            line = await self._ready(self._process)
        except BaseException:
            await self.stop()
            raise
        self._draining = asyncio.create_task(self._drain(self._process))
        return line

    async def _ready(self, process: asyncio.subprocess.Process) -> dict[str, Any]:
        assert process.stdout is not None
        try:
            raw = await asyncio.wait_for(process.stdout.readline(), START)
        except TimeoutError:
            raise Trouble(f"{self.name} was not ready within {START:g} seconds; its log is {self._log}") from None
        try:
            line = json.loads(raw)
        except ValueError:
            line = None
        if not isinstance(line, dict) or not line.get("ready"):
            raise Trouble(f"{self.name} did not start; its log is {self._log}, and ends\n{self.tail()}")
        return line

    async def _drain(self, process: asyncio.subprocess.Process) -> None:
        """Read on, so that a part that prints more never blocks."""
        assert process.stdout is not None
        while await process.stdout.read(65536):
            pass

    async def wait(self) -> int:
        """Its exit code."""
        assert self._process is not None
        return await self._process.wait()

    async def stop(self) -> None:
        """End it: TERM, then KILL."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            self._signal(process, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), STOP)
            except TimeoutError:
                pass
        self._signal(process, signal.SIGKILL)
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()
        if self._draining is not None:
            self._draining.cancel()

    def _signal(self, process: asyncio.subprocess.Process, number: signal.Signals) -> None:
        """TERM to the part itself, which knows how to end its own; KILL to all of its session."""
        try:
            if number is signal.SIGKILL:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)
        except ProcessLookupError:
            pass

    def tail(self, lines: int = 12) -> str:
        """The end of its log, indented."""
        try:
            text = self._log.read_text(errors="replace")
        except OSError:
            return ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
