"""`python -m albatross_sandbox.world`: the supervisor of one world.

It prints a JSON line a step, then one with `ready` (or with `error`), and nothing more. It ends with its stdin: always
when it is attached, else only as long as it is not ready, after which it lives in the background.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

from albatross_sandbox.world.state import State, Trouble
from albatross_sandbox.world.supervisor import Supervisor


def main() -> int:
    """Run until TERM, INT, or (attached) the end of stdin; 1 when the world failed."""
    parser = argparse.ArgumentParser(prog="python -m albatross_sandbox.world")
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--no-controller", action="store_true")
    parser.add_argument("--attached", action="store_true")
    parser.add_argument("--images", type=json.loads, default={}, help="a JSON map as `pods.image` reads it")
    options = parser.parse_args()
    if not options.attached:
        _detach()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        asyncio.run(_run(options))
    except Trouble as trouble:
        logging.getLogger("albatross_sandbox.world").error("%s", trouble)
        _tell({"error": str(trouble)})
        return 1
    return 0


def _detach() -> None:
    """Go on in a child process that no terminal, and no one waiting for its parent, has a hold on."""
    if os.fork():
        os._exit(0)
    os.setsid()


async def _run(options: argparse.Namespace) -> None:
    supervisor = Supervisor(State(options.state), with_controller=not options.no_controller, images=options.images)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, supervisor.stop.set)
    loop.add_reader(sys.stdin.fileno(), _read, supervisor)

    def tell(line: dict[str, Any]) -> None:
        if "ready" in line and not options.attached:
            loop.remove_reader(sys.stdin.fileno())
        if not _tell(line):
            supervisor.stop.set()

    await supervisor.run(tell)


def _read(supervisor: Supervisor) -> None:
    """End when whoever started us has let go of our stdin."""
    if not os.read(sys.stdin.fileno(), 65536):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        supervisor.stop.set()


def _tell(line: dict[str, Any]) -> bool:
    """Print a line; False when nobody reads any more. After the last line nobody will."""
    try:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    if "ready" in line or "error" in line:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return True


if __name__ == "__main__":
    sys.exit(main())
