"""Each kind of replacement, plan by plan: what an edit changes in an account that has the objects before it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.cli.front import GOLDEN, same
from tests.cli.test_status import BALANCER, STACK
from tests.planner.stand import there
from tests.world import CONFIG as WORLD
from tests.world import RECORDING, snapshot

from albatross import pipeline
from albatross.catalog import problems, tracking
from albatross.cli import drift, plan
from albatross.cli.decision import Decided
from albatross.cli.terminal.plan import lines
from albatross.model.observed import Observed, Owned
from albatross.model.plan import Create, Delete, Plan, PutBinding, Standby
from albatross.pipeline import Decision
from albatross.planner import replacing
from albatross.planner.replacing import PARTS
from albatross.token import swap

CONFIG = replace(WORLD, backend_security_group="sg-backend")
CASES = sorted(each.name for each in (GOLDEN / "replacing").iterdir())
AT = 1772366400.0
MOVED = "2026-03-01T12:00:00Z"
SHOWN = ("LB446", "LB447", "LB448", "LB449")


def decided(text: str, observed: Observed, group: str) -> Decision:
    """The decision for the group of the case."""
    cluster = snapshot(text)
    survey = pipeline.survey(cluster, CONFIG)
    prepared = pipeline.prepare(cluster, CONFIG, next(each for id, each in survey.groups.items() if str(id) == group))
    built = pipeline.build(prepared, RECORDING.answer(prepared.questions | prepared.extra, CONFIG), CONFIG)
    return pipeline.decide(prepared, built, observed, CONFIG)


def stands(decision: Decision, dns: str) -> Observed:
    assert decision.stack is not None
    found = there(decision.stack, CONFIG)
    balancers = tuple(replace(each, dns_name=f"{each.resource.id.lower()}-{dns}", state="active") for each in found.load_balancers)
    return replace(found, load_balancers=balancers)


def performed(decision: Decision, before: Observed) -> Observed:
    """The account after the plan: what exists, and what the plan creates."""
    assert decision.plan is not None
    after = stands(decision, "new.elb")
    made = {each.resource.id for each in decision.plan.operations if isinstance(each, Create | PutBinding)}
    own = {each.arn: f"{each.arn}/2" for name in PARTS[:4] for each in getattr(after, name) if each.resource.id in made}
    new: dict[str, Any] = {name: tuple(swap(each, own) for each in getattr(after, name) if each.resource.id in made) for name in PARTS}
    return replacing.together(before, Observed(**new))


def story(text: str, before: Observed, group: str) -> Iterator[tuple[str, Decision]]:
    """The plans from the edit until the old load balancer is gone."""
    first = decided(text, before, group)
    yield "The edit", first
    assert first.plan is not None
    if not first.plan.standby:
        return
    both = performed(first, before)
    old = {each.before.arn for each in first.plan.standby}
    served = tuple(each for each in before.target_groups if each.resource.target_type != "alb")
    yield "While the new targets are not healthy", decided(text, replace(both, healthy=frozenset(each.arn for each in served)), group)
    yield "When they are healthy", decided(text, both, group)
    marked = (replace(each, tags=(*each.tags, (tracking.REPLACED, MOVED))) if each.arn in old else each for each in both.load_balancers)
    chained = {arn: tuple(replace(one, id=f"{one.id}/2") for one in targets) for arn, targets in both.registered.items()}
    moved = replace(both, load_balancers=tuple(marked), registered=chained)
    yield "One minute later", decided(text, replace(moved, at=AT + 60), group)
    yield "After five minutes", decided(text, replace(moved, at=AT + 300), group)


def told(title: str, decision: Decision) -> Iterator[str]:
    yield f"# {title}\n"
    yield from (f"{each.code} {problems.message(each)}\n" for each in decision.problems if each.code in SHOWN)
    assert decision.plan is not None
    yield from (f"{line}".rstrip() for line in lines(decision.plan, None, width=120))
    yield ""


@pytest.mark.parametrize("case", CASES)
def test_each_kind_of_replacement(case: str, update: bool) -> None:
    folder = GOLDEN / "replacing" / case
    group = "shop/net" if case == "network" else "shop/app"
    before = stands(decided((folder / "before.yaml").read_text(), Observed(), group), "old.elb")
    found = list(story((folder / "after.yaml").read_text(), before, group))
    same(f"replacing/{case}/plan.txt", "\n".join(line for title, each in found for line in told(title, each)), update)
    last = found[-1][1].plan
    assert last is not None
    assert any(isinstance(each, Delete) for each in last.operations)


def test_programs_read_what_stays() -> None:
    old = Owned(resource=BALANCER, arn="arn:old", dns_name="old.elb")
    states = (Standby(before=old, grace_seconds=300.0, until=AT), Standby(before=old, grace_seconds=300.0, waits=("a target",)))
    found = plan.form([Decided(STACK, None, Plan(stack=STACK, standby=states), (), ())], [])
    assert [(each["until"], each["waits"]) for each in found["stacks"]["grp3"]["standby"]] == [
        ("2026-03-01T12:00:00+00:00", []),
        (None, ["a target"]),
    ]
    assert found["changes"] == 0


def test_what_stays_is_no_drift(capsys: pytest.CaptureFixture[str]) -> None:
    old = Owned(resource=BALANCER, arn="arn:old", dns_name="old.elb")
    kept = Decided(STACK, None, Plan(stack=STACK, standby=(Standby(before=old, grace_seconds=300.0, until=AT),)), (), ())
    drift.show([kept], [], "text", False)
    assert "no difference" in capsys.readouterr().out
    assert plan.code([kept], []) == 0
