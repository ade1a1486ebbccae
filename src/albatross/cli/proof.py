"""The proof of a hand-over: with the settings of the other controller, the plan of the whole cluster would write nothing to AWS."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from albatross.catalog.problems import severity
from albatross.catalog.settings import read
from albatross.cli.decision import Decided, every, reason
from albatross.install import peer
from albatross.install.peer import Peer
from albatross.model.config import Config
from albatross.model.plan import DeleteBinding, PutBinding
from albatross.model.problem import Problem


def config(found: Peer, given: Mapping[str, Any]) -> Config:
    """The settings of the other controller, as this controller reads them."""
    settings = dict(peer.needed(found.settings))
    place = {"aws-region": given["region"] or _region(found), "aws-vpc-id": given["vpc_id"]}
    chosen = read(settings | {flag: text for flag, text in place.items() if text})
    if chosen.complaints:
        raise click.ClickException("the settings cannot be used\n" + "\n".join(f"  - {each}" for each in chosen.complaints))
    return chosen.config


def _region(found: Peer) -> str:
    return found.settings.get("aws-region", "") or next((found.env[name] for name in peer.REGION if found.env.get(name)), "")


@dataclass(frozen=True, slots=True)
class Proof:
    """What a hand-over would write to AWS, why it cannot be judged, and how many groups and bindings it concerns."""

    writes: tuple[str, ...]
    doubts: tuple[str, ...]
    groups: int
    bindings: int

    @property
    def against(self) -> tuple[str, ...]:
        """All reasons against it."""
        return (*self.writes, *self.doubts)

    @property
    def told(self) -> str:
        """The result in one line."""
        number = len(self.against) or "no"
        return f"proof: {self.groups} groups planned; {number} reasons against the hand-over; {self.bindings} bindings would be updated"


def writes(each: Decided) -> list[str]:
    """The steps of a group that write to AWS. Bindings are objects in the cluster."""
    steps = each.plan.steps if each.plan else ()
    return [step.id for step in steps if not isinstance(step.operation, PutBinding | DeleteBinding)]


def judge(decisions: Sequence[Decided], problems: Iterable[Problem]) -> Proof:
    """Whether the hand-over would write to AWS."""
    unplanned = [f"{each.id}: no plan, because {reason(each)}" for each in decisions if each.plan is None]
    errors = [problem for problem in every(problems, decisions) if severity(problem) == "error"]
    steps = sum(len(each.plan.steps) for each in decisions if each.plan)
    found = [f"{each.id}: {step} would be written to AWS" for each in decisions for step in writes(each)]
    doubts = (*unplanned, *(f"{problem.origin.object}: {problem.code}; see albatross plan --live" for problem in errors))
    return Proof(tuple(found), doubts, len(decisions), steps - len(found))


def prove(decisions: Sequence[Decided], problems: Iterable[Problem]) -> list[str]:
    """Why the hand-over would write to AWS, or cannot be judged; empty if nothing would be written. Prints the result."""
    verdict = judge(decisions, problems)
    click.echo(f"{verdict.told}\n")
    return list(verdict.against)
