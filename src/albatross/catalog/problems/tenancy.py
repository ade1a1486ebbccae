"""LB440 to LB445: what a member keeps while it has errors, and what namespaces may have of a group."""

from collections.abc import Iterable

from albatross.catalog.problems.diagnosis import Short, rows
from albatross.catalog.problems.row import ProblemRow

_KEPT: Iterable[Short] = (
    (
        "LB440",
        "last-good-version",
        "warning",
        "this version has errors, so its last good version is in use since {since}",
        "an edit with an error must not remove routes that work; the version is also in annotation albatross.dev/last-good, so that a "
        "restart of the controller does not lose it",
        "correct the errors of this object; all its other changes have no effect until then",
        "",
    ),
    (
        "LB441",
        "last-good-version-unusable",
        "warning",
        "annotation albatross.dev/last-good cannot be used: {reason}",
        "only the controller writes it, while the object has errors; without it, a restart of the controller loses redirects and fixed "
        "responses of this object, and keeps what forwards to its Services",
        "correct the errors of this object; the annotation is then removed",
        "",
    ),
)

ROWS: tuple[ProblemRow, ...] = tuple(rows(_KEPT))
