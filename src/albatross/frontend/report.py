"""The result of a plan → the texts for the group's objects. These are values; another module writes them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from albatross.catalog import problems
from albatross.catalog.event import SUCCESS
from albatross.model.ident import Ident
from albatross.model.plan import Done, Outcome
from albatross.model.problem import Problem
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import Stack

UNNAMED = {"LB322": "NoHostedZone", "LB323": "RecordNotOurs", "LB324": "NameNotOurs", "LB325": "HostedZonesRefused"}
"""Problems of DNS names, with the reasons of their events. They stop nothing, and may disappear without an edit."""
FORETOLD = {
    "LB501": "ReplacingLoadBalancer",
    "LB504": "RemovingDeletionProtection",
    "LB506": "RemovingLoadBalancer",
    "LB523": "TargetsNotHealthy",
    "LB713": "FeatureDenied",
    **UNNAMED,
}
"""Problems that are reported before the plan runs, with the reasons of their events."""
OWN = frozenset({"LB713", *UNNAMED})
"""Those of them that are reported only on the object that they concern."""
TOLD = 2
"""The maximum number of refusals in one event (chosen by us: an event holds 1024 characters)."""


@dataclass(frozen=True, slots=True)
class Status:
    """A new `status` of an object: `body` is merged into it."""

    ident: Ident
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Annotations:
    """Changes of an object's annotations, by key; None removes the annotation."""

    ident: Ident
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """The input for statuses: the desired stack, the ids that are known now, and the errors by the member that they concern."""

    stack: Stack
    ids: Mapping[Ref, str] = field(default_factory=dict)
    blamed: Mapping[Ident, tuple[Problem, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """An event about one object: its type (Normal or Warning), reason and message."""

    ident: Ident
    type: str
    reason: str
    message: str


def well(ident: Ident) -> Line:
    """The event after a pass that fulfilled all settings of the object."""
    return Line(ident, "Normal", SUCCESS, "Successfully reconciled")


def waiting(ident: Ident, what: str) -> Line:
    """The event for something that only needs time."""
    return Line(ident, "Normal", "Waiting", f"Waiting: {what}")


def failed(ident: Ident, what: str, reason: str, cause: object) -> Line:
    """A Warning in the words of the other controller: `Failed deploy model due to …`."""
    return Line(ident, "Warning", reason, f"Failed {what} due to {cause}")


def broken(ident: Ident, found: Iterable[Problem]) -> Line:
    """One event for all of a member's errors: code, place, message and fix of each."""
    return failed(ident, "build model", "FailedBuildModel", listed(found))


def listed(found: Iterable[Problem]) -> str:
    """Problems in one line: code, message, place and fix of each."""
    return "; ".join(_sentence(problem) for problem in found)


def _sentence(problem: Problem) -> str:
    place = problem.origin.object + (f" {problem.origin.field}" if problem.origin.field else "")
    return f"{problem.code}: {problems.message(problem)} [{place}] fix: {problems.remedy(problem)}"


def warned(ident: Ident, problem: Problem) -> Line:
    """The event before the plan runs; its problem is in FORETOLD."""
    return Line(ident, "Warning", FORETOLD[problem.code], problems.sentence(problem))


def undone(ident: Ident, faults: Sequence[Problem], progress: str) -> Line:
    """One event for the errors of AWS or the cluster that concern an object, and the progress of the plan."""
    causes = "; ".join(problems.sentence(each) for each in faults[:TOLD])
    more = f"; and {len(faults) - TOLD} more" if len(faults) > TOLD else ""
    return failed(ident, "deploy model", "FailedDeployModel", f"{causes}{more}; {progress}")


def stopped(ident: Ident, problem: Problem) -> Line:
    """The event for an error before the plan exists, or after it ran."""
    return failed(ident, "deploy model", "FailedDeployModel", problems.sentence(problem))


def progress(outcome: Outcome, faults: int) -> str:
    """The number of finished operations, and of the operations that wait. `faults` is the number of those with errors."""
    done = sum(isinstance(each, Done) for each in outcome.results)
    waits = len(outcome.results) - done - faults
    return f"{done} of {len(outcome.results)} operations are done" + (f", {waits} wait for it" if waits else "")
