"""The second act: the plan, kubectl, the operations of the controller, and what exists in AWS then."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

from rich.text import Text

from albatross import manifests, pipeline
from albatross.cli import decision, live, status
from albatross.cli.decision import Decided
from albatross.cli.demo import tail
from albatross.cli.demo.stage import PATIENCE, Stage, Stuck, headline, seconds, wait
from albatross.cli.live import Live
from albatross.cli.terminal import diagnostic, operation, tree
from albatross.cli.terminal import plan as text
from albatross.cli.terminal.tree import Leaf
from albatross.manifests import Loaded
from albatross.model.plan import Done, Plan

COLUMNS = "custom-columns=KIND:.kind,NAME:.metadata.name,ADDRESS:.status.loadBalancer.ingress[0].hostname"
STANDING = ["active"] * 2 + ["healthy"] * 4
"""Two load balancers, each with two targets."""


@dataclass(frozen=True, slots=True)
class Plans:
    """The manifests as they were read, and the decision for each group."""

    loaded: Loaded
    decisions: list[Decided]


async def plan(stage: Stage) -> Plans:
    """Decide on the manifests, for the cluster and the account as they are."""
    loaded = manifests.load([str(stage.manifest)])
    decisions: list[Decided] = []
    async with live.opened(stage.config, stage.world.kubeconfig, "") as opened:
        snapshot = await live.snapshot(opened.client, loaded.objects)
        for prepared in decision.prepare(snapshot, opened.config, pipeline.survey(snapshot, opened.config)):
            observed, known = await live.observed(opened, prepared, snapshot)
            decisions.append(decision.decide(prepared, known, observed, opened.config, snapshot))
    return Plans(loaded, decisions)


async def play(stage: Stage, planned: Plans) -> None:
    """Show the plans, apply the manifests, and show what exists."""
    plans = _show(stage, planned)
    async with live.opened(stage.config, stage.world.kubeconfig, "") as opened:
        await _apply(stage, opened, plans)
        await _tree(stage, opened)


def _show(stage: Stage, planned: Plans) -> list[Plan]:
    headline(stage.screen, "What the manifests contain, and the plan for AWS")
    stage.typed(f"albatross plan --live -f {stage.manifest}\n")
    problems = [*planned.loaded.problems, *(problem for each in planned.decisions for problem in each.problems)]
    diagnostic.show(stage.screen, diagnostic.findings(problems, planned.loaded.sources))
    plans = []
    for each in planned.decisions:
        if each.plan is None:
            raise Stuck("the manifests have an error, so there is no plan")
        stage.cut(text.lines(each.plan, each.stack, each.provisional, stage.screen.width))
        stage.screen.print()
        plans.append(each.plan)
    return plans


async def _apply(stage: Stage, opened: Live, plans: list[Plan]) -> None:
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


async def _operations(stage: Stage, opened: Live, plans: list[Plan]) -> None:
    """Print each operation when the log of the controller reports it, until the plan of each group is done."""
    lines = {(str(each.stack), step.id): operation.line(Done(step)) for each in plans for step in each.steps}
    began, left = time.monotonic(), dict.fromkeys((str(each.stack) for each in plans), 1)
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
