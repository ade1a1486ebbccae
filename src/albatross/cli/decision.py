"""Shared by lint, plan and route: objects from files or a cluster, facts, and the decision for each group."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

import click

from albatross import manifests, pipeline
from albatross.aws.read.recorded import Recording
from albatross.catalog import kinds, naming, tracking
from albatross.catalog.problems import PROBLEMS, severity
from albatross.errors import AlbatrossError
from albatross.manifests import Loaded
from albatross.model.config import Config
from albatross.model.facts import Facts, Question
from albatross.model.ident import Ident
from albatross.model.observed import Observed
from albatross.model.plan import Plan
from albatross.model.problem import Problem
from albatross.model.resources.stack import Stack, StackId
from albatross.model.snapshot import Snapshot

UNKNOWN = "unknown-fact"
SUGGESTED = 3
"""Names of groups in a message (chosen by us)."""


class Unusable(AlbatrossError):
    """The file of an option cannot be used."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision for one group: its stack, its plan, and the questions without an answer. `plan` is None without a stack."""

    id: StackId
    stack: Stack | None
    plan: Plan | None
    problems: tuple[Problem, ...]
    unknown: tuple[Question, ...]
    provisional: frozenset[str] = frozenset()
    """The classes of resources with names that are not final, because they depend on UIDs, which only a cluster assigns."""
    objects: frozenset[Ident] = frozenset()
    """The members of the group, and the objects that they mention."""

    @property
    def key(self) -> str:
        """What it is known by in output that is not for people."""
        return tracking.output(self.id)


def load(paths: Iterable[str], namespace: str, complete: bool = False) -> Loaded:
    """Read the given files. Errors: UsageError if there is no file."""
    return manifests.load(named(paths), namespace=namespace, complete=complete)


def named(paths: Iterable[str]) -> tuple[str, ...]:
    """The given files. Errors: UsageError if there is no file."""
    if not (found := tuple(paths)):
        raise click.UsageError("name at least one file with -f FILE; a folder, or - for standard input, is accepted too")
    return found


def recording(path: str) -> Recording:
    """A recorded account from its file. Errors: `Unusable` if the file is not a recording."""
    try:
        found = json.loads(Path(path).read_text())
    except OSError as error:
        raise Unusable(f"cannot read {path}: {(error.strerror or '').lower()}; create it with `albatross record > {path}`") from error
    except ValueError as error:
        raise Unusable(f"{path} is not JSON: {error}; create it with `albatross record > {path}`") from error
    if not isinstance(found, dict):
        raise Unusable(f"{path} is not a recording; create it with `albatross record > {path}`")
    return Recording(found)


def decide(prepared: pipeline.Prepared, facts: Facts, observed: Observed, config: Config, snapshot: Snapshot) -> Decided:
    """The decision for one group, with the known facts."""
    decided = pipeline.decide(prepared, pipeline.build(prepared, facts, config), observed, config)
    # unknown facts are in `unknown`, each once; as problems they would be repeated at every place that asks
    problems = tuple(problem for problem in decided.problems if PROBLEMS[problem.code].slug != UNKNOWN)
    unknown = sorted((question for question in prepared.questions if question not in facts.answers), key=repr)
    provisional = naming.by_uid(prepared.id.owner) if decided.plan and _unborn(prepared, snapshot) else frozenset[str]()
    objects = frozenset((*prepared.members, *prepared.leaving, *(each for found in prepared.mentions.values() for each in found)))
    return Decided(prepared.id, decided.stack, decided.plan, problems, tuple(unknown), provisional, objects)


def _unborn(prepared: pipeline.Prepared, snapshot: Snapshot) -> bool:
    """Whether a member, or a Service that a member mentions, is only in a file."""
    read = {*prepared.members, *(each for found in prepared.mentions.values() for each in found if each.kind == "Service")}
    return any(not noun.metadata.stored for each in read if (noun := kinds.find(snapshot, each)) is not None)


def offline(snapshot: Snapshot, config: Config, facts: str = "", groups: Sequence[str] = ()) -> tuple[list[Decided], tuple[Problem, ...]]:
    """The decision for every group, or for the named groups, for an empty account; and the problems of objects without a known group."""
    survey = narrowed(pipeline.survey(snapshot, config), groups)
    recorded = recording(facts) if facts else None
    decisions = []
    for prepared in prepare(snapshot, config, survey):
        known = recorded.answer(prepared.questions | prepared.extra, config) if recorded else Facts()
        decisions.append(decide(prepared, known, Observed(), config, snapshot))
    return decisions, loose(survey)


def every(problems: Iterable[Problem], decisions: Iterable[Decided]) -> list[Problem]:
    """These problems, and those of the groups."""
    return [*problems, *(problem for each in decisions for problem in each.problems)]


def prepare(snapshot: Snapshot, config: Config, survey: pipeline.Survey) -> Iterator[pipeline.Prepared]:
    """Every group, prepared, in the order of their names."""
    for _, group in sorted(survey.groups.items()):
        yield pipeline.understand(snapshot, config, group)


def narrowed(survey: pipeline.Survey, patterns: Sequence[str]) -> pipeline.Survey:
    """The survey with the groups that match a pattern; with all of them if there is no pattern. Errors: UsageError if none matches."""
    if not patterns:
        return survey
    names = {key: {tracking.output(key), str(key), *(each.short for each in group.members)} for key, group in survey.groups.items()}
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for found in names.values() for name in found):
            known = sorted(tracking.output(key) for key in names)
            near = get_close_matches(pattern, known, SUGGESTED) or known[:SUGGESTED]
            hint = f"; there are {len(known)} groups, for example {', '.join(near)}" if near else "; there are no groups"
            raise click.UsageError(f"no group is named {pattern}{hint}")
    chosen = {key for key, found in names.items() if any(fnmatchcase(name, pattern) for name in found for pattern in patterns)}
    return replace(survey, groups={key: group for key, group in survey.groups.items() if key in chosen})


def reason(each: Decided) -> str:
    """Why a group has no stack."""
    return "answers of AWS are missing" if waits(each) else "it has errors"


def waits(each: Decided) -> bool:
    """Whether a group without a stack lacks only answers."""
    return bool(each.unknown) and not any(severity(problem) == "error" for problem in each.problems)


def loose(survey: pipeline.Survey) -> tuple[Problem, ...]:
    """Problems of objects without a known group."""
    return tuple(problem for _, found in sorted(survey.problems.items()) for problem in found)
