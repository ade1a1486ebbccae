"""Holds back plans that would delete more load balancers than is allowed, counted over the passes of all groups."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field

from albatross.model.ident import Ident
from albatross.pipeline import Decision
from albatross.planner import safety


@dataclass
class Guard:
    """`allowed` is the setting; `standing` asks for the ARNs of the cluster's load balancers; `now` is a clock in seconds.

    `gone` are load balancers whose deletion was let through, with the time. One that is tried again counts once.
    """

    allowed: int | None
    standing: Callable[[], Awaitable[frozenset[str]]]
    now: Callable[[], float]
    gone: Mapping[str, float] = field(default_factory=dict)

    async def reviewed(self, decision: Decision, idents: Collection[Ident]) -> Decision:
        """The decision, or one in which nothing is done and the objects are told why (LB505)."""
        lost = safety.lost(decision.plan) if decision.plan else ()
        if not lost or self.allowed is None:
            return decision
        standing = await self.standing()
        # Nothing is awaited from here on, so that two groups at once do not both take the last place.
        gone = safety.recent(self.gone, self.now())
        counted = gone.keys() | {each.arn for each in lost}
        counts = len(counted), len(counted | standing)
        if safety.excessive(*counts, self.allowed):
            problem = safety.refused(lost, counts, f"within {safety.SECONDS / 60:g} minutes", idents)
            blamed = {ident: (*decision.blamed.get(ident, ()), problem) for ident in idents}
            return Decision(None, None, (*decision.problems, problem), {**decision.blamed, **blamed})
        self.gone = {**dict.fromkeys(counted, self.now()), **gone}
        return decision
