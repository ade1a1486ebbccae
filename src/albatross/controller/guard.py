"""Refuses plans that would delete more load balancers than allowed, counted over the passes of all groups."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from albatross.model.ident import Ident
from albatross.model.resources.stack import StackId
from albatross.pipeline import Decision
from albatross.planner import safety

Inputs = Callable[[], Any]
"""Reads the objects of a group that decide. A large group needs some milliseconds, so it is called only if they are needed."""


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """A decision that was refused, the objects that it came from, and the time of its look at AWS."""

    decision: Decision
    inputs: Any
    at: float


@dataclass
class Guard:
    """`allowed` is the setting; `standing` reads the ARNs of the cluster's load balancers; `now` is a clock in seconds; `same` compares.

    `gone` has the load balancers with an allowed deletion, and its time. A deletion that is retried counts once. `held` are refused
    decisions by group. Their next passes only count again: a wrong edit can reach each of hundreds of groups, and if each of them read
    its resources again every half minute, the reads of the account would be used up.
    """

    allowed: int | None
    standing: Callable[[], Awaitable[frozenset[str]]]
    now: Callable[[], float]
    same: Callable[[Any, Any], Awaitable[bool]]
    gone: Mapping[str, float] = field(default_factory=dict)
    held: dict[StackId, HeldPlan] = field(default_factory=dict)

    async def again(self, stack: StackId, inputs: Inputs, idents: Collection[Ident]) -> Decision | None:
        """The refusal of the plan of a group, if it is still refused. None: look at AWS and decide."""
        found = self.held.get(stack)
        if found is None:
            return None
        if self.now() - found.at < safety.SECONDS and await self.same(found.inputs, inputs()):
            refusal = await self.reviewed(found.decision, idents)
            if refusal is not found.decision:
                return refusal
        self.forget(stack)
        return None

    def hold(self, stack: StackId, inputs: Inputs, decision: Decision) -> None:
        """Remember a decision that was refused."""
        self.held[stack] = HeldPlan(decision, inputs(), self.now())

    def forget(self, stack: StackId) -> None:
        """Look at AWS in the next pass."""
        self.held.pop(stack, None)

    async def reviewed(self, decision: Decision, idents: Collection[Ident]) -> Decision:
        """The decision, or a decision without a plan that reports LB505 on the objects."""
        lost = safety.lost(decision.plan) if decision.plan else ()
        if not lost or self.allowed is None:
            return decision
        standing = await self.standing()
        # No await from here on: otherwise two groups could both use the last allowed deletion.
        gone = safety.recent(self.gone, self.now())
        counted = gone.keys() | {each.arn for each in lost}
        counts = len(counted), len(counted | standing)
        if safety.excessive(*counts, self.allowed):
            problem = safety.refused(lost, counts, f"within {safety.SECONDS / 60:g} minutes", idents)
            blamed = {ident: (*decision.blamed.get(ident, ()), problem) for ident in idents}
            return Decision(None, None, (*decision.problems, problem), {**decision.blamed, **blamed})
        self.gone = {**dict.fromkeys(counted, self.now()), **gone}
        return decision
