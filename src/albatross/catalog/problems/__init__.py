"""One row for each problem: `explain CODE`, the reference page and every message use this table.

Codes are `LB###`: 1 input, 2 cluster, 3 AWS facts, 4 limits, 5 apply, 6 diagnosis, 7 identity and install; never reused.
"""

from collections.abc import Iterable, Mapping

from albatross.catalog.problems import (
    apply,
    bounds,
    chain,
    cluster,
    comment,
    diagnosis,
    dns,
    facts,
    health,
    identity,
    installation,
    keeping,
    limits,
    replacing,
    rules,
    tenancy,
    webhook,
    workload,
)
from albatross.catalog.problems import input as input_rows
from albatross.catalog.problems.row import Example, ProblemRow, clipped, table
from albatross.model.problem import Problem, Severity

__all__ = ["PROBLEMS", "Example", "ProblemRow", "clipped", "distinct", "message", "remedy", "sentence", "severity"]

PROBLEMS: Mapping[str, ProblemRow] = table(
    input_rows.ROWS,
    cluster.ROWS,
    workload.ROWS,
    facts.ROWS,
    dns.ROWS,
    limits.ROWS,
    health.ROWS,
    rules.ROWS,
    replacing.ROWS,
    tenancy.ROWS,
    apply.ROWS,
    diagnosis.ROWS,
    chain.ROWS,
    comment.ROWS,
    keeping.ROWS,
    identity.ROWS,
    installation.ROWS,
    webhook.ROWS,
    bounds.ROWS,
)


def message(problem: Problem) -> str:
    """The summary of the problem, with its arguments."""
    return PROBLEMS[problem.code].message(problem)


def remedy(problem: Problem) -> str:
    """The fix of the problem, with its arguments."""
    return PROBLEMS[problem.code].remedy(problem)


def sentence(problem: Problem) -> str:
    """The code, the message and the fix of a problem, in one line for an event or a log."""
    return f"{problem.code}: {message(problem)}; fix: {remedy(problem)}"


ECHOES: Mapping[str, str] = {"LB189": "LB144", "LB208": "LB189"}
"""Problems that say the same as another one at the same place, which says it better: an unknown path type, a port that is missing."""


def distinct(problems: Iterable[Problem]) -> list[Problem]:
    """Every problem once. A mistake that two rows report is reported once."""
    every = dict.fromkeys(problems)
    said = {(problem.code, problem.origin) for problem in every}
    return [problem for problem in every if (ECHOES.get(problem.code), problem.origin) not in said]


def severity(problem: Problem) -> Severity:
    """The severity of the problem, otherwise the severity of its row."""
    return problem.severity or PROBLEMS[problem.code].severity
