"""`albatross route`: which rule a request meets, and why not the others."""

from collections.abc import Iterator
from typing import Any

import click
from rich.text import Text

from albatross import traffic
from albatross.cli import decision, option
from albatross.cli.terminal import console, diagnostic, words
from albatross.model.config import Config
from albatross.model.resources.stack import Stack
from albatross.traffic import Request, Step, Trace


@click.command()
@click.argument("method")
@click.argument("url")
@click.option("-H", "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the request; repeatable.")
@click.option("--source-ip", default="127.0.0.1", show_default=True, help="Where the request comes from.")
@option.files
@option.namespace
@option.facts
@option.settings
@click.pass_context
def route(ctx: click.Context, /, config: Config, method: str, url: str, **given: Any) -> None:
    """Say which listener and rule a request meets, the action it gets, and of every earlier rule why it does not match.

    Exit code 0 when something answers, 1 when no listener does, or when the manifests have errors.
    """
    request = _request(method, url, given)
    loaded = decision.load(given["paths"], given["namespace"])
    decisions, loose = decision.offline(loaded.snapshot, config, given["facts"])
    stacks = [each.stack for each in decisions if each.stack is not None]
    screen = console.out()
    for stack in stacks:
        for line in lines(stack, traffic.trace(stack, request)):
            screen.print(line)
    problems = [*loaded.problems, *loose, *(problem for each in decisions if each.stack is None for problem in each.problems)]
    errors = [each for each in diagnostic.findings(problems, loaded.sources) if each.severity == "error"]
    diagnostic.show(console.err(), errors)
    if not stacks:
        screen.print("nothing answers: no load balancer comes of these files")
    ctx.exit(0 if not errors and any(traffic.trace(stack, request).actions for stack in stacks) else 1)


def _request(method: str, url: str, given: dict[str, Any]) -> Request:
    pairs = [header.partition(":") for header in given["headers"]]
    if wrong := next((name for name, colon, _ in pairs if not colon), None):
        raise click.UsageError(f"a header is written 'Name: value', not {wrong!r}")
    try:
        headers = [(name.strip(), value.strip()) for name, _, value in pairs]
        return Request.of(method.upper(), url, headers, given["source_ip"])
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def lines(stack: Stack, trace: Trace) -> Iterator[Text]:
    """The walk through one load balancer."""
    yield Text.assemble(("Load balancer of ", "bold"), (str(stack.id), "bold cyan"))
    if trace.listener is None:
        ports = ", ".join(f"{listener.protocol}:{listener.port}" for listener in stack.listeners) or "nothing"
        yield Text(f"  no listener takes {trace.request.scheme} on port {trace.request.port}; there is {ports}")
        return
    yield Text(f"  listener {trace.listener.protocol}:{trace.listener.port}")
    for step in trace.steps:
        yield _step(step, trace.request)
    if trace.rule is None:
        yield Text.assemble(("  ✓ ", "green"), "default actions: no rule matches")
    for action in trace.actions:
        yield Text.assemble("      → ", (traffic.answer(action, trace.request), "bold"))


def _step(step: Step, request: Request) -> Text:
    if not step.misses:
        return Text.assemble(("  ✓ ", "green"), f"rule {step.rule.priority}: {words.conditions(step.rule.conditions)}")
    missed = "; ".join(traffic.why_not(condition, request) for condition in step.misses)
    return Text.assemble(("  · ", "dim"), (f"rule {step.rule.priority}: {missed}", "dim"))
