"""A pod's own command, run as a process that cannot outlive the sandbox."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence

from albatross_sandbox import guard
from albatross_sandbox.pods.log import Log


class Process:
    """One run of a command, its output kept in the pod's log."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], log: Log) -> None:
        self._argv, self._env, self._log = argv, env, log
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it; raises OSError when it cannot be."""
        self._process = await asyncio.create_subprocess_exec(
            *guard.argv(self._argv),
            env=self._environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        self._reading = asyncio.create_task(self._read(self._process))

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self._env}

    @property
    def started(self) -> bool:
        """Whether it ever ran."""
        return self._process is not None

    async def wait(self) -> int:
        """Its exit code when it ends; 128 + signal when a signal ended it."""
        assert self._process is not None
        code = await self._process.wait()
        return 128 - code if code < 0 else code

    async def stop(self, grace: float) -> None:
        """TERM, then KILL after `grace` seconds, to it and all that it started."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            self._signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), grace)
            except TimeoutError:
                pass
        self._signal(signal.SIGKILL)
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()
        if self._reading is not None:
            await self._reading

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            pass

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        try:
            while line := await process.stdout.readline():
                self._log.write(line.decode(errors="replace"))
        except ValueError:  # a line longer than the stream's limit
            self._log.write("(the rest of the output is not kept: a line was too long)")
            while await process.stdout.read(65536):
                pass


async def run(argv: Sequence[str], env: Mapping[str, str], timeout: float) -> int | None:
    """The exit code of a short command (an exec probe), or None when it took longer than `timeout` seconds."""
    process = Process(argv, env, Log())
    try:
        await process.start()
        return await asyncio.wait_for(process.wait(), timeout)
    except TimeoutError:
        return None
    finally:
        await process.stop(0)
