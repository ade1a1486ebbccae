"""LB670: comments in manifests that `lint` reads."""

from albatross.catalog.problems.row import ProblemRow

ROWS: tuple[ProblemRow, ...] = (
    ProblemRow(
        code="LB670",
        slug="ignore-without-effect",
        severity="note",
        summary="this comment ignores {codes}",
        why="a comment ignores the problems of its own line, or of the next line if it is alone in its line; a comment without effect "
        "hides a problem that comes back later",
        fix="delete the comment, or move it to the line that `albatross lint` shows",
        unshown="it is about a comment, which is not a part of an object",
    ),
)
