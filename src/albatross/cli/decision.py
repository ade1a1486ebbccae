"""What lint, plan and route share: objects from files or a cluster, facts, and the decision on each group."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from albatross import manifests, pipeline
from albatross.aws.read.recorded import Recording
from albatross.catalog import kinds, tracking
from albatross.catalog.problems import PROBLEMS, severity
from albatross.errors import AlbatrossError
from albatross.manifests import Loaded
from albatross.model.config import Config
from albatross.model.facts import Facts, Question
from albatross.model.observed import Observed
from albatross.model.plan import Plan
from albatross.model.problem import Problem
from albatross.model.resources.stack import Stack, StackId
from albatross.model.snapshot import Snapshot

UNKNOWN = "unknown-fact"


class Unusable(AlbatrossError):
    """A file given by an option that can't be used."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One group, decided: what it wants, what there is to do, and the questions that nobody answered. `plan` is None without a stack."""

    id: StackId
    stack: Stack | None
    plan: Plan | None
    problems: tuple[Problem, ...]
    unknown: tuple[Question, ...]
    provisional: bool = False
    """Whether names will change that depend on UIDs, which only a cluster gives."""

    @property
    def key(self) -> str:
        """What it is known by in output that is not for people."""
        return tracking.output(self.id)


def load(paths: Iterable[str], namespace: str, complete: bool = False) -> Loaded:
    """Reads the files named; a usage error where none is."""
    return manifests.load(named(paths), namespace=namespace, complete=complete)


def named(paths: Iterable[str]) -> tuple[str, ...]:
    """The files named; a usage error where none is."""
    if not (found := tuple(paths)):
        raise click.UsageError("name at least one file: -f FILE (a folder, or - for standard input, will do too)")
    return found


def recording(path: str) -> Recording:
    """A recorded account from its file; `Unusable` where that is no recording."""
    try:
        found = json.loads(Path(path).read_text())
    except OSError as error:
        raise Unusable(f"cannot read {path}: {(error.strerror or '').lower()}; `albatross record > {path}` makes it") from error
    except ValueError as error:
        raise Unusable(f"{path} is not JSON: {error}; `albatross record > {path}` makes one") from error
    if not isinstance(found, dict):
        raise Unusable(f"{path} holds no recording; `albatross record > {path}` makes one")
    return Recording(found)


def decide(prepared: pipeline.Prepared, facts: Facts, observed: Observed, config: Config, snapshot: Snapshot) -> Decision:
    """The plan of one group for what is known."""
    decided = pipeline.decide(prepared, pipeline.build(prepared, facts, config), observed, config)
    # what is not known stands in `unknown`, each once; as problems it would stand at every place that asked
    problems = tuple(problem for problem in decided.problems if PROBLEMS[problem.code].slug != UNKNOWN)
    unknown = sorted((question for question in prepared.questions if question not in facts.answers), key=repr)
    provisional = bool(decided.plan) and _unborn(prepared, snapshot)
    return Decision(prepared.id, decided.stack, decided.plan, problems, tuple(unknown), provisional)


def _unborn(prepared: pipeline.Prepared, snapshot: Snapshot) -> bool:
    return any(not kinds.find(snapshot, each).metadata.uid for each in prepared.members)


def offline(snapshot: Snapshot, config: Config, facts: str = "") -> tuple[list[Decision], tuple[Problem, ...]]:
    """Every group decided as for an empty account, and the problems of objects whose group can't be told."""
    survey = pipeline.survey(snapshot, config)
    recorded = recording(facts) if facts else None
    decisions = []
    for prepared in prepare(snapshot, config, survey):
        known = recorded.answer(prepared.questions | prepared.extra, config) if recorded else Facts()
        decisions.append(decide(prepared, known, Observed(), config, snapshot))
    return decisions, loose(survey)


def prepare(snapshot: Snapshot, config: Config, survey: pipeline.Survey) -> Iterator[pipeline.Prepared]:
    """Every group understood, in the order of their names."""
    for _, group in sorted(survey.groups.items()):
        yield pipeline.prepare(snapshot, config, group)


def reason(each: Decision) -> str:
    """Why a group has no stack."""
    return "it waits for what only AWS knows" if waits(each) else "an error stands in its way"


def waits(each: Decision) -> bool:
    """Whether answers are all that a group without a stack lacks."""
    return bool(each.unknown) and not any(severity(problem) == "error" for problem in each.problems)


def loose(survey: pipeline.Survey) -> tuple[Problem, ...]:
    """Problems of objects whose group can't be told."""
    return tuple(problem for _, found in sorted(survey.problems.items()) for problem in found)
