"""What is wrong now with each object: `albatross_problem`, and what the objects themselves say about it."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field

from albatross.catalog import problems
from albatross.controller.metrics import Reading
from albatross.model.problem import Problem

MOST = 2000
"""The maximum number of series (chosen by us: Prometheus stores them for hours, and nobody reads more)."""
RANKS = {"error": 0, "warning": 1, "note": 2}

Row = tuple[str, str, str, str, str]
"""Code, severity, kind, namespace, name."""


@dataclass
class Board:
    """The problems by what reported them last. A report replaces the one before it, so a problem that ended has no series any more."""

    found: dict[Hashable, frozenset[Row]] = field(default_factory=dict)

    def note(self, source: Hashable, found: Iterable[Problem]) -> None:
        """The problems that a source sees now; none: the source sees no problem, or does not exist any more."""
        rows = frozenset(_row(each) for each in found if problems.severity(each) != "note")
        if rows:
            self.found[source] = rows
        else:
            self.found.pop(source, None)

    def rows(self) -> list[Row]:
        """All problems, errors first, each once."""
        return sorted(frozenset[Row]().union(*self.found.values()), key=lambda row: (RANKS[row[1]], row))

    def read(self) -> Iterator[Reading]:
        """The values of the metrics."""
        rows = self.rows()
        yield from (("albatross_problem", row, 1.0) for row in rows[:MOST])
        yield "albatross_problems_hidden", (), float(max(0, len(rows) - MOST))


def _row(problem: Problem) -> Row:
    at = problem.origin
    return problem.code, problems.severity(problem), at.kind, at.namespace, at.name
