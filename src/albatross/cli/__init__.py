"""The command line: thin functions around the pure pipeline. Large modules are imported only by the subcommand that needs them."""

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `albatross …`; return the exit code: 0 clean, 1 problems or an error, 2 changes (plan), wrong usage (lint), 130 after Ctrl-C."""
    from albatross.cli.group import invoke

    return invoke(arguments)
