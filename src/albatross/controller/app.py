"""The controller as an object. It connects watches, queues and workers, and defines what runs while this replica leads."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog

from albatross.aws.session.client import Session
from albatross.catalog import tracking
from albatross.catalog.rbac import Feature
from albatross.catalog.settings import Options
from albatross.controller.bindings import KIND
from albatross.controller.digests import Digests, header
from albatross.controller.figures import Figures, Talkers
from albatross.controller.groups import Groups
from albatross.controller.herald import Herald
from albatross.controller.index import Index
from albatross.controller.metrics import Metrics
from albatross.controller.pace import Pace
from albatross.controller.queue import Queue
from albatross.controller.store import DigestStore
from albatross.controller.study import study
from albatross.controller.targets import TargetsLoop
from albatross.controller.waits import GateWaits
from albatross.controller.webhook.server import Desk
from albatross.controller.webhook.service import Webhooks
from albatross.controller.worker import KEPT, Worker
from albatross.errors import AlbatrossError
from albatross.frontend import READS, ROOTS
from albatross.frontend.ingress.ownership import CONTROLLER
from albatross.kube.cache import Cache, Change
from albatross.kube.client import Client
from albatross.kube.events import Recorder
from albatross.kube.lease import Elector
from albatross.kube.watch import Reflector
from albatross.model.config import Config
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Key, Snapshot

log = structlog.get_logger("app")

WATCHED = tuple(dict.fromkeys((*READS, "Node", "Pod", "EndpointSlice", KIND, *ROOTS)))
"""First the kinds that frontends read, then the kinds that targets depend on, then the kinds that the two loops reconcile."""
FEATURES: Mapping[str, Feature] = {"Node": "nodes", "IngressClassParams": "class-params"}
"""Kinds that only an optional feature needs."""
MODEL, TARGETS, LEAVING = "ingress", "targetGroupBinding", "targetGroupBindingLeaving"
"""The names of the loops in events, logs and metrics: the two of the other controller, and one for targets that leave."""
# Changes that arrive together (a start, a `kubectl apply` of many files) are sorted into groups once.
GATHER_SECONDS = 0.02
AT_ONCE = 10
"""The number of objects to place again before other tasks may run (chosen by us: 0.2 ms, or 10 ms if all have large class parameters)."""
DRIFT_SECONDS = 5.0
"""The time between two checks which groups have not been read for long (chosen by us)."""
# The time between two checks whether the first pass is over. Chosen by us.
CALM_SECONDS = 0.05
FIRST_SECONDS = 5.0
"""How long target groups without a change wait at the start, until the groups are in place (chosen by us)."""
WAIT_SECONDS = 10.0
# Running passes may finish; a pod is killed after terminationGracePeriodSeconds, 10 in the other controller's chart.
GRACE_SECONDS = 6.0
LATE_SECONDS = 35.0
"""The longest time until a write of the leader before us reaches AWS: a call's time limit of 30 s, and some seconds (chosen by us)."""


