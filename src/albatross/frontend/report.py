"""The result of a plan → the texts for the group's objects. These are values; another module writes them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from albatross.catalog import problems
from albatross.catalog.bounds import shortened
from albatross.catalog.event import SUCCESS
from albatross.model.ident import Ident
from albatross.model.plan import (
    ChangeRecords,
    Create,
    Delete,
    DeleteBinding,
    Deregister,
    Done,
    Operation,
    Outcome,
    Plan,
    PutBinding,
    Retire,
    SetCapacity,
    Update,
)
from albatross.model.problem import Origin, Problem
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import Stack

UNNAMED = {"LB322": "NoHostedZone", "LB323": "RecordNotOurs", "LB324": "NameNotOurs", "LB325": "HostedZonesRefused"}
"""Problems of DNS names, with the reasons of their events. They stop nothing, and may disappear without an edit."""
FORETOLD = {
    "LB445": "HostAlsoUsed",
    "LB501": "ReplacingLoadBalancer",
    "LB504": "RemovingDeletionProtection",
    "LB506": "RemovingLoadBalancer",
    "LB523": "TargetsNotHealthy",
    "LB524": "LeavingLoadBalancer",
    "LB525": "AddressChanged",
    "LB526": "RemovingAddresses",
    "LB713": "FeatureDenied",
    **UNNAMED,
}
"""Problems that are reported before the plan runs, with the reasons of their events."""
OWN = frozenset({"LB445", "LB524", "LB713", *UNNAMED})
"""Those of them that are reported only on the object that they concern."""
IN_USE = frozenset({"LB440", "LB441"})
"""Problems about the version of an object with errors that is used instead."""
LONGEST = 1024
"""The maximum number of characters of that annotation (chosen by us: as long as an event)."""
WRITTEN = 50
"""The maximum number of problems in one text (chosen by us: an event and the annotation hold 1024 characters, and a text is made fast)."""
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
    """The input for statuses: the desired stack, and the ids that are known now.

    `served` are the members that have all that they asked for: they get their address. A member that shows one of the names in `known` has
    its address already, and keeps it: these are the DNS names of the stack's load balancers, and of those that are replaced. A member that
    shows one of the names in `staying` keeps it for now: another load balancer replaces that one, and is not ready yet.
    """

    stack: Stack
    ids: Mapping[Ref, str] = field(default_factory=dict)
    served: frozenset[Ident] = frozenset()
    known: frozenset[str] = frozenset()
    staying: frozenset[str] = frozenset()

    def shown(self, ident: Ident, names: Iterable[str]) -> bool:
        """Whether a member with these names in its status has an address of the stack, or gets one now."""
        shown = frozenset(names)
        return self.staying.isdisjoint(shown) and (ident in self.served or not self.known.isdisjoint(shown))


@dataclass(frozen=True, slots=True)
class Line:
    """An event about one object: its type (Normal or Warning), reason and message."""

    ident: Ident
    type: str
    reason: str
    message: str


UNNEEDED = (Delete, DeleteBinding, Deregister, SetCapacity, ChangeRecords, Retire)
"""Operations that a member can be served without."""


def known(plan: Plan) -> frozenset[str]:
    """The DNS names of a stack's load balancers before the plan runs."""
    kept = (name for ref, name in plan.ids.items() if ref.field == "dns_name")
    replaced = (each.replaces.dns_name for each in plan.operations if isinstance(each, Create) and each.replaces)
    stay = (each.before.dns_name for each in plan.standby)
    return frozenset(name.lower() for name in (*kept, *replaced, *stay) if name)


def staying(plan: Plan) -> frozenset[str]:
    """The DNS names of load balancers that keep the address until their successors are ready."""
    return frozenset(each.before.dns_name.lower() for each in plan.standby if not each.moved)


def renamed(operation: Operation, learnt: Mapping[Ref, str]) -> frozenset[str]:
    """The DNS name of a new load balancer that replaces another one; empty for any other operation."""
    if not isinstance(operation, Create) or operation.replaces is None:
        return frozenset()
    return frozenset(name.lower() for ref, name in learnt.items() if ref.field == "dns_name")


def served(stack: Stack, outcome: Outcome, members: Iterable[Ident], blamed: Collection[Ident]) -> frozenset[Ident]:
    """The members without an error, for which every operation that they need is done."""
    found = frozenset(ident for ident in members if ident not in blamed)
    for result in outcome.results:
        if not isinstance(result, Done) and not isinstance(result.step.operation, UNNEEDED):
            member = _member(stack, result.step.operation)
            found = found - {member} if member else frozenset()
    return found


def _member(stack: Stack, operation: Operation) -> Ident | None:
    """The only member that needs an operation; None: all do."""
    if isinstance(operation, PutBinding):
        return next((each.member for each in stack.target_groups if each.id == operation.resource.id), None)
    return getattr(operation.resource, "member", None) if isinstance(operation, Create | Update) else None


def well(ident: Ident) -> Line:
    """The event after a pass that fulfilled all settings of the object."""
    return Line(ident, "Normal", SUCCESS, "Successfully reconciled")


def waiting(ident: Ident, what: str) -> Line:
    """The event for something that only needs time."""
    return Line(ident, "Normal", "Waiting", f"Waiting: {what}")


def failed(ident: Ident, what: str, reason: str, cause: object) -> Line:
    """A Warning in the words of the other controller: `Failed deploy model due to …`."""
    return Line(ident, "Warning", reason, f"Failed {what} due to {cause}")


def broken(ident: Ident, found: Iterable[Problem], every: Iterable[Problem] = ()) -> Line:
    """One event for all of a member's errors: code, place, message and fix of each. `every` problem tells which version is in use."""
    used = (problem for problem in every if problem.code in IN_USE and problem.origin.ident == ident)
    return failed(ident, "build model", "FailedBuildModel", listed((*found, *used)))


def noted(found: Iterable[Problem]) -> str:
    """The text of the annotation with an object's problems: code and message of each, without words that change at each try."""
    text = "; ".join(dict.fromkeys(f"{each.code}: {problems.message(each)}" for each in islice(found, WRITTEN)))
    return shortened(text, LONGEST)


def listed(found: Iterable[Problem]) -> str:
    """Problems in one line: code, message, place and fix of each, of at most WRITTEN."""
    return "; ".join(_sentence(problem) for problem in islice(found, WRITTEN))


def _sentence(problem: Problem) -> str:
    place = problem.origin.object + (f" {problem.origin.field}" if problem.origin.field else "")
    return f"{problem.code}: {problems.message(problem)} [{place}] fix: {problems.remedy(problem)}"


def warned(ident: Ident, problem: Problem) -> Line:
    """The event before the plan runs; its problem is in FORETOLD."""
    return Line(ident, "Warning", FORETOLD[problem.code], problems.sentence(problem))


def changed(status: Status, before: Iterable[str]) -> tuple[Line, ...]:
    """The event for an object that has another address now. `before` are the names that it had."""
    entries = (status.body.get("loadBalancer") or {}).get("ingress") or ()
    new, old = {each.get("hostname", "") for each in entries}, {name.lower() for name in before if name}
    if not old - new or not new:
        return ()
    words = (("new", " and ".join(sorted(new))), ("object", str(status.ident)), ("old", " and ".join(sorted(old - new))))
    return (warned(status.ident, Problem("LB525", Origin.of(status.ident), words)),)


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
