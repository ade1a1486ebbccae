"""LB766 to LB769: objects that are too large to be read."""

from albatross.catalog.problems.row import ProblemRow

_WHY = "the number is far above what AWS accepts, and one object must not occupy the controller, so it is not read"

ROWS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB766",
        slug="value-too-long",
        severity="error",
        summary="the value has {length} characters, and at most {most} are read",
        why=_WHY,
        fix="write only what this object needs",
        unshown="the example would have 32,000 characters",
    ),
    ProblemRow(
        code="LB767",
        slug="too-many-entries",
        severity="error",
        summary="the value has {count} entries, and at most {most} are read",
        why=_WHY,
        fix="keep the entries that this object needs",
        unshown="the example would have hundreds of entries",
    ),
    ProblemRow(
        code="LB768",
        slug="object-too-large",
        severity="error",
        summary="{what} need {count} {of}, and at most {most} are read",
        why=_WHY,
        fix="split it into several objects, each with a load balancer of its own",
        unshown="the example would have thousands of lines",
    ),
    ProblemRow(
        code="LB769",
        slug="more-problems",
        severity="note",
        summary="{count} more problems of this object are not listed",
        why="nobody reads so many, and they mostly have one cause",
        fix="correct the listed problems, then check the object again",
        unshown="the example would have hundreds of problems",
    ),
)
