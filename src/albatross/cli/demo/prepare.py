"""The plan for the manifests of the demo: made while the controller starts, shown before kubectl applies them."""

from dataclasses import dataclass

from albatross import manifests
from albatross.cli import decision, live
from albatross.cli.decision import Decided
from albatross.cli.demo.stage import Stage, Stuck, headline
from albatross.cli.terminal import diagnostic
from albatross.cli.terminal import plan as text
from albatross.manifests import Loaded
from albatross.model.plan import Plan
from albatross.wording.details import Unsettled

Planned = tuple[Plan, Unsettled]
"""The plan of a group, and the classes of resources with names that are not final."""


@dataclass(frozen=True, slots=True)
class Plans:
    """The manifests as they were read, and the decision for each group."""

    loaded: Loaded
    decisions: list[Decided]


async def plan(stage: Stage) -> Plans:
    """Decide on the manifests, for the cluster and the account as they are."""
    loaded = manifests.load([str(stage.manifest)])
    async with live.opened(stage.config, stage.world.kubeconfig, "") as opened:
        decisions, _ = await live.decide(opened, loaded.objects)
    return Plans(loaded, decisions)


def show(stage: Stage, planned: Plans) -> list[Planned]:
    """Print the problems and the plans; returns the plans. Errors: Stuck."""
    headline(stage.screen, "What the manifests contain, and the plan for AWS")
    stage.typed(f"albatross plan --live -f {stage.manifest}\n")
    problems = decision.every(planned.loaded.problems, planned.decisions)
    diagnostic.show(stage.screen, diagnostic.findings(problems, planned.loaded.sources))
    plans = []
    for each in planned.decisions:
        if each.plan is None:
            raise Stuck("the manifests have an error, so there is no plan")
        stage.cut(text.lines(each.plan, each.stack, each.provisional, stage.screen.width))
        stage.screen.print()
        plans.append((each.plan, each.provisional))
    return plans
