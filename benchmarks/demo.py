"""The demo's wall time from a warm environment: `python benchmarks/demo.py [runs]`, each `albatross demo` without a terminal."""

import subprocess
import sys
from statistics import median
from time import perf_counter

COMMAND = (sys.executable, "-c", "from albatross.cli import main; main(['demo'])")
BUDGET = 30.0
"""Seconds."""


def played() -> float:
    """The seconds of one demo."""
    start = perf_counter()
    subprocess.run(COMMAND, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return perf_counter() - start


def main() -> None:
    """Print the median of some runs, the first of which warms caches."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    seconds = [played() for _ in range(runs)]
    print(f"albatross demo: {median(seconds):.1f} s, of {runs} runs {min(seconds):.1f} to {max(seconds):.1f} s (budget {BUDGET:g} s)")
    sys.exit(median(seconds) > BUDGET)


if __name__ == "__main__":
    main()
