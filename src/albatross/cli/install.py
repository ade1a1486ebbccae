"""`albatross install`: the controller in a cluster, shown as a plan first."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from albatross.cli import chosen, discover, live, option, ready, work
from albatross.cli.terminal import progress
from albatross.cli.work import CHANGES, Work
from albatross.install import issuer
from albatross.install.installation import Installation, Item
from albatross.install.objects import objects
from albatross.kube.errors import KubeNotFound
from albatross.model.problem import Origin, Problem

DEFINITION_SECONDS = 30.0


@click.command()
@chosen.options
@click.option("--dry-run", is_flag=True, help="Show the plan only. Exit code 0: nothing to do, 2: changes, 1: an error.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before the changes.")
@click.option("--force", is_flag=True, help="Replace values that another tool has set.")
@click.option(
    "--timeout", default=180.0, show_default=True, metavar="SECONDS", help="The longest time to wait until the controller is ready."
)
@option.kubeconfig
@option.context
@click.pass_context
def install(ctx: click.Context, /, chosen: Installation, **given: Any) -> None:
    """Install the controller, or change an installation, and wait until it is ready.

    The plan is shown first; a second run changes nothing. Cluster name, region and VPC are found from the kubeconfig, the nodes and AWS,
    and must agree with the options.
    """
    ctx.exit(live.run(lambda: perform(chosen, given)))


async def perform(given: Installation, options: Mapping[str, Any]) -> int:
    """Install with these options of the command line; returns the exit code. Errors: AlbatrossError."""
    async with work.opened(options) as at:
        found = await discover.discover(at.client, given)
        at.say(*found.lines(), "")
        if found.problems:
            return at.refuse(found.problems)
        items = objects(found.installation)
        if missing := await _missing(at, items):
            return at.refuse([missing])
        if not at.accepted(await ready.annotated(at, items)):
            return 1
        changes = [await at.compare(item.body) for item in items]
        at.show(changes)
        if conflicts := [each.conflict() for each in changes if each.verb == "conflict"]:
            return at.refuse(conflicts)
        wanted = [item for item, each in zip(items, changes, strict=True) if each.verb != "same"]
        if options["dry_run"]:
            return CHANGES if wanted else 0
        if wanted and not at.agreed():
            return 1
        return await _carry_out(at, found.installation, wanted)


async def _missing(at: Work, items: Sequence[Item]) -> Problem | None:
    """A kind of others that the installation needs, and the cluster does not serve."""
    foreign = next((item for item in items if item.body["apiVersion"].startswith(issuer.GROUP)), None)
    if foreign is None:
        return None
    try:
        await at.client.get(f"/apis/{foreign.body['apiVersion']}")
    except KubeNotFound:
        return Problem("LB758", Origin(foreign.kind, foreign.namespace, foreign.name))
    return None


async def _carry_out(at: Work, given: Installation, wanted: Sequence[Item]) -> int:
    try:
        progress.begin("writing objects", len(wanted))
        for item in wanted:
            await at.apply(item.body)
            progress.step()
            if item.kind == "CustomResourceDefinition":
                await ready.definition(at, item, DEFINITION_SECONDS)
        await ready.controller(at, given, at.options["timeout"])
        await ready.notes(at, given)
        await ready.webhooks(at, given, at.options["timeout"])
    except ready.Unready as error:
        return at.refuse([error.problem])
    at.say(f"the controller is ready: {given.replicas} pods in namespace {given.namespace}, and one of them leads")
    return 0


command = install
