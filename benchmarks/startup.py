"""How long the command line takes to start, and to read files. Run: python benchmarks/startup.py"""

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

SCENARIOS = Path(__file__).parent.parent / "tests/conformance/scenarios"
HELP = (sys.executable, "-c", "from albatross.cli import main; main(['--help'])")
LOAD = "from albatross.manifests import load; print(len(load([{folder!r}]).sources.texts), 'files')"
BUDGETS = {"albatross --help": 0.15, "reading the scenarios": 2.0}
"""Seconds."""


def started(*command: str) -> float:
    """The median of seven runs, in seconds."""
    times = []
    for _ in range(7):
        start = perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(perf_counter() - start)
    return median(times)


def main() -> None:
    measured = {
        "albatross --help": started(*HELP),
        "reading the scenarios": started(sys.executable, "-c", LOAD.format(folder=str(SCENARIOS))),
    }
    for name, seconds in measured.items():
        print(f"{name:<24} {seconds:6.3f} s  (budget {BUDGETS[name]:g} s)")
    sys.exit(any(seconds > BUDGETS[name] for name, seconds in measured.items()))


if __name__ == "__main__":
    main()
