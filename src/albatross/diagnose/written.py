"""The problems of objects in files."""

from collections.abc import Iterator

from albatross import pipeline
from albatross.catalog.problems import PROBLEMS
from albatross.diagnose.cause import Cause
from albatross.diagnose.evidence import Evidence, plans, surveyed
from albatross.diagnose.manifest import HIDDEN, mended


def check(evidence: Evidence) -> Iterator[Cause]:
    """Every problem of objects in files, as `lint` says it."""
    found = [*pipeline.single(evidence.snapshot), *(problem for lost in surveyed(evidence).problems.values() for problem in lost)]
    found += [problem for each in plans(evidence) for problem in each.decision.problems if PROBLEMS[problem.code].slug not in HIDDEN]
    for problem in found:
        yield Cause(problem=problem, remedy=mended(evidence, problem))
