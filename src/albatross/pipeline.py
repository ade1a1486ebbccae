"""From a snapshot of the cluster to a decision, in pure steps: survey, prepare, build, decide."""

from dataclasses import dataclass, field

from albatross.checks import examine
from albatross.frontend import ingress
from albatross.frontend.ingress import Survey
from albatross.model.config import Config
from albatross.model.facts import Facts, Question
from albatross.model.intent import Intent
from albatross.model.observed import Observed
from albatross.model.plan import Plan
from albatross.model.problem import Problem
from albatross.model.resources.stack import Stack, StackId
from albatross.model.snapshot import Key, Snapshot
from albatross.planner import diff
from albatross.planner.build import build as lower
from albatross.planner.questions import curious, questions

__all__ = ["Built", "Decision", "Prepared", "Survey", "build", "decide", "prepare", "survey"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A group, understood: who belongs to it, what they want, and what must be looked up before it can be built.

    `extra` questions need no answer; with one, more can be foreseen.
    """

    id: StackId
    members: tuple[Key, ...]
    leaving: tuple[Key, ...]
    intent: Intent
    questions: frozenset[Question]
    problems: tuple[Problem, ...] = field(default=())
    extra: frozenset[Question] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Built:
    """The desired state of a group, or None where an error forbids one; and everything that is wrong with it, from the first step on."""

    stack: Stack | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What there is to do for one group; `plan` is None where an error forbids one, and then nothing is touched."""

    stack: Stack | None
    plan: Plan | None
    problems: tuple[Problem, ...]


def survey(snapshot: Snapshot, config: Config) -> Survey:
    """Every group of Ingresses, what nobody claims, and problems of those whose group can't be told."""
    return ingress.survey(snapshot, config)


def prepare(snapshot: Snapshot, config: Config, stack_id: StackId, known: Survey | None = None) -> Prepared:
    """Understand one group; `known` spares a second survey of the same snapshot. A group nobody belongs to is empty."""
    seen = known or survey(snapshot, config)
    group = seen.groups.get(stack_id, ingress.Group(stack_id))
    read = ingress.read(snapshot, config, seen, group)
    asked, extra = questions(read.intent, config), curious(read.intent)
    return Prepared(stack_id, group.members, group.leaving, read.intent, asked, read.problems, extra)


def build(prepared: Prepared, facts: Facts, config: Config) -> Built:
    """The stack of a prepared group with the answers to its questions."""
    lowered = lower(prepared.intent, facts, config)
    found = examine(prepared.intent, lowered.stack, lowered.origins, facts)
    return Built(lowered.stack, tuple(dict.fromkeys((*prepared.problems, *lowered.problems, *found))))


def decide(prepared: Prepared, facts: Facts, observed: Observed, config: Config) -> Decision:
    """Build the group and compare it with what AWS and the cluster have."""
    built = build(prepared, facts, config)
    plan = diff.plan(built.stack, observed, config) if built.stack is not None else None
    return Decision(built.stack, plan, built.problems)
