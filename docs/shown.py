"""Draws docs/page.svg: what the page shows for the manifests of `albatross demo`, with one pod that fails its health checks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from albatross import manifests, pipeline
from albatross.model.config import Config
from albatross.model.facts import Facts
from albatross.model.observed import Observed
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import Stack
from albatross.model.target import Registered, Target
from albatross.page.compose import GroupState, card
from albatross.page.layout import WIDTH, draw
from albatross.page.markup import Markup, tag
from albatross.page.picture import SIGNS, picture
from albatross.page.view import Card

ROOT = Path(__file__).parent.parent
MANIFEST = ROOT / "src/albatross/cli/demo/api.yaml"
STYLES = ROOT / "src/albatross/web/static/page.css"
CONFIG = Config(cluster_name="sandbox", region="ap-northeast-2", vpc_id="vpc-1")
PODS = ("api-7d9f8-k2x4b", "api-7d9f8-zq8vm")
HEAD = 40
"""The height of the line above each picture."""


def cards() -> Iterator[Card]:
    """The groups of the manifests as the controller would know them after its plan."""
    text = MANIFEST.read_text().replace("CERTIFICATE_ARN", "arn:aws:acm:ap-northeast-2:123456789012:certificate/1")
    snapshot = manifests.read([manifests.Text("api.yaml", text)]).snapshot
    for _, group in sorted(pipeline.survey(snapshot, CONFIG).groups.items()):
        prepared = pipeline.prepare(snapshot, CONFIG, group)
        decided = pipeline.decide(prepared, pipeline.build(prepared, Facts(), CONFIG), Observed(), CONFIG)
        assert decided.stack is not None
        yield card(state(decided.stack, tuple(str(each) for each in group.members)))


def state(stack: Stack, objects: tuple[str, ...]) -> GroupState:
    """A stack that exists, with two targets in each target group, of which one is not healthy."""
    ids: dict[Any, str] = {Ref("LoadBalancer", each.id, "arn"): f"arn:{each.id}" for each in stack.load_balancers}
    ids |= {Ref("TargetGroup", each.id, "arn"): f"arn:{each.id}" for each in stack.target_groups}
    found = (
        Registered(Target("10.0.1.5", 8080), "healthy"),
        Registered(Target("10.0.2.9", 8080), "unhealthy", "Target.ResponseCodeMismatch"),
    )
    return GroupState(
        id=stack.id,
        objects=objects,
        stack=stack,
        ids=ids,
        states={f"arn:{each.id}": "active" for each in stack.load_balancers},
        targets={f"arn:{each.id}": found for each in stack.target_groups},
        names=dict(zip(("10.0.1.5", "10.0.2.9"), PODS, strict=True)),
    )


def drawing() -> str:
    """The whole picture, with the styles of the page."""
    y, parts = 0, [tag("style", Markup(STYLES.read_text())), tag("rect", width="100%", height="100%", fill="var(--paper)")]
    for each in cards():
        line = (
            tag("tspan", SIGNS[each.health], class_=f"sign {each.health}"),
            f"  {each.name}  ",
            tag("tspan", each.numbers, class_="key"),
        )
        parts.append(tag("text", *line, x=8, y=y + 26, class_="line"))
        inner = picture(each).replace("<svg ", f'<svg y="{y + HEAD}" ', 1)
        parts.append(Markup(inner))
        y += HEAD + draw(each).height
    label = "The page: two load balancers with their listeners, rules, target groups and pods"
    return (
        tag(
            "svg",
            *parts,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {WIDTH} {y}",
            width=WIDTH,
            height=y,
            role="img",
            aria_label=label,
        )
        + "\n"
    )
