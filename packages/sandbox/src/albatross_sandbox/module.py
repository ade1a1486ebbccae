"""Modules run as processes of their own."""

import sys


def argv(name: str) -> tuple[str, ...]:
    """The command that runs a module.

    `-P`: a file in the current folder that is named like a module, json.py or kube.py, is not taken for it.
    """
    return (sys.executable, "-P", "-m", name)
