"""What the controller said about the object in its events: the last pass that failed, in its words and those of AWS."""

import re
from collections.abc import Iterator

from albatross.catalog import symptoms
from albatross.diagnose.cause import Cause, Remedy, cause
from albatross.diagnose.controllers import log
from albatross.diagnose.evidence import Body, Evidence, Ident, Origin
from albatross.diagnose.manifest import COMMAND

WELL = frozenset({"SuccessfullyReconciled"})
"""Reasons after which older warnings do not count."""
FIX = re.compile(r"fix: (.*?)(?=; LB\d{3}: |; \d+ of \d+ operations|; and \d+ more|$)")
"""The fix in an event of ours."""


def about(evidence: Evidence, ident: Ident) -> tuple[Body, ...]:
    """The events about an object, the newest first."""
    found = [each for each in evidence.of("Event") if _of(each, ident)]
    return tuple(sorted(found, key=moment, reverse=True))


def _of(event: Body, ident: Ident) -> bool:
    at = event.get("involvedObject") or {}
    return (at.get("kind"), at.get("namespace"), at.get("name")) == (ident.kind, ident.namespace, ident.name)


def moment(event: Body) -> str:
    """When an event was last seen, as RFC 3339."""
    return str(event.get("lastTimestamp") or event.get("eventTime") or event.get("firstTimestamp") or "")


def warning(evidence: Evidence, ident: Ident) -> Body | None:
    """The last warning about an object, if no pass has succeeded since."""
    for event in about(evidence, ident):
        if event.get("reason") in WELL:
            return None
        if event.get("type") == "Warning":
            return event
    return None


def check(evidence: Evidence, ident: Ident) -> Iterator[Cause]:
    """The last warning as a cause, with the fix that it names, or that belongs to its text."""
    event = warning(evidence, ident)
    if event is None:
        return
    said = str(event.get("message") or event.get("reason") or "")
    symptom = symptoms.find(said)
    named = FIX.search(said)
    way = named[1] if named else symptom.fix if symptom else f"see the log of the controller: `{log(evidence)}`"
    times = f" ({event['count']} times, last at {moment(event)})" if event.get("count", 1) > 1 else f" at {moment(event)}"
    found = cause("LB603", Origin.of(ident), *COMMAND.findall(way), times=times, said=said, way=way)
    yield found if found.remedy else Cause(problem=found.problem, remedy=Remedy(commands=(log(evidence),)))
