"""Plans run: order, failure, stopping."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from tests.clock import settle

from albatross.catalog.tracking import INGRESS
from albatross.controller.execute import execute
from albatross.errors import Fenced
from albatross.model.plan import Deregister, Outcome, Plan, Result, Skipped, Step
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import StackId


def step(name: str, *needs: str, after: tuple[str, ...] = ()) -> Step:
    return Step(
        operation=Deregister(target_group=name, targets=()),
        needs=tuple(f"deregister TargetGroup {each}" for each in needs),
        after=tuple(f"deregister TargetGroup {each}" for each in after),
    )


def plan(*steps: Step, **ids: str) -> Plan:
    return Plan(stack=StackId(INGRESS, "shop", "app"), steps=steps, ids={Ref("X", key, "arn"): value for key, value in ids.items()})


class Stage:
    """Performs by name; remembers the order; fails, waits or learns as told."""

    def __init__(self, failing: frozenset[str] = frozenset(), held: Mapping[str, asyncio.Event] | None = None) -> None:
        self.failing, self.held = failing, held or {}
        self.began: list[str] = []
        self.ended: list[str] = []
        self.seen: dict[str, dict[Ref, str]] = {}
        self.starts: asyncio.Queue[str] = asyncio.Queue()

    async def act(self, operation: Any, ids: Mapping[Ref, str]) -> Mapping[Ref, str]:
        name = operation.target_group
        self.began.append(name)
        self.starts.put_nowait(name)
        self.seen[name] = dict(ids)
        if name in self.held:
            await self.held[name].wait()
        if name in self.failing:
            raise RuntimeError(name)
        self.ended.append(name)
        return {Ref("X", name, "arn"): f"arn:{name}"}

    async def run(self, plan: Plan, **more: Any) -> Outcome:
        return await execute(plan, self.act, **more)


def words(outcome: Outcome) -> list[str]:
    return [type(each).__name__ for each in outcome.results]


async def test_a_fence_ends_the_whole_plan() -> None:
    ended = asyncio.Event()

    async def act(operation: Any, ids: Mapping[Ref, str]) -> Mapping[Ref, str]:
        if operation.target_group == "b":
            raise Fenced("b was not sent")
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return {}

    with pytest.raises(Fenced, match="b was not sent"):
        await execute(plan(step("a"), step("b")), act)
    assert ended.is_set()


async def test_a_step_waits_for_what_it_needs_and_learns_its_ids() -> None:
    stage = Stage()
    outcome = await stage.run(plan(step("a"), step("b", "a"), known="arn:known"))
    assert stage.ended == ["a", "b"]
    assert stage.seen["b"][Ref("X", "a", "arn")] == "arn:a"
    assert outcome.ok
    assert outcome.ids == {Ref("X", name, "arn"): f"arn:{name}" for name in ("a", "b", "known")}


async def test_a_step_waits_for_what_goes_before_though_that_may_fail() -> None:
    gate = asyncio.Event()
    stage = Stage(failing=frozenset({"a"}), held={"a": gate})
    running = asyncio.ensure_future(stage.run(plan(step("a"), step("b", after=("a",)))))
    await settle()
    assert stage.began == ["a"]
    gate.set()
    assert words(await running) == ["Failed", "Done"]
    assert stage.began == ["a", "b"]


async def test_independent_steps_run_at_once() -> None:
    gate = asyncio.Event()
    stage = Stage(held={"a": gate, "b": gate})
    running = asyncio.ensure_future(stage.run(plan(step("a"), step("b"))))
    assert {await stage.starts.get(), await stage.starts.get()} == {"a", "b"}
    gate.set()
    assert (await running).ok


async def test_a_failure_takes_down_only_what_needs_it() -> None:
    stage = Stage(failing=frozenset({"a"}))
    outcome = await stage.run(plan(step("a"), step("b", "a"), step("c", "b"), step("d"), step("e", after=("a",))))
    assert words(outcome) == ["Failed", "Skipped", "Skipped", "Done", "Done"]
    skipped = outcome.results[2]
    assert isinstance(skipped, Skipped)
    assert skipped.because == "deregister TargetGroup a"
    assert [str(each.error) for each in outcome.failures] == ["a"]
    assert not outcome.ok


async def test_each_start_and_end_is_told() -> None:
    told: list[tuple[str, str]] = []

    def report(step: Step, result: Result | None) -> None:
        told.append((step.id.rsplit(" ", 1)[1], type(result).__name__))

    await Stage(failing=frozenset({"b"})).run(plan(step("a"), step("b", "a"), step("c", "b")), report=report)
    assert told == [("a", "NoneType"), ("a", "Done"), ("b", "NoneType"), ("b", "Failed"), ("c", "Skipped")]


async def test_stopped_it_ends_what_runs_and_skips_the_rest() -> None:
    stop, gate = asyncio.Event(), asyncio.Event()
    stage = Stage(held={"a": gate})
    running = asyncio.ensure_future(stage.run(plan(step("a"), step("b", "a")), stop=stop))
    await stage.starts.get()
    stop.set()
    gate.set()
    outcome = await running
    assert words(outcome) == ["Done", "Skipped"]
    assert outcome.results[1] == Skipped(step("b", "a"))


async def test_cancelled_it_leaves_nothing_running() -> None:
    stage = Stage(held={"a": asyncio.Event()})
    running = asyncio.ensure_future(stage.run(plan(step("a"), step("b", "a"))))
    await stage.starts.get()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert stage.ended == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_dependency_outside_of_the_plan_is_over_already() -> None:
    assert (await Stage().run(plan(step("b", "elsewhere")))).ok


async def test_no_more_than_allowed_run_at_once() -> None:
    gate = asyncio.Event()
    stage = Stage(held=dict.fromkeys("abc", gate))
    running = asyncio.ensure_future(stage.run(plan(step("a"), step("b"), step("c")), at_once=2))
    await settle()
    assert len(stage.began) == 2
    gate.set()
    assert (await running).ok


async def test_nothing_to_do_is_done() -> None:
    outcome = await Stage().run(plan())
    assert outcome.ok
    assert outcome.results == ()


async def test_results_keep_the_plans_order() -> None:
    gate = asyncio.Event()
    stage = Stage(held={"a": gate})
    running = asyncio.ensure_future(stage.run(plan(step("a"), step("b"))))
    await settle()
    assert stage.ended == ["b"]
    gate.set()
    outcome = await running
    assert [each.step.id for each in outcome.results] == ["deregister TargetGroup a", "deregister TargetGroup b"]
    assert words(outcome) == ["Done", "Done"]
