"""Runs a plan: each step starts as soon as the steps before it are over; independent steps run at the same time.

It knows neither AWS nor the cluster: the caller passes the function that performs the operations.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from albatross.errors import Fenced
from albatross.model.plan import Done, Failed, Outcome, Plan, Result, Skipped, Step
from albatross.model.resources.ref import Ref

Act = Callable[[Any, Mapping[Ref, str]], Awaitable[Mapping[Ref, str]]]
"""Performs an operation with the ids that are known now, and returns the new ids."""

Report = Callable[[Step, Result | None], None]
"""Called when a step starts (None) and when it is over. For a step that never starts it is called once, with Skipped."""


def silent(step: Step, result: Result | None) -> None:
    """Ignore all reports."""


async def execute(plan: Plan, act: Act, *, report: Report = silent, stop: asyncio.Event | None = None, at_once: int = 50) -> Outcome:
    """Run the plan and return its outcome. If a step fails, only the steps that need it are skipped; all others run.

    When `stop` is set, no further step starts, and running steps finish. If this call is cancelled, it cancels the running steps, waits
    until they end, and raises the cancellation. At most `at_once` steps run at a time. Errors: Fenced, which cancels the running steps too.
    """
    run = _Run(plan, act, report, stop or asyncio.Event(), asyncio.Semaphore(at_once))
    tasks = [asyncio.ensure_future(run.step(each)) for each in plan.steps]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return Outcome(results=tuple(run.results[each.id] for each in plan.steps), ids=run.ids)


@dataclass(slots=True)
class _Run:
    plan: Plan
    act: Act
    report: Report
    stop: asyncio.Event
    slots: asyncio.Semaphore
    results: dict[str, Result] = field(default_factory=dict)
    over: dict[str, asyncio.Event] = field(default_factory=dict)
    ids: dict[Ref, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ids = dict(self.plan.ids)
        self.over = {each.id: asyncio.Event() for each in self.plan.steps}

    async def step(self, step: Step) -> None:
        """Wait for the steps before it, run, and release the steps that wait for it."""
        for before in (*step.needs, *step.after):
            if before in self.over:
                await self.over[before].wait()
        async with self.slots:
            result = self._hindered(step) or await self._perform(step)
        self.results[step.id] = result
        self.report(step, result)
        self.over[step.id].set()

    def _hindered(self, step: Step) -> Skipped | None:
        for before in step.needs:
            if before in self.results and not isinstance(self.results[before], Done):
                return Skipped(step, self._cause(before))
        return Skipped(step) if self.stop.is_set() else None

    def _cause(self, step_id: str) -> str:
        """The step that failed first. A skipped step in between is not the cause."""
        result = self.results[step_id]
        return result.because if isinstance(result, Skipped) else step_id

    async def _perform(self, step: Step) -> Result:
        self.report(step, None)
        try:
            learnt = await self.act(step.operation, self.ids)
        except Fenced:
            raise
        except Exception as error:
            return Failed(step, error)
        self.ids.update(learnt)
        return Done(step, dict(learnt))
