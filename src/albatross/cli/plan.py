"""`albatross plan`: what would change in AWS, from files alone or against the live account."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from albatross.catalog import question
from albatross.cli import decision, option
from albatross.cli.decision import Decided
from albatross.cli.terminal import console, diagnostic
from albatross.cli.terminal import plan as text
from albatross.cli.terminal.diagnostic import Finding
from albatross.cli.terminal.operation import sign, subject
from albatross.model.config import Config
from albatross.planner import safety

CHANGES = 2


@click.command()
@option.files
@option.namespace
@option.facts
@click.option("--live", is_flag=True, help="Compare with the cluster and its AWS account. Files count as applied to the cluster.")
@option.kubeconfig
@option.context
@option.output("text", "json", "markdown")
@option.settings
@click.pass_context
def plan(ctx: click.Context, /, config: Config, output: str, **given: Any) -> None:
    """Show what would be created, changed and deleted in AWS, in order, and the rules of each Ingress.

    Without --live, neither the cluster nor AWS is asked: the account counts as empty, and everything that only AWS knows is listed as
    unknown, unless --facts has the answer. Exit code 0: nothing to do, 2: changes, 1: an error, for example more deletions than
    --allow-deletions.
    """
    if given["live"]:
        from albatross.cli import live

        decisions, problems, sources = live.decided(config, given)
    else:
        loaded = decision.load(given["paths"], given["namespace"])
        decisions, loose = decision.offline(loaded.snapshot, config, given["facts"])
        problems, sources = [*loaded.problems, *loose], loaded.sources
    dangers = safety.sweep((each.plan for each in decisions if each.plan), config.allow_deletions)
    found = diagnostic.findings([*problems, *dangers, *(problem for each in decisions for problem in each.problems)], sources)
    show(console.out(), decisions, found, output)
    ctx.exit(code(decisions, found))


def code(decisions: Sequence[Decided], found: Sequence[Finding]) -> int:
    """1 with an error, 2 with something to do, else 0."""
    if diagnostic.count(found)["error"]:
        return 1
    return CHANGES if any(each.plan for each in decisions) else 0


# Ways to print it --------------------------------------------------------------------------------------------------


def show(screen: Console, decisions: Sequence[Decided], found: Sequence[Finding], output: str) -> None:
    """Print problems and plans: one object as JSON, a comment for a pull request as Markdown."""
    match output:
        case "json":
            print(json.dumps(form(decisions, found), indent=2))
        case "markdown":
            print("\n".join(markdown(decisions, found)))
        case _:
            diagnostic.show(screen, found)
            for each in decisions:
                _text(screen, each)
            if not decisions:
                screen.print("nothing to plan: no Ingress and no Service belongs to this controller")


def _text(screen: Console, each: Decided) -> None:
    if each.plan is None:
        screen.print(Text.assemble(("No plan for ", "bold"), (each.key, "bold cyan"), (": ", "bold"), decision.reason(each)))
    else:
        for line in text.lines(each.plan, each.stack, each.provisional):
            screen.print(line)
    if each.unknown:
        screen.print("  Unknown without AWS (use --live, or --facts FACTS.json):", style="yellow")
        for asked in each.unknown:
            screen.print(f"    ? {question.words(asked)}")
    screen.print()


def form(decisions: Sequence[Decided], found: Sequence[Finding]) -> dict[str, Any]:
    """The JSON form."""
    return {
        "stacks": {each.key: _form(each) for each in decisions},
        "problems": [diagnostic.form(each) for each in found],
        "changes": sum(len(each.plan.steps) for each in decisions if each.plan),
    }


def _form(each: Decided) -> dict[str, Any]:
    steps = each.plan.steps if each.plan else ()
    return {
        "planned": each.plan is not None,
        "checksum": each.plan.checksum if each.plan else None,
        "counts": dict(each.plan.counts) if each.plan else {},
        "operations": [
            {
                "id": step.id,
                "sign": sign(step.operation),
                "noun": subject(step.operation)[0],
                "name": subject(step.operation)[1],
                "fields": dict(text.details(step.operation, each.provisional)),
                "needs": list(step.needs),
            }
            for step in steps
        ],
        "unknown": [question.words(asked) for asked in each.unknown],
    }


def markdown(decisions: Sequence[Decided], found: Sequence[Finding]) -> Iterator[str]:
    """Lines of Markdown: for each group the operations as a diff, the rules of its Ingresses, and the unknown facts; problems as a list."""
    for each in decisions:
        yield from (f"### `{each.key}`", "")
        if each.plan is None:
            yield from (f"No plan: {decision.reason(each)}.", "")
            continue
        yield from (f"{text.counts(each.plan)}; checksum `{each.plan.checksum}`", "")
        if each.plan:
            yield from ("```diff", *(line.plain.removeprefix("    ") for line in text.operations(each.plan, each.provisional)), "```", "")
        yield from _table(each)
        yield from (f"- unknown: {question.words(asked)}" for asked in each.unknown)
        yield ""
    for finding in found:
        place = diagnostic.where(finding.problem.origin, finding.place)
        yield f"- **{finding.severity}** `{finding.problem.code}` at `{place}`: {finding.message}. To fix it: {finding.fix}"


def _table(each: Decided) -> Iterator[str]:
    rows = list(text.rows(each.stack)) if each.stack else []
    if rows:
        yield from ("| Ingress | Listeners | Conditions | Action |", "|---|---|---|---|")
        yield from (f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
        yield ""
