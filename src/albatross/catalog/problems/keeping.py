"""LB68# and LB69#: what `gc` finds in AWS."""

from collections.abc import Iterable

from albatross.catalog.problems.diagnosis import Short, rows
from albatross.catalog.problems.row import ProblemRow

_FOUND: Iterable[Short] = (
    (
        "LB680",
        "leftover-kept",
        "warning",
        "what group {group} has in AWS is kept: {reason}",
        "`gc` deletes only what certainly nothing uses",
        "{way}",
        "",
    ),
    (
        "LB681",
        "nothing-claimed",
        "error",
        "no object of the cluster at {server} has anything in AWS with the tag of cluster {cluster}",
        "either the cluster has no load balancers any more, or this is another cluster, and its objects have other resources",
        "compare --context with --cluster-name; if both are right, pass --all",
        "",
    ),
    (
        "LB682",
        "leftover-not-deleted",
        "error",
        "{operation}: {said}",
        "AWS or the cluster refused it; what does not depend on it was deleted",
        "correct the cause, and run the command again",
        "",
    ),
)

ROWS: tuple[ProblemRow, ...] = tuple(rows(_FOUND))
