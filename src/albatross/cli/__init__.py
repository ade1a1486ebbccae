"""The command line: shells around the pure pipeline. Nothing heavy is imported before a subcommand wants it."""

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs `albatross …` and returns its exit code: 0 clean, 1 problems or an error, 2 changes (plan), 130 after Ctrl-C."""
    from albatross.cli.group import invoke

    return invoke(arguments)
