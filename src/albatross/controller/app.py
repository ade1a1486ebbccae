"""The controller as an object: watches, queues and workers wired together, and what runs while it leads."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import structlog

from albatross.aws.session.client import Session
from albatross.catalog.settings import Options
from albatross.controller.bindings import KIND
from albatross.controller.groups import Groups
from albatross.controller.index import Index
from albatross.controller.metrics import Metrics
from albatross.controller.queue import Queue
from albatross.controller.targets import TargetsLoop
from albatross.controller.waits import GateWaits
from albatross.controller.worker import Worker
from albatross.frontend import READS, ROOTS
from albatross.kube.cache import Cache, Change
from albatross.kube.client import Client
from albatross.kube.events import Recorder
from albatross.kube.lease import Elector
from albatross.kube.watch import Reflector
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Key

log = structlog.get_logger("app")

WATCHED = tuple(dict.fromkeys((*READS, "Node", "Pod", "EndpointSlice", KIND, *ROOTS)))
"""What frontends read, then what targets are made of, then what is worked on."""
MODEL, TARGETS = "ingress", "targetGroupBinding"
"""The two loops' names in events, logs and metrics: those of the other controller."""
# Changes that come together (a start, a `kubectl apply` of many files) are sorted into groups once.
GATHER_SECONDS = 0.02
AT_ONCE = 100
"""Objects that are placed anew before others get their turn (chosen by us: 1 or 2 ms)."""
GAUGE_SECONDS = 15.0
WAIT_SECONDS = 10.0
# Passes under way may end; a pod is killed after terminationGracePeriodSeconds, 10 in the other controller's chart.
GRACE_SECONDS = 6.0


@dataclass
class App:
    """Everything of one process. Made by `process.run`; `run` drives it."""

    client: Client
    session: Session
    config: Config
    options: Options
    metrics: Metrics
    cache: Cache = field(default_factory=Cache)
    groups_queue: Queue[StackId] = field(init=False)
    targets_queue: Queue[Key] = field(init=False)
    reflectors: list[Reflector] = field(default_factory=list)
    elector: Elector | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _changes: list[Change] = field(default_factory=list)
    _leading: bool = False

    def __post_init__(self) -> None:
        self.clock = self.client.clock
        self.groups_queue = Queue(clock=self.clock)
        self.targets_queue = Queue(last=self.options.target_backoff_seconds, clock=self.clock)
        self.index = Index(self.cache, self.config)
        self.events = {name: Recorder(self.client, name) for name in (MODEL, TARGETS)}
        told = self.events[TARGETS]
        self.targets = TargetsLoop(self.session, self.client, self.cache, self.config, told, GateWaits(self.metrics, self.clock))
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
        self.reflectors = [Reflector(self.client, self.cache, kind, self.config.watch_namespace) for kind in WATCHED]
        self.cache.listen(self._heard)

    @property
    def waiting_for(self) -> str:
        """What has not been listed yet; empty when ready."""
        missing = [reflector.kind for reflector in self.reflectors if not reflector.synced.is_set()]
        return "waiting for: " + ", ".join(missing) if missing else ""

    # Changes → queues ------------------------------------------------------------------------------------------------

    def _heard(self, change: Change) -> None:
        """Each index takes in every change, also while another replica leads."""
        if self.index.note(change) and not self._ours(change):
            if not self._changes:
                self.clock.later(GATHER_SECONDS, self._sort)
            self._changes.append(change)
        woken = self.targets.index.wakes(change)
        for key in woken if self._leading else ():
            self.targets_queue.add(key)

    def _ours(self, change: Change) -> bool:
        return change.kind == KIND and self.groups.bindings.deleting(change.key)

    def _sort(self) -> None:
        """Wake the groups that the changes concern; while many objects have to be placed anew, others get their turn in between."""
        if not self.index.settle(AT_ONCE):
            asyncio.get_running_loop().call_soon(self._sort)
            return
        changes, self._changes = self._changes, []
        affected = self.index.affected(changes)
        if self._leading:
            for stack in affected:
                self.groups_queue.add(stack)
            roots = (Ident(change.kind, *change.key) for change in changes if change.kind in ROOTS)
            self.groups.teller.complain(self.index.placement(ident) for ident in roots)

    def resync(self) -> None:
        """Look at everything again."""
        for stack in self.index.stacks():
            self.groups_queue.add(stack, urgent=False)
        for key in self.cache.keys(KIND):
            self.targets_queue.add(key, urgent=False)
        self.groups.teller.complain(self.index.lost())

    # Running ---------------------------------------------------------------------------------------------------------

    async def run(self) -> bool:
        """Watch, and work while leading; False when the lead was lost, which ends the process."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.targets.roles)
            for reflector in self.reflectors:
                await stack.enter_async_context(background(reflector.run(), f"watch {reflector.kind}"))
            for recorder in self.events.values():
                await stack.enter_async_context(background(recorder.run(), "events"))
            await stack.enter_async_context(background(self._gauge(), "gauges"))
            await self._synced()
            # What is in the cache now stays for long: the collector need not walk it again.
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
        """Take up nothing more, and let what is under way end for a while."""
        self.stopping.set()
        for queue in (self.groups_queue, self.targets_queue):
            queue.close()
        try:
            async with self.clock.timeout(GRACE_SECONDS):
                await asyncio.gather(self.groups_queue.calm(), self.targets_queue.calm())
        except TimeoutError:
            log.warning("passes cut off", groups=[str(each) for each in self.groups_queue.busy])

    async def _lead(self) -> None:
        self._leading = True
        self.metrics.leader.labels(self.options.leader_election_id).set(1)
        self.resync()
        model = Worker(MODEL, self.groups_queue, self.groups.reconcile, self.metrics)
        fast = Worker(TARGETS, self.targets_queue, self.targets.reconcile, self.metrics)
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(self.options.group_workers):
                    tasks.create_task(model.run())
                for _ in range(self.options.target_workers):
                    tasks.create_task(fast.run())
                tasks.create_task(self._resyncs())
        finally:
            self._leading = False
            self.metrics.leader.labels(self.options.leader_election_id).set(0)

    async def _resyncs(self) -> None:
        while True:
            await self.clock.sleep(self.options.sync_seconds)
            self.resync()

    async def _gauge(self) -> None:
        while True:
            self.metrics.depth.labels(MODEL).set(len(self.groups_queue))
            self.metrics.depth.labels(TARGETS).set(len(self.targets_queue))
            for kind in WATCHED:
                self.metrics.objects.labels(kind.lower()).set(len(self.cache.objects(kind)))
            await self.clock.sleep(GAUGE_SECONDS)


@asynccontextmanager
async def background(work: Awaitable[None], name: str) -> AsyncIterator[None]:
    """Run something beside the body, and end it with the body."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
