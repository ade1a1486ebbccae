"""The two consoles: standard output for results, standard error for progress. Colours only on a terminal."""

import os
import sys
import textwrap
from collections.abc import Iterator
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from albatross.cli.terminal import progress

WIDTH = 100
"""Columns without a terminal, and the maximum width of prose."""


HIDDEN = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160), *range(8234, 8239), *range(8294, 8298)), "�")
"""Characters that control a terminal or the direction of text, and their replacement. Manifests may come from anybody."""


class Screen(Console):
    """A console on which a text cannot control the terminal."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print texts; control characters become visible."""
        progress.clear()
        if self.color_system is None and all(isinstance(each, Text | str) for each in objects):
            # without colours: a plan of 1,000 groups has 44,000 lines, and rich needs 60 µs for each only to find no style
            words = " ".join(each.plain if isinstance(each, Text) else each for each in objects)
            self.file.write(words.translate(HIDDEN) + options.get("end", "\n"))
            return
        for each in objects:
            if isinstance(each, Text):
                each.plain = each.plain.translate(HIDDEN)
        super().print(*(each.translate(HIDDEN) if isinstance(each, str) else each for each in objects), **options)


def out() -> Console:
    """Standard output, for results."""
    return console(sys.stdout)


def err() -> Console:
    """Standard error, for progress and errors."""
    return console(sys.stderr)


def console(file: TextIO) -> Console:
    """A console that never wraps, highlights or interprets text. Without a terminal, COLUMNS is its width."""
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() and int(columns) else WIDTH
    return Screen(file=file, width=None if file.isatty() else width, soft_wrap=True, highlight=False, markup=False, emoji=False)


def prose(label: str, words: str, width: int = WIDTH, style: str = "") -> list[Text]:
    """A paragraph with a label, wrapped and indented: `label` is in front of the first line."""
    room = max(40, min(width, WIDTH) - len(label))
    lines = [line for part in words.splitlines() for line in textwrap.wrap(part, room, break_long_words=False, break_on_hyphens=False)]
    return [Text.assemble((label if n == 0 else " " * len(label), "bold" if n == 0 else ""), (line, style)) for n, line in enumerate(lines)]


def hanging(head: Text, words: str, indent: int, width: int, style: str = "") -> Iterator[Text]:
    """The words after a head. If they do not fit, they are wrapped between words, and the next lines are indented.

    A word that is longer than a line is not broken. The head is changed.
    """
    if len(head) + len(words) <= width or not words:
        yield head.append(words, style)
        return
    # the first line begins with as many characters as the head has
    first = "\0" * len(head)
    room = max(width, indent + 24)
    rest = textwrap.wrap(words, room, initial_indent=first, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)
    rest = rest or [first]
    yield head.append(rest[0][len(first) :], style)
    for line in rest[1:]:
        yield Text.assemble(" " * indent, (line[indent:], style))
