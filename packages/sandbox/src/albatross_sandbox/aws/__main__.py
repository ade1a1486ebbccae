"""The aws child of a sandbox world: `python -m albatross_sandbox.aws --config FILE.json`."""

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from pathlib import Path

from albatross_sandbox.aws import child


def _watch_stdin(loop: asyncio.AbstractEventLoop, leave: asyncio.Event) -> None:
    """Leave when whoever started us lets go; unbuffered, for a thread inside a buffer's lock would crash the interpreter's end."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    try:
        loop.call_soon_threadsafe(leave.set)
    except RuntimeError:  # the loop has ended already, by a signal
        pass


async def main() -> None:
    """Read the configuration and serve until SIGTERM, SIGINT or the end of stdin."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", required=True, type=Path)
    config = json.loads(parser.parse_args().config.read_text())
    loop, leave = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leave.set)
    threading.Thread(target=_watch_stdin, args=(loop, leave), daemon=True).start()
    process = await child.begin()
    from albatross_sandbox.aws.assembly import serve  # heavy; moto loads meanwhile

    try:
        await serve(config, process, leave)
    finally:
        await child.end(process)


if __name__ == "__main__":
    asyncio.run(main())
