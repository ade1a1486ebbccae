"""The model loop: see → understand → decide → act → tell, one group at a time."""

import asyncio
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from albatross import pipeline
from albatross.aws.perform.security_group import Release
from albatross.aws.read import standing
from albatross.aws.session.client import Session
from albatross.aws.session.turn import taking
from albatross.catalog.tracking import MARKS, finalizer
from albatross.controller.backend import BackendUsers
from albatross.controller.decider import Decider
from albatross.controller.execute import execute
from albatross.controller.guard import Guard
from albatross.controller.history import History
from albatross.controller.index import Index
from albatross.controller.metrics import Metrics
from albatross.controller.performer import Performer
from albatross.controller.reuse import Reuse
from albatross.controller.tell import NAME, Teller, modelled, versions
from albatross.controller.thread import Thread
from albatross.controller.worker import Verdict
from albatross.errors import AlbatrossError, Fenced
from albatross.frontend import report
from albatross.frontend.group import Group
from albatross.frontend.report import Standing
from albatross.kube import patch
from albatross.kube.bindings import Bindings
from albatross.kube.cache import Cache
from albatross.kube.client import Client
from albatross.kube.errors import KubeError
from albatross.kube.events import Recorder
from albatross.kube.secrets import Secrets
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.plan import Operation, Outcome, Retire
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Snapshot
from albatross.pipeline import Decision, Prepared

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
    stop: asyncio.Event | None = None
    release: Release | None = None
    reuse: Reuse = field(init=False)
    secrets: Secrets = field(init=False)
    bindings: Bindings = field(init=False)
    backend: BackendUsers = field(init=False)
    teller: Teller = field(init=False)
    guard: Guard = field(init=False)
    decider: Decider = field(init=False)
    performer: Performer = field(init=False)
    thread: Thread = field(init=False)

    def __post_init__(self) -> None:
        self.secrets = Secrets(self.client, self.cache, self.config.required_secrets_label)
        self.bindings = Bindings(self.client, self.cache)
        self.backend = BackendUsers(self.session, self.release)
        self.teller = Teller(self.client, self.cache, self.recorder, self.metrics, self.config.cluster_name)
        self.performer = Performer(self.session, self.config.targets_before_rules_seconds, self.bindings, self.teller.late, self.release)
        self.thread = Thread(self.session.clock)
        alive = partial(standing.load_balancers, self.session, self.config)
        self.guard = Guard(self.config.allow_deletions, alive, self.session.clock.now, self._same)
        self.decider = Decider(self.session, self.config, self.index, self.thread, self.teller.passes, self.metrics)
        self.reuse = Reuse(self.decider, self.history)

    async def reconcile(self, stack: StackId) -> Verdict:
        """Reconcile one group with its objects. AWS and cluster errors are reported on the objects; other errors are our bugs."""
        with taking(str(stack), self.decider.patience(stack)):
            verdict = await self._reconcile(stack)
            await self.teller.mark()
            return verdict

    async def _reconcile(self, stack: StackId) -> Verdict:
        seen, prepared = await self._see(stack), None
        try:
            prepared = await self.thread.run(self._understand, seen)
            prepared = await self._kept(prepared)
            if await self.reuse.accepts(seen.group, seen.snapshot, prepared):
                return Verdict()
            inputs, told = partial(self._inputs, prepared), seen.group.members or seen.group.leaving
            if (held := await self.guard.again(stack, inputs, told)) is not None:
                self.teller.passes.decided(stack, held)
                return await self._tell(seen, held, Outcome())
            decision, look = await self.decider.decide(prepared)
            if not look.retried and (judged := await self.guard.reviewed(decision, told)) is not decision:
                self.guard.hold(stack, inputs, decision)
                decision = judged
            self.teller.passes.decided(stack, decision)
            outcome, written = await self._act(seen, decision, retried=look.retried)
        except Fenced:
            raise  # another replica may lead, and it reports what it finds
        except AlbatrossError as error:
            if prepared is not None:
                self.decider.stopped(prepared, error)
            return self.decider.paced(stack, self._stopped(seen.group, error))
        self.teller.passes.ended(stack, outcome, *self.teller.failed(seen.group, outcome))
        if look.retried and self.decider.refusals.over(stack, outcome):
            self.decider.memory.wrong(stack)
            return await self._reconcile(stack)
        self.decider.remember(prepared, decision, look, outcome)
        verdict = await self._tell(seen, decision, outcome)
        if written and verdict == Verdict():
            self.reuse.keep(seen.group, decision, outcome)
        return self.decider.paced(stack, verdict) if written or verdict.failed or not outcome.ok else self.teller.unwritten()

    def _inputs(self, prepared: Prepared) -> object:
        return prepared, self.decider.bindings(prepared.id)

    async def _same(self, one: object, other: object) -> bool:
        return await self.thread.run(operator.eq, one, other)

    def _stopped(self, group: Group, error: AlbatrossError) -> Verdict:
        self.teller.passes.stopped(group.id, self.teller.problem(group, error))
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
            memory, group = self.decider.memory, seen.group
            prepared = pipeline.understand(seen.snapshot, self.config, group, recall, memory.readings.get(group.id, {}))
            memory.retain(group.id, prepared.readings)
            if prepared.goods:
                log.warning("members stay at their last good version", group=str(seen.group.id), members=_names(prepared.goods))
            return prepared

    async def _kept(self, prepared: Prepared) -> Prepared:
        """Write each last good version that is in use on its object, so that it survives a restart; with problems if that is impossible."""
        self.history.hold(prepared.goods)
        if not prepared.goods:
            return prepared
        written = await self.thread.run(versions, prepared.goods, self.cache.snapshot())
        told = await self.teller.keep(written, prepared.problems)
        return replace(prepared, problems=(*prepared.problems, *told)) if told else prepared

    # Act ---------------------------------------------------------------------------------------------------------

    async def _act(self, seen: Seen, decision: Decision, *, retried: bool = False) -> tuple[Outcome, bool]:
        """Run the plan. A member gets its address when all that it needs is done; an address that it has follows a replacement at once.

        The second value says whether every status is written.
        """
        plan, stack = decision.plan, decision.stack
        if plan is None or stack is None:
            return Outcome(), True
        known, staying, telling = set(report.known(plan)), set(report.staying(plan)), list[asyncio.Task[bool]]()

        def standing(ids: Mapping[Ref, str], served: frozenset[Ident] = frozenset()) -> Standing:
            return Standing(stack, ids, served, frozenset(known), frozenset(staying))

        def tell(ids: Mapping[Ref, str]) -> None:
            telling.append(asyncio.create_task(self.teller.status(seen.group, standing(ids))))

        async def act(operation: Operation, ids: Mapping[Ref, str]) -> Mapping[Ref, str]:
            if isinstance(operation, Retire):
                staying.clear()
                await self.teller.moved(seen.group, standing(ids))
            learnt = await self.performer.perform(seen.group, operation, ids)
            if names := report.renamed(operation, learnt):
                known.update(names)
                tell({**plan.ids, **ids, **learnt})
            return learnt

        shown = self.config.gate("IngressPlanAnnotation")
        await self.teller.model(seen.group, await self.thread.run(modelled, stack) if shown else "")
        self.performer.begin(plan)
        tell(plan.ids)
        self.teller.planned(seen.group, decision)
        try:
            with self.metrics.timed(NAME, "deploy_model"):
                outcome = await execute(plan, act, report=partial(self.teller.passes.stepped, plan.stack), stop=self.stop)
        finally:
            await asyncio.gather(*telling)
        if retried:
            outcome = self.decider.refusals.whole(plan.stack, outcome)
        served = report.served(stack, outcome, seen.group.members, decision.blamed)
        return outcome, await self.teller.status(seen.group, standing(outcome.ids, served))

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
        verdict = self.teller.well(well, decision)
        await self.teller.discard(well)
        return verdict

    async def _release(self, group: Group) -> None:
        """Remove the finalizer from leaving objects, because their resources no longer exist in AWS."""
        with self.metrics.timed(NAME, "remove_group_finalizer"):
            change = patch.Finalizers(remove=frozenset({finalizer(group.id)}), drop=MARKS)
            await self._finalizers(group.leaving, change, ("remove finalizer", "FailedRemoveFinalizer"))
        self.history.forget(ident for ident in group.leaving if self._gone(ident))
        self.teller.left(group.leaving)
        if not group.members:
            self.teller.forget(group.id)
            self.decider.forget(group.id)
            self.guard.forget(group.id)
            self.teller.passes.forget(group.id)
            await self.secrets.want(group.id, ())

    def _gone(self, ident: Ident) -> bool:
        noun = self.cache.get(ident.kind, ident.key)
        return noun is None or noun.metadata.deleting


def _names(idents: Iterable[Ident]) -> list[str]:
    return sorted(ident.short for ident in idents)
