"""The diagnosis of one object: every check in the order in which a fault hides those after it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from albatross.diagnose import balancer, controllers, events, existence, manifest, names, ownership, targets
from albatross.diagnose.cause import Cause, code, ordered
from albatross.diagnose.evidence import PARTS, Evidence, Ident, Part

About = Callable[[Evidence, Ident], Iterator[Cause]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectCheck:
    """One check of an object: its name, what it looks at, the parts of the evidence that it needs."""

    name: str
    about: str
    needs: tuple[Part, ...]
    find: About


def _controllers(evidence: Evidence, ident: Ident) -> Iterator[Cause]:
    return controllers.check(evidence)


CHECKS: tuple[ObjectCheck, ...] = (
    ObjectCheck(name="finalizers", about="a deleted object that a finalizer keeps", needs=("objects",), find=existence.left),
    ObjectCheck(name="ownership", about="its class, and who serves it", needs=("objects",), find=ownership.check),
    ObjectCheck(name="controllers", about="whether a controller runs, and only one", needs=("controllers",), find=_controllers),
    ObjectCheck(name="object", about="every problem that `lint` and `plan` know", needs=("objects",), find=manifest.check),
    ObjectCheck(name="events", about="the last pass that failed, with the words of AWS", needs=("events",), find=events.check),
    ObjectCheck(name="load balancer", about="its state in AWS, and its address", needs=("groups", "events"), find=balancer.check),
    ObjectCheck(name="targets", about="targets and their health, reason by reason", needs=("groups", "health"), find=targets.check),
    ObjectCheck(name="DNS", about="the records of its hosts", needs=("groups", "records"), find=names.check),
)
"""In this order."""

CODE = re.compile(r"\bLB\d{3}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The causes, the first one first; for each check that could not look, why; and in `facts` what works."""

    subject: Ident
    causes: tuple[Cause, ...] = ()
    unseen: Mapping[str, str] = field(default_factory=dict)
    facts: tuple[str, ...] = ()

    @property
    def code(self) -> int:
        """The exit code: 1 with a cause, 3 if nothing was found but not everything could be read, else 0."""
        return code(self.causes, bool(self.unseen))


def diagnose(evidence: Evidence, ident: Ident) -> Diagnosis:
    """Why an object has no load balancer that works."""
    if "objects" in evidence.unseen:
        return Diagnosis(subject=ident, unseen={"objects": evidence.unseen["objects"]})
    if gone := tuple(existence.missing(evidence, ident)):
        return Diagnosis(subject=ident, causes=gone)
    found: list[Cause] = []
    unseen: dict[str, str] = {}
    for check in CHECKS:
        if lacking := evidence.lacking(check.needs):
            unseen[check.name] = lacking
        else:
            found += check.find(evidence, ident)
    if "facts" in evidence.unseen:
        unseen.setdefault(PARTS["facts"], evidence.unseen["facts"])
    return Diagnosis(subject=ident, causes=ordered(_once(found)), unseen=unseen, facts=tuple(_facts(evidence, ident)))


def _once(found: list[Cause]) -> Iterator[Cause]:
    """The causes without the event that only repeats them."""
    known = {each.problem.code for each in found} | {code for each in found if each.problem.code == "LB601" for code in _codes(each)}
    for each in found:
        said = _codes(each) if each.problem.code == "LB603" else set()
        if not said or said - known:
            yield each


def _codes(each: Cause) -> set[str]:
    """The codes in the words of a problem."""
    return {code for _, text in each.problem.args for code in CODE.findall(text)}


def _facts(evidence: Evidence, ident: Ident) -> Iterator[str]:
    for owned in balancer.of(evidence, ident):
        until = "; it is replaced, and is deleted when clients had time to move" if balancer.replaced(owned) else ""
        yield f"load balancer {owned.resource.name} is {owned.state or 'there'}: {owned.dns_name}{until}"
    for group in targets.groups(evidence, ident):
        healthy = sum(each.state == targets.HEALTHY for each in group.targets)
        yield f"{healthy} of {len(group.targets)} targets of Service {group.binding.metadata.namespace}/{group.binding.service} are healthy"
