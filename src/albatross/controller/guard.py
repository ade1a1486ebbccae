"""Refuses plans that would delete more load balancers than allowed, counted over the passes of all groups."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field

from albatross.model.ident import Ident
from albatross.pipeline import Decision
from albatross.planner import safety


@dataclass
class Guard:
    """`allowed` is the setting; `standing` reads the ARNs of the cluster's load balancers; `now` is a clock in seconds.

    `gone` has the load balancers with an allowed deletion, and its time. A deletion that is retried counts once.
    """

    allowed: int | None
    standing: Callable[[], Awaitable[frozenset[str]]]
    now: Callable[[], float]
    gone: Mapping[str, float] = field(default_factory=dict)

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
