"""`albatross uninstall`: removes the controller, in an order in which nothing waits for something that is already removed."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import click

from albatross.cli import chosen, drain, live, option, ready, work
from albatross.cli.work import CHANGES, Work
from albatross.install import removal
from albatross.install.installation import Installation
from albatross.install.removal import Removal

Way = Literal["refuse", "drain", "orphan", "hand-over"]

END_SECONDS = 60.0
"""The longest time for the pods to end: four times their grace period."""


@click.command()
@chosen.namespace
@click.option("--ingress-class", default="alb", show_default=True, help="The IngressClass of the installation.")
@click.option("--drain", "way", flag_value="drain", help="First delete the objects that have load balancers, with these load balancers.")
@click.option("--orphan", "way", flag_value="orphan", help="Only remove the controller's finalizers. Everything in AWS stays as it is.")
@click.option("--hand-over", "way", flag_value="hand-over", help="Leave the objects for another controller with the same finalizers.")
@click.option("--crds", is_flag=True, help="Also delete the custom resource definitions, with all their objects.")
@click.option("--dry-run", is_flag=True, help="Show the plan only. Exit code 0: nothing to do, 2: changes, 1: an error.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before the changes.")
@click.option(
    "--timeout", default=600.0, show_default=True, metavar="SECONDS", help="The longest time to wait for load balancers to be deleted."
)
@option.kubeconfig
@option.context
@click.pass_context
def uninstall(ctx: click.Context, /, namespace: str, ingress_class: str, **given: Any) -> None:
    """Remove the controller. The plan is shown first; a second run finds nothing to do.

    Objects that still have load balancers are never left alone: the command stops, unless --drain, --orphan or --hand-over says what to do
    with them. Namespaces stay.
    """
    installation = Installation(cluster_name="", namespace=namespace, settings={"ingress-class": ingress_class}, parameters={"any": ""})
    ctx.exit(live.run(lambda: _uninstall(installation, given)))


async def _uninstall(given: Installation, options: Mapping[str, Any]) -> int:
    way: Way = options["way"] or "refuse"
    async with work.opened(options) as at:
        held = await drain.held(at)
        found, left = await _read(at, given, held, way)
        steps = found.order(way)
        at.show(steps)
        at.say(*(f"  kept: {each}" for each in left))
        if held and way == "refuse" and steps:
            return at.refuse([removal.refusal(held)])
        if options["dry_run"] or not steps:
            return CHANGES if steps else 0
        if not at.agreed():
            return 1
        try:
            await _carry_out(at, given, found, way)
        except ready.Unready as error:
            return at.refuse([error.problem])
        at.say("the controller is removed")
    return 0


async def _read(at: Work, given: Installation, held: Sequence[Mapping[str, Any]], way: Way) -> tuple[Removal, list[str]]:
    """What there is to remove; and what another tool manages."""
    first, hooks = await at.present(item.body for item in removal.webhooks())
    workload, pods = await at.present(item.body for item in removal.workload(given))
    rest, others = await at.present(item.body for item in removal.rest(given, at.options["crds"]))
    return Removal(first, removal.handled(held, way), workload, rest), [*hooks, *pods, *others]


async def _carry_out(at: Work, given: Installation, found: Removal, way: Way) -> None:
    await at.delete(each.body for each in found.first)
    held = [each.body for each in found.held]
    if way == "drain" and held:
        await drain.drain(at, given, held)
    await at.delete(each.body for each in found.workload)
    await ready.ended(at, given, END_SECONDS)
    # a leader that still worked may have registered its webhooks again
    again, _ = await at.present(item.body for item in removal.webhooks())
    await at.delete(each.body for each in again)
    if way == "orphan":
        await drain.release(at, held)
    # at its end, it may have made the ConfigMap that was not there before
    rest, _ = await at.present(item.body for item in removal.rest(given, at.options["crds"]))
    await at.delete(each.body for each in rest)


command = uninstall
