"""Modules that run as separate processes."""

import sys


def argv(name: str) -> tuple[str, ...]:
    """The command that runs a module.

    `-P`: Python does not import a file in the current folder that has the name of a module, such as json.py or kube.py.
    """
    return (sys.executable, "-P", "-m", name)
