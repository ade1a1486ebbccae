"""`albatross route`: which rule a request matches, and why the other rules do not match."""

import ipaddress
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click
from rich.text import Text

from albatross import traffic
from albatross.catalog import question
from albatross.cli import decision, option, plan
from albatross.cli.decision import Decided, Unusable
from albatross.cli.terminal import console, diagnostic
from albatross.cli.terminal.diagnostic import Finding
from albatross.model.config import Config
from albatross.model.resources.action import Redirect
from albatross.model.resources.stack import Stack
from albatross.traffic import HttpRequest, Trace, Tried
from albatross.wording import words


@click.command()
@click.argument("method")
@click.argument("url")
@click.option("-H", "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the request. Can be repeated.")
@click.option("--source-ip", default="127.0.0.1", show_default=True, metavar="IP", help="The source IP address of the request.")
@option.files
@option.namespace
@option.facts
@click.option("--live", is_flag=True, help="Use the cluster and its AWS account. Files count as applied to the cluster.")
@option.kubeconfig
@option.context
@option.output("text", "json")
@option.settings
@click.pass_context
def route(ctx: click.Context, /, config: Config, method: str, url: str, **given: Any) -> None:
    """Show which listener and rule a request matches, the action of the rule, and why each earlier rule does not match.

    Every load balancer is tried, as if the host of the URL resolved to it. Exit code 0: a listener answers, 1: no listener answers, or
    there are errors.
    """
    request = _request(method, url, given)
    decisions, problems, sources = plan.decided(config, given)
    walks = [(each, _trace(each.stack, request)) for each in decisions if each.stack is not None]
    stuck = [each for each in decisions if each.stack is None]
    errors = [each for each in diagnostic.findings(decision.every(problems, stuck), sources) if each.severity == "error"]
    if given["output"] == "json":
        print(json.dumps(form(request, walks, stuck, errors), indent=2))
    else:
        _show(walks, stuck, errors)
    ctx.exit(0 if not errors and any(walk.actions for _, walk in walks) else 1)


def _request(method: str, url: str, given: dict[str, Any]) -> HttpRequest:
    pairs = [header.partition(":") for header in given["headers"]]
    if wrong := next((name for name, colon, _ in pairs if not colon), None):
        raise click.UsageError(f"write a header as 'Name: value', not as {wrong!r}")
    try:
        ipaddress.ip_address(given["source_ip"])
        headers = [(name.strip(), value.strip()) for name, _, value in pairs]
        return HttpRequest.of(method.upper(), url, headers, given["source_ip"])
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _trace(stack: Stack, request: HttpRequest) -> Trace:
    try:
        return traffic.trace(stack, request)
    except re.error as error:
        raise Unusable(f"{stack.id}: {error.pattern!r} is not a valid regular expression: {error}") from error


def _rewritten(trace: Trace) -> HttpRequest | None:
    """The request that the target receives, if the rule rewrites it."""
    if trace.rule is None or not trace.rule.transforms:
        return None
    try:
        return traffic.rewritten(trace.rule, trace.request)
    except re.error as error:
        raise Unusable(f"rule {trace.rule.priority}: {error.pattern!r} is not a valid regular expression: {error}") from error


# Text --------------------------------------------------------------------------------------------------------------


def _show(walks: Sequence[tuple[Decided, Trace]], stuck: Sequence[Decided], errors: Sequence[Finding]) -> None:
    screen = console.out()
    for each, walk in walks:
        assert each.stack is not None, "it was walked through"
        for line in lines(each.stack, walk):
            screen.print(line)
    diagnostic.show(console.err(), errors)
    for each in stuck:
        screen.print(f"Load balancer of {each.key}: unknown, because {decision.reason(each)}")
        for asked in each.unknown if decision.waits(each) else ():
            screen.print(f"    ? {question.words(asked)}")
    if not walks and not stuck:
        screen.print("nothing answers: there is no load balancer")


def lines(stack: Stack, trace: Trace) -> Iterator[Text]:
    """The evaluation of the request by one load balancer."""
    yield Text.assemble(("Load balancer of ", "bold"), (str(stack.id), "bold cyan"))
    if trace.listener is None:
        ports = ", ".join(_listeners(stack)) or "none"
        yield Text(f"  no listener for {trace.request.scheme} on port {trace.request.port}; listeners: {ports}")
        return
    yield Text(f"  listener {trace.listener.protocol}:{trace.listener.port}")
    for step in trace.steps:
        yield _step(step, trace.request)
    if trace.rule is None:
        yield Text.assemble(("  ✓ ", "green"), "default actions: no rule matches")
    for action in trace.actions:
        yield Text.assemble("      → ", (traffic.answer(action, trace.request), "bold"))
    if (request := _rewritten(trace)) is not None:
        yield Text.assemble("      rewritten to ", (f"{request.method} {request.url}", "bold"))


def _listeners(stack: Stack) -> list[str]:
    return [f"{listener.protocol}:{listener.port}" for listener in traffic.listeners(stack)]


def _step(step: Tried, request: HttpRequest) -> Text:
    name = f"rule {step.rule.priority}" + (f" ({step.rule.member.short})" if step.rule.member else "")
    if not step.misses:
        return Text.assemble(("  ✓ ", "green"), f"{name}: {words.conditions(step.rule.conditions)}")
    missed = "; ".join(traffic.why_not(condition, request) for condition in step.misses)
    return Text.assemble(("  · ", "dim"), (f"{name}: {missed}", "dim"))


# JSON --------------------------------------------------------------------------------------------------------------


def form(
    request: HttpRequest, walks: Iterable[tuple[Decided, Trace]], stuck: Iterable[Decided], errors: Iterable[Finding]
) -> dict[str, Any]:
    """The JSON form: the request, the evaluation of each load balancer by its group, groups without a known load balancer, and errors."""
    return {
        "request": {"method": request.method, "url": request.url, "headers": list(request.headers), "sourceIP": request.source_ip},
        "stacks": {each.key: _walk(each.stack, walk) for each, walk in walks if each.stack},
        "unknown": {each.key: [question.words(asked) for asked in each.unknown] for each in stuck},
        "problems": [diagnostic.form(each) for each in errors],
    }


def _walk(stack: Stack, trace: Trace) -> dict[str, Any]:
    request = _rewritten(trace)
    return {
        "listeners": _listeners(stack),
        "listener": f"{trace.listener.protocol}:{trace.listener.port}" if trace.listener else None,
        "rules": [_tried(step, trace.request) for step in trace.steps],
        "rule": trace.rule.priority if trace.rule else None,
        "actions": [traffic.answer(action, trace.request) for action in trace.actions],
        "location": next((traffic.location(action, trace.request) for action in trace.actions if isinstance(action, Redirect)), None),
        "rewritten": request.url if request else None,
    }


def _tried(step: Tried, request: HttpRequest) -> dict[str, Any]:
    return {
        "priority": step.rule.priority,
        "member": step.rule.member.short if step.rule.member else "",
        "conditions": [traffic.describe(condition) for condition in step.rule.conditions],
        "matches": not step.misses,
        "misses": [traffic.why_not(condition, request) for condition in step.misses],
    }