@dataclass
class App:
    """All parts of one process. `process.run` creates it, and `run` runs it. `lacking`: features that the cluster does not allow."""

    client: Client
    session: Session
    config: Config
    options: Options
    metrics: Metrics
    cache: Cache = field(default_factory=Cache)
    groups_queue: Queue[StackId] = field(init=False)
    targets_queue: Queue[Key] = field(init=False)
    leaving_queue: Queue[Key] = field(init=False)
    reflectors: list[Reflector] = field(default_factory=list)
    elector: Elector | None = None
    lacking: frozenset[Feature] = frozenset()
    told: Herald = field(default_factory=Herald)
    host: str | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _changes: list[Change] = field(default_factory=list)
    _leading: bool = False
    _noted: asyncio.Event = field(default_factory=asyncio.Event)
    _settled: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.clock = self.client.clock
        self.groups_queue = Queue(clock=self.clock, times=self.metrics.queue(MODEL))
        self.targets_queue = Queue(last=self.options.target_backoff_seconds, clock=self.clock, times=self.metrics.queue(TARGETS))
        self.leaving_queue = Queue(last=self.options.target_backoff_seconds, clock=self.clock, times=self.metrics.queue(LEAVING))
        self.session.tries.tried, self.session.tries.repeated = self.metrics.tried, self.metrics.repeated
        self.client.watcher = self.metrics.requested
        self.index = Index(self.cache, self.config)
        self.cache.study = study
        self.events = {name: Recorder(self.client, name, off="events" in self.lacking) for name in (MODEL, TARGETS)}
        told = self.events[TARGETS]
        self.targets = TargetsLoop(self.session, self.client, self.cache, self.config, told, GateWaits(self.metrics, self.clock))
        self.targets.leave = self.leaving_queue.add
        self.slow_groups, self.slow_targets = Pace(self.groups_queue, self.clock), Pace(self.targets_queue, self.clock)
        self.digests = self.targets.digests = Digests(header(self.config, self.client.agent))
        self.targets.later = self.slow_targets.add
        self.store = DigestStore(self.digests, self.client, None if "last-state" in self.lacking else self.elector)
        self.targets.known.seconds = self.options.drift_seconds
        self.groups = Groups(
            self.client,
            self.cache,
            self.session,
            self.config,
            self.index,
            self.events[MODEL],
            self.metrics,
            stop=self.stopping,
            release=self.targets.networking.release,
        )
        self.groups.reuse.digests, self.groups.reuse.later = self.digests, self.slow_groups.add
        self.targets.reporter.board = self.groups.teller.board
        self.groups.decider.memory.seconds = self.options.drift_seconds
        desk = Desk(self.session, self.config, self._listed, self.groups.thread.pool, self.metrics)
        self.webhooks = Webhooks(self.client, self.options, self.config, desk, self._foreign, self.host)
        self.webhooks.allowed = "webhooks" not in self.lacking
        self.webhooks.told = self.told
        self.reflectors = [Reflector(self.client, self.cache, kind, self.config.watch_namespace) for kind in self.watched]
        self.targets.sees_nodes = "nodes" not in self.lacking
        self.targets.reporter.gating = "readiness-gates" not in self.lacking
        self.cache.listen(self._heard)
        queues: dict[str, Queue[Any]] = {MODEL: self.groups_queue, TARGETS: self.targets_queue, LEAVING: self.leaving_queue}
        self.metrics.ask(Figures(self.cache, self.session, queues, self.reflectors).read)
        self.metrics.ask(self.groups.teller.board.read)
        self.metrics.ask(Talkers(self.metrics.busiest, self.clock).read)

    @property
    def watched(self) -> tuple[str, ...]:
        """The kinds that the cluster allows to watch."""
        return tuple(kind for kind in WATCHED if FEATURES.get(kind) not in self.lacking)

    @property
    def leading(self) -> bool:
        """Whether this replica reconciles."""
        return self._leading

    @property
    def waiting_for(self) -> str:
        """The kinds that are not listed yet, and what the webhooks wait for; empty when ready."""
        missing = [reflector.kind for reflector in self.reflectors if not reflector.synced.is_set()]
        return "waiting for: " + ", ".join(missing) if missing else self.webhooks.waiting_for

    @property
    def deaf(self) -> str:
        """The kinds about which the API server sends nothing any more, although it was asked again; empty if there is none."""
        found = [f"{each.kind} ({each.silent:.0f} s)" for each in self.reflectors if each.deaf]
        return "the API server sends nothing about: " + ", ".join(found) if found else ""

    def _listed(self) -> Snapshot | None:
        return self.cache.snapshot() if all(reflector.synced.is_set() for reflector in self.reflectors) else None

    def _foreign(self) -> tuple[str, ...]:
        classes = self.cache.objects("IngressClass").values()
        return tuple(sorted(each.metadata.name for each in classes if each.controller != CONTROLLER))

    # Changes → queues ------------------------------------------------------------------------------------------------

    def _heard(self, change: Change) -> None:
        """Update each index with every change, even while another replica leads."""
        if self.index.note(change) and not self._ours(change):
            if not self._changes:
                self.clock.later(GATHER_SECONDS, self._sort)
            self._changes.append(change)
        self.webhooks.heard(change)
        woken = self.targets.index.wakes(change)
        for key in woken if self._leading else ():
            self.targets.arrivals.note(key)
            self.targets_queue.add(key)

    def _ours(self, change: Change) -> bool:
        return change.kind == KIND and self.groups.bindings.deleting(change.key)

    def _sort(self) -> None:
        """Wake the groups that the changes affect. If many objects must be placed again, other tasks run in between."""
        if not self.index.settle(AT_ONCE):
            asyncio.get_running_loop().call_soon(self._sort)
            return
        changes, self._changes = self._changes, []
        affected = self.index.affected(changes)
        if self._leading:
            for stack in filter(self._served, affected):
                self.groups_queue.add(stack)
            self.groups.teller.complain(self.index.placement(ident) for ident in sorted(self.index.concerned(changes)))
            self._noted.set()

    def _served(self, stack: StackId) -> bool:
        """Whether the cluster allows what the stack's objects need."""
        return "services" not in self.lacking or stack.owner != tracking.SERVICE

    def resync(self) -> None:
        """Reconcile everything again."""
        self._wake_groups()
        self._wake_bindings()

    def _wake_groups(self) -> None:
        for stack in filter(self._served, self.index.stacks()):
            self.groups_queue.add(stack, urgent=False)
        self.groups.teller.complain(self.index.lost())

    def _wake_bindings(self) -> None:
        for key in self.cache.keys(KIND):
            self.targets_queue.add(key, urgent=False)

    # Running ---------------------------------------------------------------------------------------------------------

    async def run(self) -> bool:
        """Watch the cluster, and reconcile while leading. False: the lead was lost, and the process ends."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.targets.roles)
            for reflector in self.reflectors:
                await stack.enter_async_context(background(reflector.run(), f"watch {reflector.kind}"))
            for recorder in self.events.values():
                await stack.enter_async_context(background(recorder.run(), "events"))
            await stack.enter_async_context(background(self.webhooks.run(), "webhooks"))
            await self._synced()
            # The objects in the cache now stay in memory for a long time, so the garbage collector does not need to scan them again.
            gc.collect()
            gc.freeze()
            log.info("listed", **{kind: len(self.cache.objects(kind)) for kind in WATCHED})
            try:
                if self.elector is None:
                    await self._lead()
                    return True
                return await self.elector.run(self._lead)
            finally:
                await asyncio.gather(*(recorder.flush() for recorder in self.events.values()), self.groups.close())

    async def _synced(self) -> None:
        while True:
            try:
                async with self.clock.timeout(WAIT_SECONDS):
                    await asyncio.gather(*(reflector.synced.wait() for reflector in self.reflectors))
                return
            except TimeoutError:
                log.warning("not listed yet", kinds=[reflector.kind for reflector in self.reflectors if not reflector.synced.is_set()])

    async def stop(self) -> None:
        """Start no new passes, and wait some seconds until the running passes end."""
        self.stopping.set()
        for queue in (self.groups_queue, self.targets_queue, self.leaving_queue):
            queue.close()
        try:
            async with self.clock.timeout(GRACE_SECONDS):
                await asyncio.gather(self.groups_queue.calm(), self.targets_queue.calm(), self.leaving_queue.calm(), self.webhooks.drain())
        except TimeoutError:
            log.warning("passes cut off", groups=[str(each) for each in self.groups_queue.busy])
        await self.store.save()

    async def _lead(self) -> None:
        self._leading = True
        self.metrics.leader.labels(self.options.leader_election_id).set(1)
        await self.store.read()
        self._wake_groups()
        self.metrics.most_workers.labels(MODEL).set(self.options.group_workers + self.options.service_workers)
        for name in (TARGETS, LEAVING):
            self.metrics.most_workers.labels(name).set(self.options.target_workers)
        model = Worker(MODEL, self.groups_queue, self.groups.reconcile, self.metrics)
        fast = Worker(TARGETS, self.targets_queue, self.targets.reconcile, self.metrics)
        slow = Worker(LEAVING, self.leaving_queue, self.targets.depart, self.metrics)
        try:
            async with asyncio.TaskGroup() as tasks:
                for number in range(self.options.group_workers + self.options.service_workers):
                    tasks.create_task(model.run(urgent=number % KEPT == KEPT - 1))
                for number in range(self.options.target_workers):
                    tasks.create_task(fast.run(urgent=number % KEPT == KEPT - 1))
                    tasks.create_task(slow.run())
                tasks.create_task(self._resyncs())
                tasks.create_task(self._drift())
                tasks.create_task(self._marks())
                tasks.create_task(self._first())
                tasks.create_task(self._later())
                tasks.create_task(self.webhooks.register())
        finally:
            self._leading = False
            self.metrics.leader.labels(self.options.leader_election_id).set(0)

    async def _marks(self) -> None:
        """Write the problems of objects without a group, for which no pass runs."""
        while True:
            await self._noted.wait()
            self._noted.clear()
            try:
                await self.groups.teller.mark()
            except AlbatrossError as error:
                log.warning("problems not written", error=str(error))

    async def _first(self) -> None:
        """Log once when everything has been reconciled since this replica leads, and what that changed in AWS. `migrate` reads it.

        Target groups without a change come after the groups, because each of them costs a read of its own; but they wait only for a while,
        and not at all if the leader before us left digests (`controller.digests`).
        """
        writes, failures = self.metrics.writes(), self.metrics.failures()
        try:
            async with self.clock.timeout(0 if self.digests.claims else FIRST_SECONDS):
                await self._in_place()
        except TimeoutError:
            self._wake_bindings()
            await self._in_place()
        else:
            self._wake_bindings()
        self._settled.set()
        await self._idle(self.groups_queue, self.targets_queue)
        while self.slow_groups or self.slow_targets:
            await self._idle(self.groups_queue, self.targets_queue)
        self.digests.close()
        groups, bindings = len(self.index.stacks()), len(self.cache.keys(KIND))
        made = {"writes": dict(self.metrics.writes() - writes), "failed": self.metrics.failures() - failures}
        log.info("first pass", groups=groups, bindings=bindings, **made)

    async def _in_place(self) -> None:
        await self._idle(self.groups_queue)
        log.info("groups in place", groups=len(self.index.stacks()), later=len(self.slow_groups))

    async def _idle(self, *queues: Queue[Any]) -> None:
        """Wait until every change is in a queue, and no pass of these queues waits or runs."""
        while True:
            await self.clock.sleep(CALM_SECONDS)
            if not (self._changes or any(len(queue) or queue.busy for queue in queues)):
                return

    async def _later(self) -> None:
        """Look at what has not changed since the leader before us, some of it each second, when everything else is in place.

        If that leader did not end cleanly, look at everything again: what it sent last can reach AWS after our first look.
        """
        if self.elector and self.elector.took_over:
            await self.clock.sleep(LATE_SECONDS)
            self.session.inventory.forget()
            self.groups.decider.memory.looks.clear()
            self.groups.decider.refusals.known.clear()
            self.targets.known.lists.clear()
            self.digests.forget()
            for stack in filter(self._served, self.index.stacks()):
                self.groups.reuse.later(stack)
            for key in self.cache.keys(KIND):
                self.targets.later(key)
        await asyncio.gather(self._slowly(), self.store.keep())

    async def _slowly(self) -> None:
        await self._settled.wait()
        await asyncio.gather(self.slow_groups.run(), self.slow_targets.run())

    async def _resyncs(self) -> None:
        while True:
            await self.clock.sleep(self.options.sync_seconds)
            self.resync()

    async def _drift(self) -> None:
        """Look at what others may have changed, group by group and target group by target group, long after the last look at it."""
        while True:
            await self.clock.sleep(DRIFT_SECONDS)
            for stack in self.groups.decider.memory.due():
                self.groups_queue.add(stack, urgent=False)
            for key in self.targets.due():
                self.targets_queue.add(key, urgent=False)


@asynccontextmanager
async def background(work: Awaitable[None], name: str) -> AsyncIterator[None]:
    """Run a task at the same time as the body, and cancel it when the body ends."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
