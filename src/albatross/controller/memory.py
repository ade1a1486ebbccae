"""What the model loop knows of AWS without asking: each group as it was last read, with our own writes since then.

Others change AWS too. So each group is read again within `seconds` (`--drift-interval`), at times that are spread over the
interval, and at once after an error of AWS.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from albatross.aws.session.client import Session
from albatross.controller.known import spread
from albatross.frontend.group import Readings
from albatross.model.observed import Observed
from albatross.model.plan import Outcome, Plan
from albatross.model.problem import Problem
from albatross.model.resources.stack import Stack, StackId
from albatross.planner.after import Detail, after, complete, details, presumed, sufficient

LEAN = 0.4
"""The part of the interval by which a look without tags is treated as older (chosen by us), so that the next one follows soon."""


@dataclass(frozen=True, slots=True)
class Sight:
    """The state of a group: read at a time, or known since then. `problems` are those of the decision from it.

    `lean`: the tags of listeners and rules were not read; the next look follows sooner. `retried`: it is not new, because the pass
    only retries what AWS refused (`controller.refused`).
    """

    observed: Observed
    at: float
    known: frozenset[Detail] = frozenset()
    problems: tuple[Problem, ...] = ()
    lean: bool = False
    retried: bool = False


@dataclass
class Memory:
    """The looks by group. Without `seconds`, nothing is remembered: every pass reads what it needs.

    `looked` has the time of the last look at a group, also if it is too complicated to be remembered. `doubted` are groups that are read
    because of their age only.
    """

    session: Session
    seconds: float = 0.0
    looks: dict[StackId, Sight] = field(default_factory=dict)
    looked: dict[StackId, float] = field(default_factory=dict)
    doubted: set[StackId] = field(default_factory=set)
    met: set[StackId] = field(default_factory=set)
    """The groups that were in place at least once since the start."""
    readings: dict[StackId, Readings] = field(default_factory=dict)
    """What was read of the members of each group with several members, so that an edit of one of them reads only that one."""

    def recall(self, stack: StackId) -> Sight | None:
        """The state of a group, if it is known and not too old."""
        found = self.looks.get(stack)
        return found if found and self.session.clock.now() - found.at < self.seconds else None

    def retain(self, stack: StackId, found: Readings) -> None:
        """Remember what was read of the members of a group. One member alone is read whenever it changes."""
        if len(found) > 1:
            self.readings[stack] = found
        else:
            self.readings.pop(stack, None)

    def new(self, stack: StackId, wanted: Stack) -> bool:
        """Whether this is the first look at a group that can be remembered. A group without resources has nothing to look at."""
        return bool(self.seconds) and stack not in self.met and details(wanted) is not None and bool(wanted.load_balancers)

    def suffices(self, look: Sight, stack: Stack | None) -> bool:
        """Whether the desired stack can be compared with what is known."""
        return stack is not None and sufficient(look.observed, look.known, stack)

    def keep(self, stack: Stack, look: Sight, plan: Plan, outcome: Outcome) -> None:
        """Remember a group after its plan."""
        self.doubted.discard(stack.id)
        self.met.add(stack.id)
        self.looked[stack.id] = look.at - (LEAN * self.seconds if look.lean else 0.0)
        before = presumed(look.observed, stack, plan.ids, self.session.config) if look.lean else look.observed
        known, found = details(stack), after(before, plan, outcome)
        if not self.seconds or known is None or found is None or not complete(found):
            self.looks.pop(stack.id, None)
            return
        self.looks[stack.id] = replace(look, observed=replace(found, bindings=()), known=look.known | known)

    def drop(self, stack: StackId) -> None:
        """Look at a group again in the next pass, because this one is not finished."""
        self.looks.pop(stack, None)

    def wrong(self, stack: StackId) -> None:
        """AWS may have something else than we know: look at the group again in the next pass, with the lists and its tags."""
        self.doubt(stack)
        self.session.inventory.relist()

    def doubt(self, stack: StackId) -> None:
        """Look at a group again, with its tags."""
        look = self.looks.pop(stack, None)
        self.looked.pop(stack, None)
        if look is not None:
            found = look.observed
            self.session.inventory.untag(e.arn for e in (*found.load_balancers, *found.target_groups, *found.listeners, *found.rules))

    def forget(self, stack: StackId) -> None:
        """The group does not exist any more."""
        self.looks.pop(stack, None)
        self.looked.pop(stack, None)
        self.doubted.discard(stack)
        self.met.discard(stack)
        self.readings.pop(stack, None)

    def due(self) -> Iterator[StackId]:
        """The groups that must be read now, because their last look is old."""
        now = self.session.clock.now()
        for stack, at in list(self.looked.items()):
            if self.seconds and now - at >= self.seconds * spread(str(stack)):
                self.doubt(stack)
                self.doubted.add(stack)
                yield stack
