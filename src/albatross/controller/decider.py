"""The decisions of the model loop: from a group to a plan, with as few reads from AWS as possible."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial

from albatross import pipeline
from albatross.aws.read import lookup
from albatross.aws.read.observe import observe, tagged
from albatross.aws.session.client import Session
from albatross.aws.session.errors import AwsError, NotReady, Throttled
from albatross.aws.session.turn import LAZY, NORMAL, URGENT, current
from albatross.catalog.denial import FIRST_SECONDS
from albatross.controller.index import Index
from albatross.controller.memory import Memory, Sight
from albatross.controller.metrics import Metrics
from albatross.controller.passes import Passes
from albatross.controller.refused import Refusals
from albatross.controller.tell import NAME
from albatross.controller.thread import Thread
from albatross.controller.worker import Verdict
from albatross.kube import bindings
from albatross.model.config import Config
from albatross.model.facts import Facts
from albatross.model.observed import Observed
from albatross.model.plan import Outcome
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import TargetGroupBinding
from albatross.pipeline import Built, Decision, Prepared


@dataclass
class Decider:
    """Decides plans, and remembers what AWS has after them (`memory`)."""

    session: Session
    config: Config
    index: Index
    thread: Thread
    passes: Passes
    metrics: Metrics
    memory: Memory = field(init=False)
    refusals: Refusals = field(init=False)

    def __post_init__(self) -> None:
        self.memory = Memory(self.session)
        self.refusals = Refusals(self.memory, self.thread)

    async def decide(self, prepared: Prepared) -> tuple[Decision, Sight]:
        """Decide the plan, from what is known of the group if that is enough, else from a look at AWS.

        After a refusal, it is only the plan to try again what AWS refused; then the look is `retried`.
        """
        if (again := await self.refusals.again(prepared, partial(self.bindings, prepared.id))) is not None:
            return again
        look = self.memory.recall(prepared.id)
        if look is not None:
            facts = await lookup.look(self.session, prepared.questions, self.config, trust=self.memory.seconds)
            built = await self.thread.run(pipeline.build, prepared, facts, self.config)
            if self.memory.suffices(look, built.stack):
                decision = await self._compare(prepared, built, facts, look.observed)
                if decision.plan is not None and decision.problems == look.problems:
                    return decision, look
        return await self._look(prepared)

    async def facts(self, prepared: Prepared) -> Facts:
        """The answers of AWS that the desired stack needs. The resources of the group are not among them."""
        return await lookup.look(self.session, prepared.questions, self.config)

    async def _look(self, prepared: Prepared) -> tuple[Decision, Sight]:
        """Decide the plan. It reads from AWS only the details that the desired stack needs.

        The first look at a group does not read the tags of its listeners and rules. If nothing else differs, nothing is done, and the next
        look reads them. Else they are read at once.
        """
        at = self.session.clock.now()
        with self.metrics.timed(NAME, "look"):
            facts = await self.facts(prepared)
            built = await self.thread.run(pipeline.build, prepared, facts, self.config)
            if built.stack is None:
                return await self._compare(prepared, built, facts, Observed()), Sight(Observed(), at)
            new = self.memory.new(prepared.id, built.stack)
            observed = await observe(self.session, prepared.id, self.config, built.stack, lean=new)
            if new:
                decision = await self._compare(prepared, built, facts, observed)
                if decision.plan is not None and not decision.plan:
                    return decision, Sight(observed, at, lean=True)
                observed = await tagged(self.session, prepared.id, self.config, observed)
        return await self._compare(prepared, built, facts, observed), Sight(observed, at)

    async def _compare(self, prepared: Prepared, built: Built, facts: Facts, observed: Observed) -> Decision:
        there, decision = await self.thread.run(_compared, prepared, built, (observed, self.index.bindings(prepared.id)), self.config)
        self.passes.looked(prepared.id, facts, there)
        return replace(decision, facts=facts)

    def patience(self, stack: StackId) -> float:
        """An edit of a group that is in place goes before a build, and a look at an unchanged group after everything else."""
        patience = current().patience
        if stack in self.memory.doubted:
            return patience if patience == URGENT else LAZY
        return patience if self.memory.recall(stack) else NORMAL

    def bindings(self, stack: StackId) -> object:
        """What a decision reads of the bindings of a group."""
        return bindings.observe(self.index.bindings(stack), stack)

    def remember(self, prepared: Prepared, decision: Decision, look: Sight, outcome: Outcome) -> None:
        """After a success, AWS has what we wrote. After an error of AWS, it may have anything: then the lists are read again too."""
        stack = prepared.id
        if look.retried:
            if not self.refusals.repeated(stack, outcome):
                self.doubt(stack, [each.error for each in outcome.failures])
            return
        self.refusals.note(prepared, partial(self.bindings, stack), decision, look, outcome)
        if decision.plan is not None and decision.stack is not None and outcome.ok:
            self.memory.keep(decision.stack, replace(look, problems=decision.problems), decision.plan, outcome)
            return
        self.doubt(stack, [each.error for each in outcome.failures])

    def stopped(self, prepared: Prepared, error: Exception) -> None:
        """After an error that prevents a decision. If AWS denies the same read again, nothing is different."""
        if not self.refusals.stopped(prepared, partial(self.bindings, prepared.id), error):
            self.doubt(prepared.id, [error])

    def paced(self, stack: StackId, verdict: Verdict) -> Verdict:
        """The verdict with a back-off that does not begin with milliseconds, because nobody can correct the reason of a refusal so fast."""
        return replace(verdict, first=FIRST_SECONDS) if verdict.failed and self.refusals.sure(stack) else verdict

    def forget(self, stack: StackId) -> None:
        """The group does not exist any more."""
        self.memory.forget(stack)
        self.refusals.forget(stack)

    def doubt(self, stack: StackId, errors: Iterable[Exception]) -> None:
        if any(isinstance(each, AwsError) and not isinstance(each, Throttled | NotReady) for each in errors):
            self.memory.wrong(stack)
        else:
            self.memory.drop(stack)


def _compared(
    prepared: Prepared, built: Built, seen: tuple[Observed, tuple[TargetGroupBinding, ...]], config: Config
) -> tuple[Observed, Decision]:
    """What AWS and the cluster have, and the decision from it."""
    there = replace(seen[0], bindings=bindings.observe(seen[1], prepared.id))
    return there, pipeline.decide(prepared, built, there, config)
