"""The second act: kubectl, the operations of the controller, and what exists in AWS then."""

import asyncio
import time
from collections.abc import Iterator

from rich.text import Text

from albatross.cli import live, status
from albatross.cli.demo import tail
from albatross.cli.demo.prepare import Planned
from albatross.cli.demo.stage import PATIENCE, Stage, Stuck, headline, seconds, wait
from albatross.cli.live import Live
from albatross.cli.terminal import operation, tree
from albatross.cli.terminal.tree import Leaf
from albatross.model.plan import Done
from albatross.wording.details import named

COLUMNS = "custom-columns=KIND:.kind,NAME:.metadata.name,ADDRESS:.status.loadBalancer.ingress[0].hostname"
STANDING = ["active"] * 2 + ["healthy"] * 4
"""Two load balancers, each with two targets."""


async def play(stage: Stage, plans: list[Planned]) -> None:
    """Apply the manifests, and show what exists."""
    async with live.opened(stage.config, stage.world.kubeconfig, "") as opened:
        await _apply(stage, opened, plans)
        await _tree(stage, opened)


async def _apply(stage: Stage, opened: Live, plans: list[Planned]) -> None:
    headline(stage.screen, "kubectl applies them, and the controller executes the plan")
    await stage.kubectl("apply", "-f", str(stage.manifest))
    stage.screen.print()
    try:
        async with asyncio.timeout(PATIENCE):
            await _operations(stage, opened, plans)
    except TimeoutError:
        raise Stuck(f"the plan is not done after {PATIENCE:g} s; see: kubectl logs -n kube-system {stage.leader}") from None

    async def addressed() -> str:
        found = await stage.ask("get", "ingress/api", "service/tcp", "-o", COLUMNS)
        return "" if "<none>" in found else found

    shown = await wait("the Ingress and the Service have an address", addressed)
    stage.screen.print()
    stage.typed(f"kubectl get ingress/api service/tcp -o {COLUMNS.partition('=')[0]}=…")
    stage.screen.print(shown.rstrip("\n"))


async def _operations(stage: Stage, opened: Live, plans: list[Planned]) -> None:
    """Print each operation when the log of the controller reports it, until the plan of each group is done."""
    lines = {
        (str(plan.stack), step.id): operation.line(Done(step), named(step.operation, unsettled))
        for plan, unsettled in plans
        for step in plan.steps
    }
    began, left = time.monotonic(), dict.fromkeys((str(plan.stack) for plan, _ in plans), 1)
    async for event in tail.events(opened.client, stage.leader):
        group, name = str(event.get("group", "")), str(event.get("operation", ""))
        match event.get("event"):
            case "plan":  # with the numbers of its operations
                left[group] = sum(int(number) for number in event.values() if isinstance(number, int))
            case "operation":
                left[group] -= 1
                line = lines.get((group, name), Text(f"  ✓   {name}"))
                stage.screen.print(Text.assemble(line, seconds(began)))
            case "operation failed":
                stage.screen.print(Text(f"  ✗   {name}: {event.get('error')}", "red"))
        if not any(left.values()):
            return


async def _tree(stage: Stage, opened: Live) -> None:
    headline(stage.screen, "What exists in AWS now")
    stage.typed("albatross status\n")

    async def healthy() -> list[Leaf]:
        opened.session.inventory.forget()
        roots = await status.trees(opened)
        states = {(root.label, leaf.label): leaf.state for root in roots for leaf in (root, *_targets(root))}
        return roots if sorted(states.values()) == STANDING else []

    roots = await wait("two load balancers are active, each with two healthy targets", healthy)
    stage.cut(line for root in roots for line in tree.lines(root))


def _targets(leaf: Leaf) -> Iterator[Leaf]:
    for child in leaf.children:
        yield from [child] if child.state else _targets(child)
