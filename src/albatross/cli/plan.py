"""`albatross plan`: what would change in AWS, from files alone or against the live account."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from albatross.catalog import question
from albatross.cli import decision, option
from albatross.cli.decision import Decided
from albatross.cli.terminal import console, diagnostic, markdown, total, typed
from albatross.cli.terminal import plan as text
from albatross.cli.terminal.console import hanging
from albatross.cli.terminal.diagnostic import Finding
from albatross.manifests.source import FILE, Sources
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.plan import Standby
from albatross.model.problem import Problem
from albatross.planner import safety

CHANGES = 2


@click.command()
@option.files
@option.namespace
@option.facts
@click.option("--live", is_flag=True, help="Compare with the cluster and its AWS account. Files count as applied to the cluster.")
@option.kubeconfig
@option.context
@option.groups
@option.expand
@option.output("text", "json", "markdown")
@option.settings
@click.pass_context
def plan(ctx: click.Context, /, config: Config, output: str, **given: Any) -> None:
    """Show what would be created, changed and deleted in AWS, in order, and the rules of each Ingress.

    Without --live, neither the cluster nor AWS is asked: the account counts as empty, and everything that only AWS knows is listed as
    unknown, unless --facts has the answer. Exit code 0: nothing to do, 2: changes, 1: an error, for example more deletions than
    --allow-deletions. The last lines are the total. Markdown fits in one comment of a pull request; what does not fit is counted.
    """
    decisions, problems, sources = decided(config, given)
    if given["groups"]:
        problems = about(decisions, problems)
    dangers = safety.sweep((each.plan for each in decisions if each.plan), config.allow_deletions)
    found = diagnostic.findings(decision.every([*problems, *dangers], decisions), sources)
    show(console.out(), decisions, found, output, given["expand"])
    ctx.exit(code(decisions, found))


def decided(config: Config, given: Mapping[str, Any]) -> tuple[list[Decided], list[Problem], Sources]:
    """The decision for every group, all other problems, and the places of the files. `given` are the options, with `live` or without."""
    if given["live"]:
        from albatross.cli import live  # the import of the AWS client is slow

        return live.decided(config, given)
    loaded = decision.load(given["paths"], given["namespace"])
    decisions, problems = decision.offline(loaded.snapshot, config, given["facts"], given.get("groups", ()))
    return decisions, [*loaded.problems, *problems], loaded.sources


def about(decisions: Sequence[Decided], problems: Iterable[Problem]) -> list[Problem]:
    """Of these problems, those of the groups' objects, and those of files that cannot be read."""
    objects = frozenset[Ident]().union(*(each.objects for each in decisions))
    return [problem for problem in problems if problem.origin.kind == FILE or problem.origin.ident in objects]


def code(decisions: Sequence[Decided], found: Sequence[Finding]) -> int:
    """1 with an error, 2 with something to do, else 0."""
    if diagnostic.count(found)["error"]:
        return 1
    return CHANGES if any(each.plan for each in decisions) else 0


# Ways to print it --------------------------------------------------------------------------------------------------


def show(screen: Console, decisions: Sequence[Decided], found: Sequence[Finding], output: str, expand: bool = False) -> None:
    """Print problems and plans: one object as JSON, a comment for a pull request as Markdown."""
    match output:
        case "json":
            print(json.dumps(form(decisions, found), indent=2))
        case "markdown":
            print(markdown.text(decisions, found, expand))
        case _:
            diagnostic.show(screen, found)
            for each in decisions:
                _text(screen, each, expand)
            if not decisions:
                screen.print("nothing to plan: no Ingress and no Service belongs to this controller")
            else:
                _total(screen, decisions)


def _text(screen: Console, each: Decided, expand: bool) -> None:
    if each.plan is None:
        screen.print(Text.assemble(("No plan for ", "bold"), (each.key, "bold cyan"), (": ", "bold"), decision.reason(each)))
    else:
        for line in text.lines(each.plan, each.stack, each.provisional, screen.width, expand):
            screen.print(line)
    if each.unknown:
        screen.print("  Unknown without AWS (use --live, or --facts FACTS.json):", style="yellow")
        for asked in each.unknown:
            for line in hanging(Text("    ? "), question.words(asked), 6, screen.width):
                screen.print(line)
    screen.print()


def _total(screen: Console, decisions: Sequence[Decided]) -> None:
    plans = [each.plan for each in decisions if each.plan is not None]
    for line in total.lines(total.total(plans), len(decisions), len(decisions) - len(plans), screen.width):
        screen.print(line)


def form(decisions: Sequence[Decided], found: Sequence[Finding]) -> dict[str, Any]:
    """The JSON form."""
    return {
        "stacks": {each.key: _form(each) for each in decisions},
        "problems": [diagnostic.form(each) for each in found],
        "total": total.total(each.plan for each in decisions if each.plan is not None),
        "changes": sum(len(each.plan.steps) for each in decisions if each.plan),
    }


def _form(each: Decided) -> dict[str, Any]:
    return {
        "planned": each.plan is not None,
        "checksum": each.plan.checksum if each.plan else None,
        "total": total.total([each.plan]) if each.plan else {},
        "operations": [typed.form(step, each.provisional) for step in (each.plan.steps if each.plan else ())],
        "standby": [_standby(one) for one in (() if each.plan is None else each.plan.standby)],
        "unknown": [question.words(asked) for asked in each.unknown],
    }


def _standby(each: Standby) -> dict[str, Any]:
    """A replaced load balancer that stays: `until` is the time of its deletion, null while it keeps the address; then it `waits`."""
    until = None if each.until is None else datetime.fromtimestamp(each.until, UTC).isoformat()
    return {
        "name": each.before.resource.name,
        "arn": each.before.arn,
        "dns": each.before.dns_name,
        "until": until,
        "waits": list(each.waits),
    }
