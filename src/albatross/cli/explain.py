"""`albatross explain CODE`: a row of the problem table as a page."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

import click
from rich.text import Text

from albatross.catalog.problems import PROBLEMS, ProblemRow
from albatross.cli.terminal import console
from albatross.cli.terminal.diagnostic import COLOURS

WORD = re.compile(r"\{(\w+)\}")
"""A word that a problem fills in."""


@click.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Explain a problem by its code (LB194) or its slug (malformed-object); without one, list them all."""
    screen = console.out()
    if code is None:
        for row in PROBLEMS.values():
            screen.print(Text.assemble((f"{row.code}  ", "bold"), (f"{row.severity:<8}", COLOURS[row.severity]), row.slug))
        return
    for line in page(find(code)):
        screen.print(line)


def find(code: str) -> ProblemRow:
    """The row of a code or slug, however it is cased; a usage error with the nearest ones where there is none."""
    rows = {**{row.code: row for row in PROBLEMS.values()}, **{row.slug: row for row in PROBLEMS.values()}}
    wanted = code.upper() if code.upper() in rows else code.lower().replace("_", "-")
    if wanted in rows:
        return rows[wanted]
    near = get_close_matches(wanted, rows, 3, 0.5) or get_close_matches(code.upper(), rows, 3, 0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else "; `albatross explain` lists them all"
    raise click.ClickException(f"no problem is called {code!r}{hint}")


def page(row: ProblemRow) -> Iterator[Text]:
    """The row in words, its example last."""
    yield Text.assemble((f"{row.severity}[{row.code}]", COLOURS[row.severity]), (f" {row.slug}", "bold"))
    yield Text()
    for label, words in (("what  ", row.summary), ("why   ", row.why), ("fix   ", row.fix)):
        yield from console.prose(label, WORD.sub(r"<\1>", words))
        yield Text()
    if row.example:
        yield from _example("broken", row.example.broken)
        yield from _example("mended", row.example.mended)
        if row.example.flags:
            yield from _example("with", "\n".join(row.example.flags))
        if row.example.account:
            yield from _example("in an account with", row.example.account)
    else:
        yield from console.prose("no example  ", row.unshown)
        yield Text()
    if row.source:
        yield from console.prose("source  ", row.source)


def _example(label: str, text: str) -> Iterator[Text]:
    yield Text(f"{label}:", "bold")
    for line in text.strip("\n").splitlines():
        yield Text(f"    {line}", "dim")
    yield Text()
