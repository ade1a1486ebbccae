"""The two consoles: standard output for results, standard error for progress. Colour only where a terminal shows it."""

import sys
import textwrap
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

WIDTH = 100
"""Columns where no terminal says otherwise, and the most that prose takes on a wide one."""


HIDDEN = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160), *range(8234, 8239), *range(8294, 8298)), "�")
"""Characters that steer a terminal or turn text around, and what is shown for them: manifests may come from anybody."""


class Screen(Console):
    """A console on which no text can be more than text."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Prints texts, what would steer the terminal in them made visible."""
        if self.color_system is None and all(isinstance(each, Text | str) for each in objects):
            # no colours: a plan of 1,000 groups is 44,000 lines, and rich takes 60 µs for each to find that it has no style
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
    """A console that never wraps, highlights or interprets what it is given."""
    return Screen(file=file, width=None if file.isatty() else WIDTH, soft_wrap=True, highlight=False, markup=False, emoji=False)


def prose(label: str, words: str, width: int = WIDTH, style: str = "") -> list[Text]:
    """A labelled paragraph, wrapped under itself: `label` stands before the first line."""
    room = max(40, min(width, WIDTH) - len(label))
    lines = [line for part in words.splitlines() for line in textwrap.wrap(part, room, break_long_words=False, break_on_hyphens=False)]
    return [Text.assemble((label if n == 0 else " " * len(label), "bold" if n == 0 else ""), (line, style)) for n, line in enumerate(lines)]
