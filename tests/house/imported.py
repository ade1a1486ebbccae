"""Imports every module of the program and of the tests, and measures which lines run then. `pytest --cover` starts it.

Commands are imported when they are needed; whichever test is first must not decide whether their definitions count. Many tests
prepare their cases when they are imported.
"""

import contextlib
import importlib
import io
import pkgutil
import sys
from pathlib import Path

import pytest
from coverage import Coverage

HERE = Path(__file__).parents[1]


def main() -> int:
    """Write what was measured next to the data of the tests, without a context. Returns the exit code of pytest."""
    coverage = Coverage(source=["albatross"], branch=True, data_suffix=True)
    coverage.start()
    for module in pkgutil.walk_packages(importlib.import_module("albatross").__path__, "albatross."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = pytest.main(["--collect-only", "--quiet", "-p", "no:cacheprovider", "--rootdir", str(HERE.parent), str(HERE)])
    coverage.stop()
    coverage.save()
    if code:
        print(*said.getvalue().splitlines()[-30:], sep="\n", file=sys.stderr)
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
