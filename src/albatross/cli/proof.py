"""The proof of a hand-over: with the settings of the other controller, the plan of the whole cluster would write nothing to AWS."""

from collections.abc import Iterable, Mapping
from typing import Any

import click

from albatross.catalog.problems import severity
from albatross.catalog.settings import read
from albatross.cli.decision import Decided, reason
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


def prove(decisions: Iterable[Decided], problems: Iterable[Problem]) -> list[str]:
    """Why the hand-over would write to AWS, or cannot be judged; empty if nothing would be written. Prints the result."""
    doubts, bindings, groups = [], 0, 0
    for each in decisions:
        groups += 1
        steps = each.plan.steps if each.plan else ()
        writes = [step.id for step in steps if not isinstance(step.operation, PutBinding | DeleteBinding)]
        bindings += len(steps) - len(writes)
        doubts += [f"{each.id}: {step} would be written to AWS" for step in writes]
        doubts += [f"{each.id}: no plan, because {reason(each)}"] if each.plan is None else []
        problems = [*problems, *each.problems]
    errors = [problem for problem in problems if severity(problem) == "error"]
    doubts += [f"{problem.origin.object}: {problem.code}; see albatross plan --live" for problem in errors]
    click.echo(
        f"proof: {groups} groups planned; {len(doubts) or 'no'} reasons against the hand-over; {bindings} bindings would be updated\n"
    )
    return doubts
