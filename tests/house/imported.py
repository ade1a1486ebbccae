"""Imports every module of the program, and measures which lines run at import. `pytest --cover` starts it.

Commands are imported when they are needed; whichever test is first must not decide whether their definitions count.
"""

import importlib
import pkgutil

from coverage import Coverage


def main() -> None:
    """Write what was measured beside the data of the tests, without a context."""
    coverage = Coverage(source=["albatross"], branch=True, data_suffix=True)
    coverage.start()
    for module in pkgutil.walk_packages(importlib.import_module("albatross").__path__, "albatross."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    coverage.stop()
    coverage.save()


if __name__ == "__main__":
    main()
