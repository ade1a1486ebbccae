"""Starting the moto process, before anything heavy is imported here: the two then load side by side."""

import asyncio
import json
import os

from albatross_sandbox import module

Process = asyncio.subprocess.Process


async def begin() -> Process:
    """Start the process; it ends when its stdin does."""
    command = (*module.argv("albatross_sandbox.aws.moto"),)
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, env={**os.environ, "PYTHONWARNINGS": "ignore"})


async def address(process: Process) -> str:
    """Where it listens, once it is ready; raises RuntimeError if it ended instead."""
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline() or b"{}")
    if not ready.get("ready"):
        raise RuntimeError("moto did not start; its own message stands above")
    return f"http://127.0.0.1:{ready['port']}"


async def end(process: Process) -> None:
    """Let it go: it ends when its stdin does."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), 5)
    except TimeoutError:
        process.kill()
