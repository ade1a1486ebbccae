"""What the reconcile will report about an Ingress, as warnings of its admission.

It is the same pipeline as that of the controller, without facts of AWS. Only problems of this object are reported, not those of the others.
"""

from collections.abc import Iterable
from dataclasses import replace

from albatross import pipeline
from albatross.admission.review import WARNING
from albatross.catalog.good import Good
from albatross.catalog.problems import message, remedy, severity
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.problem import Problem
from albatross.model.snapshot import Ingress, Snapshot

MOST = 10
"""Warnings of one answer; chosen by us. The API server cuts all warnings of a request after 4096 characters."""
MEMBERS = 200
"""Members of the largest group that is read; chosen by us: a member costs about 1 ms, and the API server waits only some seconds."""
UNSURE = frozenset({"LB211"})
"""The controller reads a Secret only after an Ingress names it, so at this moment a missing Secret is only unknown."""
_RANKS = {"error": 0, "warning": 1}


def forecast(ingress: Ingress, old: Ingress | None, snapshot: Snapshot, config: Config) -> list[Problem]:
    """The errors and warnings of this version of an Ingress, errors first. `old` is the version before it: its hosts were there first."""
    ident = Ident("Ingress", *ingress.metadata.key)
    cluster = replace(snapshot, ingresses={**snapshot.ingresses, ident.key: ingress})
    known = {ident: Good(old, "")} if old else {}
    every = pipeline.preview(cluster, config, ident, MEMBERS, lambda idents: {each: known[each] for each in known.keys() & idents})
    found = [each for each in every if each.origin.ident == ident and each.code not in UNSURE]
    return sorted((each for each in found if severity(each) in _RANKS), key=lambda each: _RANKS[severity(each)])


def trespasses(problems: Iterable[Problem], old: Ingress | None, snapshot: Snapshot, config: Config) -> list[Problem]:
    """Of these problems, what the Ingress may not have in its group and the old version did not have either."""
    found = [each for each in problems if each.code in pipeline.RIGHTS and severity(each) == "error"]
    before = forecast(old, old, snapshot, config) if found and old else []
    known = {(each.code, each.args) for each in before}
    return [each for each in found if (each.code, each.args) not in known]


def warnings(problems: list[Problem]) -> tuple[str, ...]:
    """The most important problems, and the number of the others."""
    said = [_warning(problem) for problem in problems[:MOST]]
    if more := len(problems) - len(said):
        said.append(f"and {more} more: albatross lint")
    return tuple(said)


def _warning(problem: Problem) -> str:
    """Code, place, message and fix. If that is too long, the fix is left to `albatross explain`."""
    field = problem.origin.field
    place = field.partition("/")[2].removesuffix('"]') if field.startswith("metadata.annotations") else field
    head = f"{problem.code} {place}".strip()
    whole = f"{head}: {message(problem)}; fix: {remedy(problem)}"
    if len(whole) <= WARNING:
        return whole
    end = f"; fix: albatross explain {problem.code}"
    return f"{head}: {message(problem)}"[: WARNING - len(end)] + end
