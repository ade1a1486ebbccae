"""How long a controller needs from its start until it is ready, and its memory then. Run: python benchmarks/start.py

It runs in a sandbox world with two nodes and no Ingresses, as a process of this environment.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from time import perf_counter, sleep

from albatross_sandbox import world

BUDGET = 2.0
"""Seconds until /readyz answers with 200."""
RUNS = 3
HEALTH = "127.0.0.1:61780"


def started(found: world.World, log: Path) -> tuple[float, float, float]:
    """Seconds until ready, seconds of CPU until then, and resident memory in MiB."""
    own = ("--enable-leader-election=false", "--metrics-bind-addr=0", f"--health-probe-bind-addr={HEALTH}")
    argv = (sys.executable, "-P", "-m", "albatross", "run", "--cluster-name", found.cluster_name, *own)
    with log.open("ab") as file:
        begin = perf_counter()
        process = subprocess.Popen(argv, env={**os.environ, **found.environment()}, stderr=file)
        try:
            while not ready():
                if process.poll() is not None:
                    sys.exit(f"the controller ended with {process.returncode}:\n{log.read_text()}")
                sleep(0.01)
            seconds = perf_counter() - begin
            used = sum(map(int, Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")
            pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
            return seconds, used, pages * os.sysconf("SC_PAGESIZE") / 2**20
        finally:
            process.terminate()
            process.wait(20)


def ready() -> bool:
    """Whether /readyz answers with 200."""
    try:
        with urllib.request.urlopen(f"http://{HEALTH}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


async def main() -> None:
    async with world.running() as found:
        with tempfile.TemporaryDirectory() as folder:
            runs = [await asyncio.to_thread(started, found, Path(folder) / "log") for _ in range(RUNS)]
    seconds, used, memory = min(runs)
    print(f"start to ready  {seconds:5.2f} s (budget {BUDGET:g} s; best of {RUNS})")
    print(f"CPU until then  {used:5.2f} s\nresident        {memory:5.0f} MiB")
    sys.exit(seconds > BUDGET)


if __name__ == "__main__":
    asyncio.run(main())
