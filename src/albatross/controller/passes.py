"""The last pass of each stack and the last plans, for the page. It keeps nothing, and costs nothing, unless `on` is set."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from albatross.clock import Clock
from albatross.model.facts import Facts
from albatross.model.observed import Observed
from albatross.model.plan import Operation, Outcome, Plan, Result, Step
from albatross.model.problem import Problem
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import Stack, StackId
from albatross.pipeline import Decision

PLANS = 50
"""The number of plans to keep (chosen by us)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRecord:
    """The last pass of a stack. `stack` is the last one that could be built, and `ids` are those of AWS that are known for it.

    `failed` are the errors that stopped the pass, with their operations. `applied`: a plan was done after `observed` was read.
    """

    problems: tuple[Problem, ...] = ()
    stack: Stack | None = None
    ids: Mapping[Ref, str] = field(default_factory=dict)
    facts: Facts = field(default_factory=Facts)
    observed: Observed = field(default_factory=Observed)
    failed: tuple[tuple[Operation | None, Problem], ...] = ()
    applied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRun:
    """A plan that ran or runs. `done` is the number of steps that are over; `outcome` is None while it runs or if it was cut off."""

    number: int
    at: datetime
    plan: Plan
    done: int = 0
    running: bool = True
    failed: tuple[tuple[str, str], ...] = ()


@dataclass
class Passes:
    """Keeps what the model loop reports. `changed` is called after each report."""

    clock: Clock = field(default_factory=Clock)
    on: bool = False
    last: dict[StackId, PassRecord] = field(default_factory=dict)
    plans: deque[PlanRun] = field(default_factory=lambda: deque(maxlen=PLANS))
    changed: Callable[[], None] = lambda: None
    _number: int = 0

    def looked(self, stack: StackId, facts: Facts, observed: Observed) -> None:
        """What AWS and the cluster have now, and the answers that the decision used."""
        if self.on:
            self.last[stack] = replace(self._of(stack), facts=facts, observed=observed, applied=False)

    def decided(self, stack: StackId, decision: Decision) -> None:
        """The decision, before its plan runs."""
        if not self.on:
            return
        before = self._of(stack)
        plan = decision.plan
        ids = before.ids if plan is None else plan.ids
        self.last[stack] = replace(before, problems=decision.problems, stack=decision.stack or before.stack, ids=ids, failed=())
        if plan:
            self._number += 1
            self.plans.append(PlanRun(number=self._number, at=self.clock.utc(), plan=plan))
        self.changed()

    def stepped(self, stack: StackId, step: Step, result: Result | None) -> None:
        """A step of the running plan started, or is over."""
        if self.on and result is not None:
            self._replace(stack, lambda run: replace(run, done=run.done + 1))

    def ended(
        self, stack: StackId, outcome: Outcome, failed: tuple[tuple[Operation | None, Problem], ...], words: Mapping[str, str]
    ) -> None:
        """The plan is over. `words` are the errors by operation, in words."""
        if not self.on:
            return
        before = self._of(stack)
        done = outcome.ok and bool(outcome.results)
        self.last[stack] = replace(before, ids={**before.ids, **outcome.ids}, failed=failed, applied=done)
        self._replace(stack, lambda run: replace(run, running=False, failed=tuple(words.items())))

    def stopped(self, stack: StackId, problem: Problem | None) -> None:
        """The pass stopped with an error of AWS or of the cluster; without a problem, it waits."""
        if self.on:
            failed = () if problem is None else ((None, problem),)
            self.last[stack] = replace(self._of(stack), failed=failed)
            self._replace(stack, lambda run: replace(run, running=False))

    def forget(self, stack: StackId) -> None:
        """The stack has no objects any more, and its resources are deleted."""
        self.last.pop(stack, None)
        self.changed()

    def _of(self, stack: StackId) -> PassRecord:
        return self.last.get(stack) or PassRecord()

    def _replace(self, stack: StackId, change: Callable[[PlanRun], PlanRun]) -> None:
        """Change the running plan of a stack; there is at most one."""
        for index, run in enumerate(self.plans):
            if run.running and run.plan.stack == stack:
                self.plans[index] = change(run)
        self.changed()
