"""Problems as a good compiler shows them: what, where, why, and how to fix it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from albatross.catalog import problems as catalog
from albatross.catalog.bounds import shortened
from albatross.cli.terminal.console import WIDTH, prose
from albatross.manifests.source import FILE, Place, Sources
from albatross.model.problem import Origin, Problem, Severity

COLOURS = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
BLUE = "bold blue"


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem with its texts and its place. `place` is None if it is not in a file."""

    problem: Problem
    severity: Severity
    message: str
    why: str
    fix: str
    slug: str
    place: Place | None
    related: tuple[tuple[Origin, Place | None], ...]


def findings(problems: Iterable[Problem], sources: Sources | None = None) -> list[Finding]:
    """Every problem once, sorted by file and line, then by object. A mistake that two rows report is shown once."""
    return sorted((_finding(problem, sources or Sources()) for problem in catalog.distinct(problems)), key=_order)


def _finding(problem: Problem, sources: Sources) -> Finding:
    row = catalog.PROBLEMS[problem.code]
    return Finding(
        problem,
        catalog.severity(problem),
        catalog.message(problem),
        row.why,
        catalog.remedy(problem),
        row.slug,
        sources.locate(problem.origin, row.at_key),
        tuple((origin, sources.locate(origin)) for origin in problem.related),
    )


def _order(finding: Finding) -> tuple[Any, ...]:
    place = finding.place
    where = (place.file, place.line, place.column) if place else ("", 0, 0)
    return (*where, finding.problem.origin, finding.problem.code, finding.message)


def count(found: Iterable[Finding]) -> dict[Severity, int]:
    """The number of problems of each severity."""
    numbers: dict[Severity, int] = {"error": 0, "warning": 0, "note": 0}
    for finding in found:
        numbers[finding.severity] += 1
    return numbers


def summary(numbers: dict[Severity, int]) -> str:
    """`2 errors, 1 warning`, or `no problems`."""
    parts = [f"{number} {name}{'s' if number != 1 else ''}" for name, number in numbers.items() if number]
    return ", ".join(parts) or "no problems"


# Text --------------------------------------------------------------------------------------------------------------


def show(console: Console, found: Sequence[Finding]) -> None:
    """Print each problem, with a blank line after it."""
    for finding in found:
        for line in lines(finding, console.width):
            console.print(line)
        console.print()


def lines(finding: Finding, width: int = WIDTH) -> Iterator[Text]:
    """One problem: its message, its place with the source line, why, fix, related places."""
    colour = COLOURS[finding.severity]
    head = f"{finding.severity}[{finding.problem.code}]: "
    for n, part in enumerate(prose(head, finding.message, width)):
        yield Text.assemble((part.plain[: len(head)], colour if n == 0 else ""), (part.plain[len(head) :], "bold"))
    margin = len(str(finding.place.line)) if finding.place else 1
    yield Text.assemble((" " * margin + "--> ", BLUE), where(finding.problem.origin, finding.place))
    if finding.place:
        yield from _source(finding.place, margin, colour, width)
    for label, words in (("why", finding.why), ("fix", finding.fix)):
        if words:
            yield from _labelled(margin, label, words, width)
    for origin, place in finding.related:
        yield from _labelled(margin, "see", where(origin, place), width)


def where(origin: Origin, place: Place | None) -> str:
    """`file:line:column`, or the object and its field."""
    if place:
        return f"{place.file}:{place.line}:{place.column}"
    if origin.kind == FILE:
        return origin.name
    field = f" {origin.field}" if origin.field else ""
    return f"{origin.object}{field}" + (f" at {origin.pointer}" if origin.pointer else "")


def _labelled(margin: int, label: str, words: str, width: int) -> Iterator[Text]:
    sign = " " * margin + " = "
    for n, part in enumerate(prose(f"{sign}{label}: ", words, width)):
        yield Text.assemble((part.plain[: len(sign)], BLUE), (part.plain[len(sign) :][: len(label) + 1], "bold" if n == 0 else ""),
                            part.plain[len(sign) + len(label) + 1 :])  # fmt: skip


def _source(place: Place, margin: int, colour: str, width: int) -> Iterator[Text]:
    text, column = _window(place, width - margin - 3)
    length = max(1, min(place.end_column - place.column, len(text) - column + 1))
    yield Text(" " * margin + " |", BLUE)
    yield Text.assemble((f"{place.line} | ", BLUE), text)
    yield Text.assemble((" " * margin + " | ", BLUE), " " * Text(text[: column - 1]).cell_len, ("^" * _cells(text, column, length), colour))


def _cells(text: str, column: int, length: int) -> int:
    return max(1, Text(text[column - 1 : column - 1 + length]).cell_len)


def _window(place: Place, room: int) -> tuple[str, int]:
    """The line, cut around the marked part if it is too long for the screen; and the start of the marked part in it."""
    text, column = place.text.replace("\t", " "), place.column
    if len(text) > room and column > room // 2:
        cut = column - room // 3
        text, column = "…" + text[cut:], column - cut + 1
    return shortened(text, room), column


# For programs ------------------------------------------------------------------------------------------------------


def form(finding: Finding) -> dict[str, Any]:
    """The JSON form; file, line and column are null if the problem is not in a file."""
    origin, place = finding.problem.origin, finding.place
    return {
        "code": finding.problem.code,
        "slug": finding.slug,
        "severity": finding.severity,
        "object": "" if origin.kind == FILE else origin.object,
        "field": "" if origin.kind == FILE else origin.field,
        "pointer": origin.pointer,
        "message": finding.message,
        "why": finding.why,
        "fix": finding.fix,
        "file": place.file if place else origin.name if origin.kind == FILE else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
    }


def github(finding: Finding) -> str:
    """A GitHub Actions annotation; docs.github.com/actions/reference/workflow-commands-for-github-actions."""
    place, origin = finding.place, finding.problem.origin
    words = {"title": f"{finding.problem.code} {finding.slug}"}
    if place:
        words = {"file": place.file, "line": str(place.line), "col": str(place.column), "endColumn": str(place.end_column), **words}
    message = finding.message if place else f"{where(origin, None)}: {finding.message}"
    properties = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in words.items())
    return f"::{finding.severity.replace('note', 'notice')} {properties}::{_escaped(f'{message}{chr(10)}fix: {finding.fix}')}"


def _escaped(text: str, more: str = "") -> str:
    for char in "%\r\n" + more:
        text = text.replace(char, f"%{ord(char):02X}")
    return text
