"""`albatross gc`: deletes what this cluster has in AWS and no object needs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import click

from albatross.aws.perform.operation import perform
from albatross.aws.session.errors import NotReady
from albatross.catalog.problems import severity
from albatross.cli import leftover, live, option, plan
from albatross.cli.leftover import Leftovers
from albatross.cli.live import Live
from albatross.cli.terminal import console, diagnostic
from albatross.controller.execute import execute
from albatross.controller.networking import Networking
from albatross.kube import apply, bindings
from albatross.model.config import Config
from albatross.model.plan import DeleteBinding, Done, Failed, Operation, PutBinding
from albatross.model.problem import Origin, Problem
from albatross.model.resources.ref import Ref

ROUNDS = 40
"""The most passes (chosen by us): AWS frees a security group some seconds to minutes after the deletion of its load balancer."""


@click.command()
@click.option("--yes", is_flag=True, help="Delete it. Without it, it is only shown.")
@click.option("--all", "everything", is_flag=True, help="Also if no object of the cluster has anything in AWS.")
@option.expand
@option.kubeconfig
@option.context
@option.output("text", "json")
@option.settings
@click.pass_context
def gc(ctx: click.Context, /, config: Config, output: str, yes: bool, **given: Any) -> None:
    """Show what has this cluster's tags in AWS and belongs to no object, and delete it with --yes.

    It deletes whole groups: load balancers, their listeners and rules, target groups, security groups, DNS records. What another cluster
    owns is never touched, nor what an object still names or holds with a finalizer. Exit code 0: nothing, 2: something, 1: an error.
    With --yes, 0: it is deleted.
    """
    ctx.exit(live.run(lambda: _gc(config, output, yes, given)))


async def _gc(config: Config, output: str, yes: bool, given: Mapping[str, Any]) -> int:
    async with live.opened(config, given["kubeconfig"], given["context"]) as world:
        found = await leftover.look(world, given["everything"])
        if output == "text":
            _show(found, output, given["expand"])
        failed = await sweep(world, found) if yes and not _refused(found.problems) else []
    problems = (*found.problems, *failed)
    if output == "json":
        _show(Leftovers(found.decisions, problems), output, given["expand"])
    else:
        diagnostic.show(console.out(), diagnostic.findings(failed))
    if _refused(problems):
        return 1
    return plan.CHANGES if found.plans and not yes else 0


def _refused(found: Sequence[Problem]) -> bool:
    return any(severity(each) == "error" for each in found)


def _show(found: Leftovers, output: str, expand: bool) -> None:
    problems = diagnostic.findings(found.problems)
    if output == "json":
        print(json.dumps(plan.form(found.decisions, problems), indent=2))
    elif found.decisions:
        plan.show(console.out(), found.decisions, problems, output, expand)
    else:
        diagnostic.show(console.out(), problems)
        click.echo("nothing to delete: everything with this cluster's tags that may be deleted has an owner")


# Deletion ------------------------------------------------------------------------------------------------------------


async def sweep(world: Live, found: Leftovers) -> list[Problem]:
    """Run the plans, one after the other; returns what failed. The command repeats what AWS does not allow yet."""
    act = partial(_act, world, Networking(world.session, world.config))
    failed: list[Problem] = []
    for each in found.plans:
        left = each
        for _ in range(ROUNDS):
            outcome = await execute(left, act)
            left = replace(left, steps=tuple(one.step for one in outcome.results if not isinstance(one, Done)))
            later = [one.error.retry_after for one in outcome.failures if isinstance(one.error, NotReady)]
            if not later or len(later) < len(outcome.failures):
                break
            await world.session.clock.sleep(min(later))
        failed += [_failed(one) for one in outcome.failures]
    return failed


async def _act(world: Live, networking: Networking, operation: Operation, ids: Mapping[Ref, str]) -> Mapping[Ref, str]:
    assert not isinstance(operation, PutBinding), "a group without objects needs no binding"
    if not isinstance(operation, DeleteBinding):
        return await perform(world.session, operation, ids, networking.release)
    namespace, _, name = operation.before.arn.partition("/")
    row = bindings.ROW
    await apply.remove(world.client, {"apiVersion": row.api_version, "kind": row.kind, "metadata": {"namespace": namespace, "name": name}})
    return {}


def _failed(found: Failed) -> Problem:
    words = (("operation", found.step.id), ("said", str(found.error)))
    return Problem("LB682", Origin("AWS", "", found.step.id.split(" ")[1]), words)


command = gc
