"""`albatross drift`: where AWS differs from what the objects of the cluster describe, and what the next pass does about it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import click

from albatross.cli import decision, live, option, plan
from albatross.cli.decision import Decided
from albatross.cli.terminal import console, diagnostic
from albatross.model.config import Config
from albatross.model.plan import (
    ChangeRecords,
    Create,
    CreateBackendGroup,
    Delete,
    DeleteBinding,
    Deregister,
    Operation,
    PutBinding,
    Register,
)

State = Literal["changed", "missing", "surplus", "new"]
"""A resource exists with other values, does not exist, should not exist; or its group has nothing in AWS yet, so this is not drift."""

MEANINGS: Mapping[State, str] = {
    "changed": "in AWS with other values",
    "missing": "not in AWS any more, or not yet",
    "surplus": "in AWS, and no object needs it",
    "new": "of a group that has nothing in AWS yet",
}
SOURCE = "AWS does not say who changed a resource; CloudTrail does, if it is on: look there for the ARN. This command does not read it."


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference of a group."""

    group: str
    state: State
    operation: str


@click.command()
@option.groups
@option.expand
@option.kubeconfig
@option.context
@option.output("text", "json")
@option.settings
@click.pass_context
def drift(ctx: click.Context, /, config: Config, output: str, **given: Any) -> None:
    """Show where AWS differs from what the objects of the cluster describe, and what the next pass does about it.

    Use the settings of the controller, or differences of settings are shown too. An edit that the controller has not seen yet is a
    difference too. Exit code 0: no difference, 2: differences, 1: an error.
    """
    decisions, problems, sources = live.decided(config, given)
    if given["groups"]:
        problems = plan.about(decisions, problems)
    found = diagnostic.findings(decision.every(problems, decisions), sources)
    show(decisions, found, output, given["expand"])
    ctx.exit(plan.code(decisions, found))


def drifts(decisions: Iterable[Decided]) -> list[Drift]:
    """All differences, in the order of the groups and their plans."""
    return [
        Drift(each.key, state(step.operation, exists(each)), step.id)
        for each in decisions
        for step in (each.plan.steps if each.plan is not None else ())
    ]


def exists(each: Decided) -> bool:
    """Whether the group has something in AWS."""
    if each.plan is None:
        return False
    return bool(each.plan.ids) or any(isinstance(one, Delete) for one in each.plan.operations)


def state(operation: Operation, there: bool) -> State:
    """What a step says about the resource today. `there`: its group has something in AWS."""
    match operation:
        case Delete() | DeleteBinding() | Deregister():
            return "surplus"
        case Create(replaces=None) | CreateBackendGroup() | Register() | PutBinding(before=None):
            return "missing" if there else "new"
        case ChangeRecords(deletes=()):
            return "missing" if there else "new"
        case ChangeRecords(creates=()):
            return "surplus"
        case _:
            return "changed"


def show(decisions: Sequence[Decided], found: Sequence[diagnostic.Finding], output: str, expand: bool) -> None:
    """Print the differences, then the plan of the next pass."""
    rows = drifts(decisions)
    if output == "json":
        form = [{"group": each.group, "state": each.state, "operation": each.operation} for each in rows]
        print(json.dumps({"drift": form, **plan.form(decisions, found)}, indent=2))
        return
    changing = [each for each in decisions if each.plan or each.plan is None]
    if changing:
        for name, words in MEANINGS.items():
            if number := sum(each.state == name for each in rows):
                click.echo(f"{number:>4} {name:<8} {words}")
        click.echo(f"\n{SOURCE}\nThe next pass of the controller does this:\n" if rows else "")
        plan.show(console.out(), changing, found, output, expand)
    else:
        diagnostic.show(console.out(), found)
        click.echo(f"no difference: AWS has what the objects describe ({len(decisions)} groups)")


command = drift
