"""The model loop: see → understand → decide → act → tell, one group at a time."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from albatross import pipeline
from albatross.aws.perform.security_group import Release
from albatross.aws.read import lookup, standing
from albatross.aws.read.observe import observe, tagged
from albatross.aws.session.client import Session
from albatross.aws.session.errors import AwsError, NotReady, Throttled
from albatross.aws.session.turn import LAZY, NORMAL, current, taking
from albatross.catalog.tracking import LAST_GOOD, finalizer
from albatross.controller.backend import BackendUsers
from albatross.controller.execute import execute
from albatross.controller.guard import Guard
from albatross.controller.history import History
from albatross.controller.index import Index
from albatross.controller.memory import Memory, Sight
from albatross.controller.metrics import Metrics
from albatross.controller.passes import Passes
from albatross.controller.performer import Performer
from albatross.controller.tell import AGAIN_SECONDS, NAME, Teller
from albatross.controller.thread import Thread
from albatross.controller.worker import Verdict
from albatross.errors import AlbatrossError, Fenced
from albatross.frontend import report
from albatross.frontend.group import Group
from albatross.frontend.report import Standing
from albatross.kube import bindings, patch
from albatross.kube.bindings import Bindings
from albatross.kube.cache import Cache
from albatross.kube.client import Client
from albatross.kube.errors import KubeError
from albatross.kube.events import Recorder
from albatross.kube.secrets import Secrets
from albatross.model.config import Config
from albatross.model.facts import Facts
from albatross.model.ident import Ident
from albatross.model.observed import Observed
from albatross.model.plan import Operation, Outcome, Retire
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Snapshot
from albatross.pipeline import Built, Decision, Prepared

log = structlog.get_logger("groups")


@dataclass(frozen=True, slots=True)
class Seen:
    """The part of the cluster that one pass reads."""

    group: Group
    snapshot: Snapshot


@dataclass
class Groups:
    """Everything that a pass needs; passes of different groups may run at the same time. When `stop` is set, plans end early.

    `release` removes the rules that name a security group from the security groups of the targets.

    Decisions run in a thread of their own (`controller.thread`).
    """

    client: Client
    cache: Cache
    session: Session
    config: Config
    index: Index
    recorder: Recorder
    metrics: Metrics = field(default_factory=Metrics)
    history: History = field(default_factory=History)
    passes: Passes = field(default_factory=Passes)
    stop: asyncio.Event | None = None
    release: Release | None = None
    secrets: Secrets = field(init=False)
    bindings: Bindings = field(init=False)
    backend: BackendUsers = field(init=False)
    teller: Teller = field(init=False)
    guard: Guard = field(init=False)
    memory: Memory = field(init=False)
    performer: Performer = field(init=False)
    thread: Thread = field(init=False)

    def __post_init__(self) -> None:
        self.secrets = Secrets(self.client, self.cache, self.config.required_secrets_label)
        self.bindings = Bindings(self.client, self.cache)
        self.backend = BackendUsers(self.session, self.release)
        self.teller = Teller(self.client, self.cache, self.recorder, self.metrics, self.config.cluster_name)
        self.guard = Guard(self.config.allow_deletions, partial(standing.load_balancers, self.session, self.config), self.session.clock.now)
        self.memory = Memory(self.session)
        self.performer = Performer(self.session, self.config.targets_before_rules_seconds, self.bindings, self.teller.late, self.release)
        self.thread = Thread(self.session.clock)

    async def reconcile(self, stack: StackId) -> Verdict:
        """Reconcile one group with its objects. AWS and cluster errors are reported on the objects; other errors are our bugs."""
        with taking(str(stack), self._patience(stack)):
            seen = await self._see(stack)
            try:
                prepared = await self.thread.run(self._understand, seen)
                prepared = await self._kept(prepared)
                decision, look = await self._decide(prepared)
                decision = await self.guard.reviewed(decision, seen.group.members or seen.group.leaving)
                self.passes.decided(stack, decision)
                outcome = await self._act(seen, decision)
            except Fenced:
                raise  # another replica may lead, and it reports what it finds
            except AlbatrossError as error:
                self._doubt(stack, [error])
                return self._stopped(seen.group, error)
            self.passes.ended(stack, outcome, *self.teller.failed(seen.group, outcome))
            self._remember(stack, decision, look, outcome)
            return await self._tell(seen, decision, outcome)

    def _patience(self, stack: StackId) -> float:
        """An edit of a group that is in place goes before a build, and a look at an unchanged group after everything else."""
        if stack in self.memory.doubted:
            return LAZY
        return current().patience if self.memory.recall(stack) else NORMAL

    def _remember(self, stack: StackId, decision: Decision, look: Sight, outcome: Outcome) -> None:
        """After a success, AWS has what we wrote. After an error of AWS, it may have anything: then the lists are read again too."""
        if decision.plan is not None and decision.stack is not None and outcome.ok:
            self.memory.keep(decision.stack, replace(look, problems=decision.problems), decision.plan, outcome)
            return
        self._doubt(stack, [each.error for each in outcome.failures])

    def _doubt(self, stack: StackId, errors: Iterable[Exception]) -> None:
        if any(isinstance(each, AwsError) and not isinstance(each, Throttled | NotReady) for each in errors):
            self.memory.wrong(stack)
        else:
            self.memory.drop(stack)

    def _stopped(self, group: Group, error: AlbatrossError) -> Verdict:
        self.passes.stopped(group.id, self.teller.problem(group, error))
        return self.teller.stopped(group, error)

    async def close(self) -> None:
        """Stop the thread and the Secret watches that run next to the passes."""
        self.thread.close()
        await self.secrets.close()

    # See ---------------------------------------------------------------------------------------------------------

    async def _see(self, stack: StackId) -> Seen:
        """The group (each member has the group's finalizer afterwards), and the Secrets that the members need."""
        with self.metrics.timed(NAME, "fetch_ingress"):
            group = self.index.group(stack)
            await self.secrets.want(stack, self.index.secrets(group.members))
        with self.metrics.timed(NAME, "add_group_finalizer"):
            change = patch.Finalizers(add=frozenset({finalizer(stack)}))
            await self._finalizers(group.members, change, ("add finalizer", "FailedAddFinalizer"))
        return Seen(self.index.group(stack), replace(self.cache.snapshot(), denied=self.secrets.unreadable))

    async def _finalizers(self, idents: Iterable[Ident], change: patch.Finalizers, name: tuple[str, str]) -> None:
        for ident in idents:
            noun = self.cache.get(ident.kind, ident.key)
            if noun is None or (change.add and noun.metadata.deleting):
                continue  # the API rejects a new finalizer on an object that is being deleted
            if change.add.issubset(noun.metadata.finalizers) and change.remove.isdisjoint(noun.metadata.finalizers):
                continue
            try:
                await patch.finalizers(self.client, ident.kind, noun.metadata, change)
            except KubeError as error:
                self.teller.say([report.failed(ident, *name, error)])
                raise

    # Understand --------------------------------------------------------------------------------------------------

    def _understand(self, seen: Seen) -> Prepared:
        """The group. A member with errors is replaced by its last valid version, if known; its current problems are kept."""
        with self.metrics.timed(NAME, "build_model"):
            now = self.client.clock.utc().strftime("%Y-%m-%dT%H:%M:%SZ")
            recall = partial(self.history.known, seen.snapshot, now=now)
            prepared = pipeline.understand(seen.snapshot, self.config, seen.group, recall)
            if prepared.goods:
                log.warning("members stay at their last good version", group=str(seen.group.id), members=_names(prepared.goods))
            return prepared

    async def _kept(self, prepared: Prepared) -> Prepared:
        """Write each last good version that is in use on its object, so that it survives a restart; with problems if that is impossible."""
        self.history.hold(prepared.goods)
        told = await self.teller.keep(prepared.goods)
        return replace(prepared, problems=(*prepared.problems, *told)) if told else prepared

    # Decide ------------------------------------------------------------------------------------------------------

    async def _decide(self, prepared: Prepared) -> tuple[Decision, Sight]:
        """Decide the plan, from what is known of the group if that is enough, else from a look at AWS."""
        look = self.memory.recall(prepared.id)
        if look is not None:
            facts = await lookup.look(self.session, prepared.questions, self.config, trust=self.memory.seconds)
            built = await self.thread.run(pipeline.build, prepared, facts, self.config)
            if self.memory.suffices(look, built.stack):
                decision = await self._compare(prepared, built, facts, look.observed)
                if decision.plan is not None and decision.problems == look.problems:
                    return decision, look
        return await self._look(prepared)

    async def _look(self, prepared: Prepared) -> tuple[Decision, Sight]:
        """Decide the plan. It reads from AWS only the details that the desired stack needs.

        The first look at a group does not read the tags of its listeners and rules. If nothing else differs, nothing is done, and the next
        look reads them. Else they are read at once.
        """
        at = self.session.clock.now()
        with self.metrics.timed(NAME, "look"):
            facts = await lookup.look(self.session, prepared.questions, self.config)
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
        there = replace(observed, bindings=bindings.observe(self.index.bindings(prepared.id), prepared.id))
        self.passes.looked(prepared.id, facts, there)
        return await self.thread.run(pipeline.decide, prepared, built, there, self.config)

    # Act ---------------------------------------------------------------------------------------------------------

    async def _act(self, seen: Seen, decision: Decision) -> Outcome:
        """Run the plan. A member gets its address when all that it needs is done; an address that it has follows a replacement at once."""
        plan, stack = decision.plan, decision.stack
        if plan is None or stack is None:
            return Outcome()
        known, staying, telling = set(report.known(plan)), set(report.staying(plan)), list[asyncio.Task[bool]]()

        def standing(ids: Mapping[Ref, str], served: frozenset[Ident] = frozenset()) -> Standing:
            return Standing(stack, ids, served, frozenset(known), frozenset(staying))

        def tell(ids: Mapping[Ref, str]) -> None:
            telling.append(asyncio.create_task(self.teller.status(seen.group, standing(ids))))

        async def act(operation: Operation, ids: Mapping[Ref, str]) -> Mapping[Ref, str]:
            if isinstance(operation, Retire):
                staying.clear()
                await self._moved(seen.group, standing(ids))
            learnt = await self.performer.perform(seen.group, operation, ids)
            if names := report.renamed(operation, learnt):
                known.update(names)
                tell({**plan.ids, **ids, **learnt})
            return learnt

        await self.teller.model(seen.group, stack, self.config.gate("IngressPlanAnnotation"))
        self.performer.begin(plan)
        tell(plan.ids)
        self.teller.planned(seen.group, decision)
        try:
            with self.metrics.timed(NAME, "deploy_model"):
                outcome = await execute(plan, act, report=partial(self.passes.stepped, plan.stack), stop=self.stop)
        finally:
            await asyncio.gather(*telling)
        served = report.served(stack, outcome, seen.group.members, decision.blamed)
        await self.teller.status(seen.group, standing(outcome.ids, served))
        return outcome

    async def _moved(self, group: Group, standing: Standing) -> None:
        """The address moves to another load balancer. Errors: NotReady if it is not written, because the old one must not go before."""
        if not await self.teller.status(group, standing):
            raise NotReady("the new address cannot be written", AGAIN_SECONDS)

    # Tell --------------------------------------------------------------------------------------------------------

    async def _tell(self, seen: Seen, decision: Decision, outcome: Outcome) -> Verdict:
        """Report the result. Only if the whole plan is done: remove finalizers of leaving objects, and remember good versions."""
        self.teller.problems(seen.group, decision)
        if not outcome.ok:
            return self.teller.unfinished(seen.group, decision, outcome)
        if decision.stack is None:
            return self.teller.refused(decision)
        try:
            await self.backend.heard(seen.group, decision.stack.backend_group_needed, self.index.alive())
            await self._release(seen.group)
        except AlbatrossError as error:
            return self._stopped(seen.group, error)
        well = [ident for ident in seen.group.members if ident not in decision.blamed]
        self.history.remember(seen.snapshot, well)
        await self.teller.discard(well)
        return self.teller.well(well, decision)

    async def _release(self, group: Group) -> None:
        """Remove the finalizer from leaving objects, because their resources no longer exist in AWS."""
        with self.metrics.timed(NAME, "remove_group_finalizer"):
            change = patch.Finalizers(remove=frozenset({finalizer(group.id)}), drop=frozenset({LAST_GOOD}))
            await self._finalizers(group.leaving, change, ("remove finalizer", "FailedRemoveFinalizer"))
        self.history.forget(ident for ident in group.leaving if self._gone(ident))
        if not group.members:
            self.teller.forget(group.id)
            self.memory.forget(group.id)
            self.passes.forget(group.id)
            await self.secrets.want(group.id, ())

    def _gone(self, ident: Ident) -> bool:
        noun = self.cache.get(ident.kind, ident.key)
        return noun is None or noun.metadata.deleting


def _names(idents: Iterable[Ident]) -> list[str]:
    return sorted(ident.short for ident in idents)
