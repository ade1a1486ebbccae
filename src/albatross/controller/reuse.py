"""The part of `controller.digests` for groups: which of them a new leader accepts without a look at AWS, and which digests it keeps."""

from collections.abc import Callable, Set
from dataclasses import dataclass, field
from functools import partial

from albatross import pipeline
from albatross.catalog.problems import severity
from albatross.controller.decider import Decider
from albatross.controller.digests import Digests, described
from albatross.controller.history import History
from albatross.frontend.group import Group
from albatross.model.config import Config
from albatross.model.facts import Facts
from albatross.model.plan import Outcome
from albatross.model.resources.ref import BACKEND
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Key, Snapshot
from albatross.pipeline import Decision, Prepared


@dataclass
class Reuse:
    """`later` is called with a group that was accepted: it must be compared with AWS some time later."""

    decider: Decider
    history: History
    digests: Digests = field(default_factory=Digests)
    later: Callable[[StackId], None] = lambda stack: None

    async def accepts(self, group: Group, snapshot: Snapshot, prepared: Prepared) -> bool:
        """Whether the group is as the leader before us left it, without errors and without members that leave. Errors: AwsError."""
        name = str(group.id)
        whole = bool(group.members) and not group.leaving and not prepared.goods
        if not whole or not self.digests.open(name) or not self.digests.holds(name, await self._wanted(group, prepared)):
            self.digests.note(name, None)
            return False
        self.history.remember(snapshot, group.members)
        self.decider.memory.doubted.add(group.id)
        self.later(group.id)
        return True

    def keep(self, group: Group, decision: Decision, outcome: Outcome) -> None:
        """Keep the digest of a group that is in place, and in which nothing waits."""
        if group.members and not decision.blamed and decision.desired:
            found = decision.desired, group.members, outcome.ids.get(BACKEND, "")
            self.digests.postpone(str(group.id), partial(described, *found))

    async def _wanted(self, group: Group, prepared: Prepared) -> str | None:
        """What the group needs, as a text. None if it has an error, or if one of its bindings is not in the cluster."""
        bound = frozenset(each.metadata.key for each in self.decider.index.bindings(group.id))
        facts = await self.decider.facts(prepared)
        return await self.decider.thread.run(_wanted, prepared, facts, self.decider.config, bound)


def _wanted(prepared: Prepared, facts: Facts, config: Config, bound: Set[Key]) -> str | None:
    built = pipeline.build(prepared, facts, config)
    if built.stack is None or any(severity(each) == "error" for each in built.problems):
        return None
    if not all((each.namespace, each.name) in bound for each in built.stack.bindings):
        return None
    return described(built.stack, prepared.members)
