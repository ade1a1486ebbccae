"""The links of a checkup: one line each, its table, then every cause with its fix."""

from collections.abc import Iterator

from rich.text import Text

from albatross.cli.terminal.causes import Printer
from albatross.cli.terminal.console import prose
from albatross.diagnose.chain import Checkup, Examined, Rows

MARKS = {
    "ok": ("✓", "green"),
    "note": ("✓", "green"),
    "warning": ("!", "yellow"),
    "error": ("✗", "red"),
    "not read": ("?", "dim"),
}
"""The sign of each state, and its colour."""
UNREAD = "LB669"
"""The problem of a link that was not read: its line says the same."""


def show(printer: Printer, found: Checkup) -> None:
    """Print everything."""
    screen = printer.screen
    told: set[str] = set()
    for each in found.links:
        for line in _link(each, screen.width, each.unseen in told):
            screen.print(line)
        told.add(each.unseen)
    screen.print()
    printer.show(each for each in found.causes if each.problem.code != UNREAD)
    printer.end(found.causes)
    if found.code == 0:
        screen.print(Text("nothing is wrong", "bold green"))


def _link(each: Examined, width: int, again: bool) -> Iterator[Text]:
    mark, colour = MARKS[each.state]
    codes = ", ".join(dict.fromkeys(f"{cause.problem.code}" for cause in each.causes if cause.problem.code != UNREAD))
    reason = "not read, for the same reason" if again else f"not read: {each.unseen}"
    said = reason if each.unseen else codes or each.remark or each.link.about
    for n, part in enumerate(prose(f"{mark} {each.link.name:<16} ", said, width)):
        yield Text.assemble((part.plain[:1], colour if n == 0 else ""), part.plain[1:])
    yield from _rows(each.table)


def _rows(table: Rows) -> Iterator[Text]:
    widths = [max(len(row[n]) for row in table) for n in range(len(table[0]))] if table else []
    for number, row in enumerate(table):
        text = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        yield Text(f"    {text}", "bold" if number == 0 else "")
