"""Groups that AWS refuses. Their next pass does not read everything again: it first makes only the call that was refused.

If AWS refuses it again, the group is as it was, and the pass costs this one call. Everything is read and decided again as soon as AWS
accepts the call, an object of the group changes, or the last complete look is too old.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from albatross.aws.read import lookup
from albatross.aws.session.errors import LAG_SECONDS, AwsError, Busy, Denied, NotReady, Throttled, Unavailable, Unknown
from albatross.controller.memory import Memory, Sight
from albatross.controller.thread import Thread
from albatross.model.plan import Done, Failed, Outcome, Step
from albatross.model.resources.stack import StackId
from albatross.pipeline import Decision, Prepared
from albatross.planner import decisive

SECONDS, PART = 600.0, 0.5
"""How long a group is not read as a whole, and the largest part of `--drift-interval` for that (chosen by us)."""
PASSING = (Busy, NotReady, Throttled, Unavailable, Unknown)
"""Errors that may end without a change of ours, or of which nothing is known: then everything is read again."""

Call = tuple[str, str, str]
Bindings = Callable[[], Any]
"""Reads the bindings of a group in the cluster. A large group needs some milliseconds, so it is called only if they are needed."""


@dataclass(frozen=True, slots=True)
class RefusedPass:
    """What a pass knew when AWS refused something: the objects (`inputs`), the decision, and its outcome; or the read that AWS refused.

    `sure`: another look at AWS would change nothing. `since`: when AWS refused it first.
    `tries` is the number of passes that made only the refused call.
    """

    inputs: tuple[Prepared, Any]
    at: float
    decision: Decision | None = None
    look: Sight | None = None
    outcome: Outcome = field(default_factory=Outcome)
    error: AwsError | None = None
    sure: bool = True
    since: float = 0.0
    tries: int = 0


@dataclass
class Refusals:
    """The refused passes by group. Where `memory` remembers nothing, every pass reads everything."""

    memory: Memory
    thread: Thread
    known: dict[StackId, RefusedPass] = field(default_factory=dict)

    async def again(self, prepared: Prepared, bindings: Bindings) -> tuple[Decision, Sight] | None:
        """The decision to retry the refused call. None: decide as usual. Errors: AwsError, if AWS refuses a read again."""
        found = self.known.get(prepared.id)
        if found is None or not found.sure:
            return None
        fresh = self.memory.session.clock.now() - found.at < min(SECONDS, PART * self.memory.seconds)
        if not (fresh and await self.thread.run(operator.eq, found.inputs, (prepared, bindings())) and await self._stays(found)):
            self.forget(prepared.id)
            return None
        if found.decision is None or found.look is None:
            return None
        return _retry(found), replace(found.look, retried=True)

    async def _stays(self, found: RefusedPass) -> bool:
        """Whether AWS answers the questions that decide as before. Errors: AwsError, if the read that it refused is refused again."""
        session = self.memory.session
        if found.error is not None:
            await session.repeat(found.error)
            return False
        if found.decision is None or found.look is None:
            return False
        asked = decisive.questions(found.decision.problems, found.decision.facts) or frozenset()
        return decisive.same(found.decision.facts, await lookup.look(session, asked, session.config))

    def whole(self, stack: StackId, outcome: Outcome) -> Outcome:
        """The outcome of the refused plan, with that of the steps that this pass retried."""
        found, now = self.known[stack], {each.step.id: each for each in outcome.results}
        results = tuple(now.get(each.step.id, each) for each in found.outcome.results)
        return replace(found.outcome, results=results, ids={**found.outcome.ids, **outcome.ids})

    def over(self, stack: StackId, outcome: Outcome) -> bool:
        """Whether AWS accepted one of the steps that this pass retried: then the group is forgotten here."""
        found = self.known[stack]
        before = {each.step.id for each in found.outcome.results if isinstance(each, Done)}
        if not any(isinstance(each, Done) and each.step.id not in before for each in outcome.results):
            return False
        self.forget(stack)
        return True

    def repeated(self, stack: StackId, outcome: Outcome) -> bool:
        """Remember the outcome of another try, if it is the same as before. Else the group is forgotten here."""
        found = self.known.pop(stack)
        if not _harmless(outcome) or _calls(outcome) != _calls(found.outcome):
            return False
        self.known[stack] = replace(found, outcome=outcome, tries=found.tries + 1)
        return True

    def note(self, prepared: Prepared, bindings: Bindings, decision: Decision, look: Sight, outcome: Outcome) -> None:
        """Remember a pass in which AWS refused something, or in which it does not have what an object names."""
        before = self.known.pop(prepared.id, None)
        plan = decision.plan
        asked = decisive.questions(decision.problems, decision.facts)
        if asked is None or (plan is not None and plan.standby):
            return
        if outcome.ok and (plan or not asked):
            return
        made = RefusedPass((prepared, bindings()), look.at, decision, look, outcome)
        if not outcome.ok:
            sure = all(isinstance(each.error, Denied) for each in outcome.failures)
            again = before is not None and _calls(before.outcome) == _calls(outcome)
            since = before.since if before is not None and again else self.memory.session.clock.now()
            if _harmless(outcome):
                self.known[prepared.id] = replace(made, sure=sure or look.at - since >= LAG_SECONDS, since=since)
        else:
            self.known[prepared.id] = made

    def stopped(self, prepared: Prepared, bindings: Bindings, error: Exception) -> bool:
        """Remember a read that AWS denies; whether the group had the same denied read before."""
        found = self.known.pop(prepared.id, None)
        if not isinstance(error, Denied) or error.asked is None:
            return False
        before = found.error if found else None
        if found and before and (before.operation, before.asked, before.code) == (error.operation, error.asked, error.code):
            self.known[prepared.id] = replace(found, error=error, tries=found.tries + 1)
            return True
        self.known[prepared.id] = RefusedPass((prepared, bindings()), self.memory.session.clock.now(), error=error)
        return False

    def sure(self, stack: StackId) -> bool:
        """Whether the next pass makes only the refused call."""
        found = self.known.get(stack)
        return found is not None and found.sure

    def forget(self, stack: StackId) -> None:
        """Read everything in the next pass."""
        self.known.pop(stack, None)


def _retry(found: RefusedPass) -> Decision:
    """One failed step for each call that AWS refused, without those that are done: another one each time."""
    assert found.decision is not None
    if found.decision.plan is None:
        return found.decision
    steps: dict[Call, list[Step]] = {}
    for each in found.outcome.failures:
        steps.setdefault(_call(each), []).append(replace(each.step, needs=(), after=()))
    chosen = tuple(those[found.tries % len(those)] for those in steps.values())
    return replace(found.decision, plan=replace(found.decision.plan, steps=chosen, ids=_ids(found)))


def _ids(found: RefusedPass) -> Mapping[Any, str]:
    plan = found.decision.plan if found.decision else None
    return {**(plan.ids if plan else {}), **found.outcome.ids}


def _harmless(outcome: Outcome) -> bool:
    """Whether every step that failed was refused by AWS and changed nothing."""
    return all(
        isinstance(each.error, AwsError) and each.error.harmless and not isinstance(each.error, PASSING) for each in outcome.failures
    )


def _calls(outcome: Outcome) -> frozenset[tuple[str, Call]]:
    return frozenset((each.step.id, _call(each)) for each in outcome.failures)


def _call(failure: Failed) -> Call:
    error = failure.error
    return (error.service, error.operation, error.code) if isinstance(error, AwsError) else ("", "", "")
