"""The model loop: see → understand → look → decide → act → tell, one group at a time."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from albatross import pipeline
from albatross.aws.perform import backend
from albatross.aws.perform.operation import perform
from albatross.aws.perform.security_group import Release
from albatross.aws.read import standing
from albatross.aws.read.lookup import look
from albatross.aws.read.observe import observe
from albatross.aws.session.client import Session
from albatross.aws.session.errors import AwsError, NotReady, Throttled
from albatross.catalog import problems
from albatross.catalog.tracking import finalizer
from albatross.controller import fault
from albatross.controller.execute import execute
from albatross.controller.guard import Guard
from albatross.controller.history import History
from albatross.controller.index import Index
from albatross.controller.metrics import Metrics
from albatross.errors import AlbatrossError
from albatross.frontend.ingress import report
from albatross.frontend.ingress.report import Line
from albatross.frontend.ingress.survey import Group, Survey
from albatross.kube import bindings, patch
from albatross.kube.bindings import Bindings
from albatross.kube.cache import Cache
from albatross.kube.client import Client
from albatross.kube.errors import KubeError
from albatross.kube.events import Event, Recorder
from albatross.kube.secrets import Secrets
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.observed import Observed
from albatross.model.plan import DeleteBinding, Operation, Outcome, PutBinding, Skipped
from albatross.model.problem import Origin, Problem
from albatross.model.resources.ref import Ref, Token
from albatross.model.resources.stack import Stack, StackId
from albatross.model.snapshot import Snapshot
from albatross.pipeline import Decision, Prepared

log = structlog.get_logger("groups")

NAME = "ingress"
# Input and cluster problems are mended by an edit, which wakes the group; what AWS said may change by itself.
MENDED_BY_EDIT = ("LB1", "LB2")
AGAIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What one pass sees of the cluster."""

    group: Group
    snapshot: Snapshot
    survey: Survey


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a pass ended: `failed`: try again, backing off; `after`: look again in so many seconds."""

    failed: bool = False
    after: float | None = None


@dataclass
class Groups:
    """Everything that a pass needs; the passes of different groups may run at once.

    `needs` says which groups use the shared backend security group; `owed`: its deletion may be due. Once `stop` is set, plans end early.
    `release` takes the rules that name a security group away from the targets' groups.
    """

    client: Client
    cache: Cache
    session: Session
    config: Config
    index: Index
    recorder: Recorder
    metrics: Metrics = field(default_factory=Metrics)
    history: History = field(default_factory=History)
    needs: dict[StackId, bool] = field(default_factory=dict)
    owed: bool = False
    noted: dict[StackId, tuple[Problem, ...]] = field(default_factory=dict)
    stop: asyncio.Event | None = None
    release: Release | None = None
    secrets: Secrets = field(init=False)
    bindings: Bindings = field(init=False)
    guard: Guard = field(init=False)

    def __post_init__(self) -> None:
        self.secrets = Secrets(self.client, self.cache, self.config.required_secrets_label)
        self.bindings = Bindings(self.client, self.cache)
        self.guard = Guard(self.config.allow_deletions, partial(standing.load_balancers, self.session, self.config), self.session.clock.now)

    async def reconcile(self, stack: StackId) -> Verdict:
        """Bring one group to what its Ingresses say. Errors of AWS and the cluster are told to them; others are faults of ours."""
        seen = await self._see(stack)
        try:
            prepared = self._understand(seen)
            decision = await self.guard.reviewed(await self._decide(prepared), seen.group.members or seen.group.leaving)
            outcome = await self._act(seen, decision)
        except AlbatrossError as error:
            return self._stopped(seen, error)
        return await self._tell(seen, decision, outcome)

    def complain(self, idents: Iterable[Ident]) -> None:
        """Tell Ingresses whose group cannot be found out, which no pass sees."""
        for ident in idents:
            found = self.index.survey().problems.get(ident)
            if found:
                self._say([ident], report.unplaced(found))

    # See ---------------------------------------------------------------------------------------------------------

    async def _see(self, stack: StackId) -> Seen:
        """The group's members, each with the group's finalizer, and the Secrets they need."""
        with self.metrics.timed(NAME, "fetch_ingress"):
            group = self.index.survey().groups.get(stack, Group(stack))
            await self.secrets.want(stack, self.index.secrets(group.members))
        with self.metrics.timed(NAME, "add_group_finalizer"):
            change = patch.Finalizers(add=frozenset({finalizer(stack)}))
            await self._finalizers(group.members, change, ("add finalizer", "FailedAddFinalizer"))
        survey = self.index.survey()
        return Seen(survey.groups.get(stack, Group(stack)), self.cache.snapshot(), survey)

    async def _finalizers(self, idents: Iterable[Ident], change: patch.Finalizers, name: tuple[str, str]) -> None:
        for ident in idents:
            ingress = self.cache.get("Ingress", ident.key)
            if ingress is None or (change.add and ingress.metadata.deleting):
                continue  # the API takes no finalizer for an object that is going
            try:
                await patch.finalizers(self.client, "Ingress", ingress.metadata, change)
            except KubeError as error:
                self._say([ident], report.failed(*name, error))
                raise

    # Understand --------------------------------------------------------------------------------------------------

    def _understand(self, seen: Seen) -> Prepared:
        """The group; broken members stand in their last good version where there is one, beside the problems of today's."""
        with self.metrics.timed(NAME, "build_model"):
            prepared = pipeline.prepare(seen.snapshot, self.config, seen.group.id, seen.survey)
            if not prepared.faulty or self.config.strict_groups:
                return prepared
            snapshot, restored = self.history.restored(seen.snapshot, prepared.faulty)
            if not restored:
                return prepared
            log.warning("members stay at their last good version", group=str(seen.group.id), members=_names(restored))
            again = pipeline.prepare(snapshot, self.config, seen.group.id)
            if set(again.members) != set(prepared.members):  # the edit moved it here from another group
                return prepared
            found = tuple(dict.fromkeys((*prepared.problems, *again.problems)))
            return replace(again, problems=found, mentions=prepared.mentions, restored=restored - again.faulty)

    # Look and decide ---------------------------------------------------------------------------------------------

    async def _decide(self, prepared: Prepared) -> Decision:
        """What is to be done; what stands in AWS is asked for only as far as what is wanted speaks of it."""
        with self.metrics.timed(NAME, "look"):
            facts = await look(self.session, prepared.questions, self.config)
            built = pipeline.build(prepared, facts, self.config)
            observed = await observe(self.session, prepared.id, self.config, built.stack) if built.stack else Observed()
        stands = self.cache.objects(bindings.ROW.kind).values()
        there = replace(observed, bindings=bindings.observe(stands, prepared.id))
        return pipeline.decide(prepared, facts, there, self.config, built)

    # Act ---------------------------------------------------------------------------------------------------------

    async def _act(self, seen: Seen, decision: Decision) -> Outcome:
        """Run the plan; members learn the load balancer's name as soon as it has one."""
        plan = decision.plan
        if plan is None:
            return Outcome()
        telling = [asyncio.create_task(self._address(seen, decision, plan.ids))]

        async def act(operation: Operation, ids: Mapping[Ref, str]) -> Mapping[Ref, str]:
            learnt = await self._perform(operation, ids, seen.group.id)
            if any(ref.field == "dns_name" for ref in learnt):
                telling.append(asyncio.create_task(self._address(seen, decision, {**plan.ids, **ids, **learnt})))
            return learnt

        if plan:
            log.info("plan", group=str(seen.group.id), checksum=plan.checksum, **plan.counts)
        for problem in decision.problems:
            if problem.code in report.FORETOLD:
                self._say(seen.group.members or seen.group.leaving, report.warned(problem))
        try:
            with self.metrics.timed(NAME, "deploy_model"):
                return await execute(plan, act, stop=self.stop)
        finally:
            await asyncio.gather(*telling)

    async def _perform(self, operation: Operation, ids: Mapping[Ref, str], stack: StackId) -> Mapping[Ref, str]:
        log.info("operation", group=str(stack), operation=operation.id)

        def resolve(token: Token) -> str:
            return ids[token] if isinstance(token, Ref) else token

        match operation:
            case PutBinding():
                await self.bindings.put(operation, stack, resolve)
            case DeleteBinding():
                await self.bindings.delete(operation)
            case _:
                return await perform(self.session, operation, ids, self.release)
        return {}

    async def _address(self, seen: Seen, decision: Decision, ids: Mapping[Ref, str]) -> None:
        entries = report.addresses(decision.stack, ids) if decision.stack else ()
        for ident in seen.group.members if entries else ():
            ingress = self.cache.get("Ingress", ident.key)
            if ingress is None or patch.told(ingress, entries):
                continue
            try:
                with self.metrics.timed(NAME, "dns_resolve_and_update_status"):
                    await patch.status(self.client, ingress, entries)
            except KubeError as error:
                self._say([ident], report.failed("update status", "FailedUpdateStatus", error))

    # Tell --------------------------------------------------------------------------------------------------------

    async def _tell(self, seen: Seen, decision: Decision, outcome: Outcome) -> Verdict:
        for ident, found in decision.blamed.items():
            self._say([ident], report.broken(found))
        self._log(seen.group.id, decision.problems)
        if not outcome.ok:
            return self._unfinished(seen, outcome)
        if decision.stack is None:
            self.metrics.errors.labels(NAME, "build_model_error").inc()
            return _patience(decision)
        try:
            await self._give_back(seen, decision.stack)
            await self._release(seen)
        except AlbatrossError as error:
            return self._stopped(seen, error)
        well = [ident for ident in seen.group.members if ident not in decision.blamed]
        self.history.remember(seen.snapshot.ingresses[ident.key] for ident in well)
        self._say(well, report.SUCCESS)
        return _patience(decision)

    def _log(self, stack: StackId, found: tuple[Problem, ...]) -> None:
        """Every problem in words, when the group's are other than in its last pass."""
        if self.noted.get(stack, ()) == found:
            return
        self.noted[stack] = found
        for problem in found:
            at = problem.origin
            words = {"message": problems.message(problem), "fix": problems.remedy(problem), "severity": problems.severity(problem)}
            log.info("problem", group=str(stack), code=problem.code, object=at.object, field=at.field, **words)

    async def _give_back(self, seen: Seen, stack: Stack) -> None:
        """Delete the shared backend security group once every group has been heard and none uses it."""
        before = self.needs.get(seen.group.id, bool(seen.group.leaving))
        self.needs[seen.group.id] = stack.backend_group_needed
        if not seen.group.members:
            del self.needs[seen.group.id]
        self.owed = self.owed or (before and not stack.backend_group_needed)
        alive = {id for id, group in self.index.survey().groups.items() if group.members}
        if self.owed and alive <= self.needs.keys() and not any(self.needs.values()):
            await backend.release(self.session, self.release)
            self.owed = False

    async def _release(self, seen: Seen) -> None:
        """What has left the group is free to go, now that nothing of it is left in AWS."""
        with self.metrics.timed(NAME, "remove_group_finalizer"):
            change = patch.Finalizers(remove=frozenset({finalizer(seen.group.id)}))
            await self._finalizers(seen.group.leaving, change, ("remove finalizer", "FailedRemoveFinalizer"))
        self.history.forget(ident for ident in seen.group.leaving if self._gone(ident))
        if not seen.group.members:
            self.noted.pop(seen.group.id, None)
            await self.secrets.want(seen.group.id, ())

    def _gone(self, ident: Ident) -> bool:
        ingress = self.cache.get("Ingress", ident.key)
        return ingress is None or ingress.metadata.deleting

    def _unfinished(self, seen: Seen, outcome: Outcome) -> Verdict:
        faults = [fault.problem(each.error, _origin(seen), each.step.id) for each in fault.failed(outcome)]
        self._recount(seen.group.id, outcome)
        if not faults:
            waits = [each.error.retry_after for each in outcome.failures if isinstance(each.error, NotReady)]
            return Verdict(after=min(waits, default=0.0))
        self.metrics.errors.labels(NAME, "deploy_model_error").inc()
        self._say(seen.group.members, report.undone(outcome, faults))
        return Verdict(failed=True)

    def _recount(self, stack: StackId, outcome: Outcome) -> None:
        """Log what failed and what merely waits, and which operations remain."""
        for each in outcome.failures:
            if isinstance(each.error, NotReady):
                log.info("operation waits", group=str(stack), operation=each.step.id, error=str(each.error))
                continue
            found = fault.problem(each.error, Origin("Group", "", str(stack)), each.step.id)
            words = {"code": found.code, "error": str(each.error), "why": problems.PROBLEMS[found.code].why, "fix": problems.remedy(found)}
            log.warning("operation failed", group=str(stack), operation=each.step.id, **words)
        if left := [each.step.id for each in outcome.results if isinstance(each, Skipped)]:
            log.info("operations left", group=str(stack), operations=left)

    def _stopped(self, seen: Seen, error: AlbatrossError) -> Verdict:
        """The pass ended before or after the plan: AWS or the cluster would not answer."""
        if isinstance(error, NotReady):
            log.info("pass waits", group=str(seen.group.id), error=str(error))
            return Verdict(after=error.retry_after)
        found = fault.problem(error, _origin(seen), "read the resources in AWS" if isinstance(error, AwsError) else "reconcile")
        log.warning("pass failed", group=str(seen.group.id), code=found.code, error=str(error), fix=problems.remedy(found))
        self.metrics.errors.labels(NAME, "deploy_model_error").inc()
        if not isinstance(error, KubeError | Throttled):
            self._say(seen.group.members, report.stopped(found))
        return Verdict(failed=True)

    def _say(self, idents: Iterable[Ident], line: Line) -> None:
        for ident in idents:
            ingress = self.cache.get("Ingress", ident.key)
            if ingress is not None:
                self.recorder.emit(Event("Ingress", ingress.metadata, line.type, line.reason, line.message))


def _patience(decision: Decision) -> Verdict:
    codes = [problem.code for found in decision.blamed.values() for problem in found]
    return Verdict(after=AGAIN_SECONDS) if any(not code.startswith(MENDED_BY_EDIT) for code in codes) else Verdict()


def _origin(seen: Seen) -> Origin:
    """The first of the Ingresses, else the group."""
    for ident in (*seen.group.members, *seen.group.leaving)[:1]:
        return Origin.of(ident)
    return Origin("Group", "", str(seen.group.id))


def _names(idents: Iterable[Ident]) -> list[str]:
    return sorted(ident.short for ident in idents)
