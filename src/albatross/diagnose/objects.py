"""The objects of the whole cluster, in short: which of them do not have what they ask for, and where their names lead."""

from collections.abc import Iterator

from albatross.catalog.problems import sentence, severity
from albatross.diagnose import existence, names
from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import Evidence, Ident, Origin, plans, surveyed
from albatross.frontend import ROOTS


def every(evidence: Evidence) -> Iterator[Ident]:
    """Every object that can have a load balancer."""
    for kind in ROOTS:
        yield from (Ident(kind, *each) for each in sorted(evidence.nouns(kind)))


def check(evidence: Evidence) -> Iterator[Cause]:
    """A note about every object with an error; `why` says more."""
    survey = surveyed(evidence)
    for ident, lost in sorted(survey.problems.items()):
        yield _note(ident, sentence(lost[0]))
    for each in plans(evidence):
        for ident, errors in sorted(each.decision.blamed.items()):
            yield _note(ident, sentence(errors[0]))


def _note(ident: Ident, said: str) -> Cause:
    command = f"albatross why {ident.kind.lower()} {ident.short}"
    return cause("LB666", Origin.of(ident), command, kind=ident.kind, name=ident.short, word=ident.kind.lower(), said=said)


def finalizers(evidence: Evidence) -> Iterator[Cause]:
    """Every deleted object that a finalizer keeps."""
    for ident in every(evidence):
        yield from existence.left(evidence, ident)


def dns(evidence: Evidence) -> Iterator[Cause]:
    """Every name that leads to another load balancer."""
    for each in plans(evidence):
        for ident in each.group.members:
            yield from (found for found in names.check(evidence, ident) if found.severity != "note")


def remark(evidence: Evidence) -> str:
    """How many objects there are."""
    groups = sum(bool(each.members) for each in surveyed(evidence).groups.values())
    wrong = sum(severity(problem) == "error" for each in plans(evidence) for problem in each.decision.problems)
    return f"{groups} groups of objects, {wrong} errors"
