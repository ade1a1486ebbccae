"""What the controller said about the object in its events: the last pass that failed, in its words and those of AWS."""

import re
from collections.abc import Iterator

from albatross.catalog import symptoms
from albatross.catalog.event import warnings
from albatross.diagnose.cause import Cause, Remedy, cause
from albatross.diagnose.controllers import log
from albatross.diagnose.evidence import Body, Evidence, Ident, Origin
from albatross.diagnose.manifest import COMMAND

FIX = re.compile(r"fix: (.*?)(?=; LB\d{3}: |; \d+ of \d+ operations|; and \d+ more|$)")
"""The fix in an event of ours."""


def about(evidence: Evidence, ident: Ident) -> tuple[Body, ...]:
    """The events about an object."""
    return tuple(each for each in evidence.of("Event") if _of(each, ident))


def _of(event: Body, ident: Ident) -> bool:
    at = event.get("involvedObject") or {}
    return (at.get("kind"), at.get("namespace"), at.get("name")) == (ident.kind, ident.namespace, ident.name)


def check(evidence: Evidence, ident: Ident) -> Iterator[Cause]:
    """The warnings since the last success as causes, each with the fix that it names, or that belongs to its text."""
    for event in warnings(about(evidence, ident)):
        said = str(event.get("message") or event.get("reason") or "")
        symptom = symptoms.find(said)
        named = FIX.search(said)
        way = named[1] if named else symptom.fix if symptom else f"see the log of the controller: `{log(evidence)}`"
        found = cause("LB603", Origin.of(ident), *COMMAND.findall(way), times=_times(event), said=said, way=way)
        yield found if found.remedy else Cause(problem=found.problem, remedy=Remedy(commands=(log(evidence),)))


def _times(event: Body) -> str:
    """How often and when an event was seen."""
    last = event.get("lastTimestamp") or event.get("eventTime") or event.get("firstTimestamp")
    return f" ({event['count']} times, last at {last})" if event.get("count", 1) > 1 else f" at {last}"
