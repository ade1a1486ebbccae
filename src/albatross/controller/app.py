"""The controller as a process: watches, leader election, queues and their workers, from start to a clean end."""

import asyncio
import gc
import signal
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from albatross.aws.session.client import Session
from albatross.aws.session.throttle import Throttle, rates
from albatross.aws.session.transport import Settings
from albatross.catalog.settings import Options
from albatross.controller import place, probes
from albatross.controller.groups import Groups, Verdict
from albatross.controller.index import Index
from albatross.controller.metrics import Metrics
from albatross.controller.queue import Queue
from albatross.controller.targets import TargetsLoop
from albatross.controller.waits import GateWaits
from albatross.errors import AlbatrossError
from albatross.kube import config as access
from albatross.kube import crds
from albatross.kube.bindings import ROW
from albatross.kube.cache import Cache, Change
from albatross.kube.client import Client
from albatross.kube.events import Recorder
from albatross.kube.lease import Elector
from albatross.kube.watch import Reflector
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Key

K = TypeVar("K", bound=Hashable)

log = structlog.get_logger("app")

VERSION = "albatross/0.1.0"
WATCHED = ("Namespace", "IngressClass", "IngressClassParams", "Service", "Node", "Pod", "EndpointSlice", "TargetGroupBinding", "Ingress")
# Changes that come together (a start, a `kubectl apply` of many files) are sorted into groups once.
GATHER_SECONDS = 0.02
GAUGE_SECONDS = 15.0
WAIT_SECONDS = 10.0
# Passes under way may end; a pod is killed after terminationGracePeriodSeconds, 10 in the other controller's chart.
GRACE_SECONDS = 6.0


@dataclass
class App:
    """Everything of one process. Made by `assemble`, driven by `run`."""

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
        self.events = {name: Recorder(self.client, name) for name in ("ingress", "targetGroupBinding")}
        self.groups = Groups(
            self.client, self.cache, self.session, self.config, self.index, self.events["ingress"], self.metrics, stop=self.stopping
        )
        told = self.events["targetGroupBinding"]
        self.targets = TargetsLoop(self.session, self.client, self.cache, self.config, told, GateWaits(self.metrics, self.clock))
        self.groups.release = self.targets.networking.release
        self.reflectors = [Reflector(self.client, self.cache, kind, self.config.watch_namespace) for kind in WATCHED]
        self.cache.listen(self._heard)

    @property
    def waiting_for(self) -> str:
        """What has not been listed yet; empty when ready."""
        missing = [reflector.kind for reflector in self.reflectors if not reflector.synced.is_set()]
        return "waiting for: " + ", ".join(missing) if missing else ""

    # Changes → queues ------------------------------------------------------------------------------------------------

    def _heard(self, change: Change) -> None:
        if self.index.note(change) and not self._ours(change):
            if not self._changes:
                self.clock.later(GATHER_SECONDS, self._sort)
            self._changes.append(change)
        if self._leading:
            for key in self.targets.wakes(change):
                self.targets_queue.add(key)

    def _ours(self, change: Change) -> bool:
        return change.kind == ROW.kind and self.groups.bindings.deleting(change.key)

    def _sort(self) -> None:
        changes, self._changes = self._changes, []
        affected = self.index.affected(changes)
        if self._leading:
            for stack in affected:
                self.groups_queue.add(stack)
            self.groups.complain(Ident("Ingress", *change.key) for change in changes if change.kind == "Ingress")

    def resync(self) -> None:
        """Look at everything again."""
        for stack in self.index.stacks():
            self.groups_queue.add(stack, urgent=False)
        for key in self.cache.keys(ROW.kind):
            self.targets_queue.add(key, urgent=False)
        self.groups.complain(Ident("Ingress", *key) for key in self.cache.keys("Ingress"))

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
                await asyncio.gather(*(recorder.flush() for recorder in self.events.values()), self.groups.secrets.close())

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
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(self.options.group_workers):
                    tasks.create_task(self._work(self.groups_queue, "ingress", self._group))
                for _ in range(self.options.target_workers):
                    tasks.create_task(self._work(self.targets_queue, "targetGroupBinding", self._binding))
                tasks.create_task(self._resyncs())
        finally:
            self._leading = False
            self.metrics.leader.labels(self.options.leader_election_id).set(0)

    async def _resyncs(self) -> None:
        while True:
            await self.clock.sleep(self.options.sync_seconds)
            self.resync()

    async def _group(self, stack: StackId) -> Verdict:
        return await self.groups.reconcile(stack)

    async def _binding(self, key: Key) -> Verdict:
        return Verdict(after=await self.targets.reconcile(key))

    async def _work(self, queue: Queue[K], name: str, reconcile: "Callable[[K], Awaitable[Verdict]]") -> None:
        """One worker; no error of a pass ends it."""
        while True:
            key = await queue.get()
            try:
                verdict = await reconcile(key)
            except AlbatrossError as error:
                log.warning("pass failed", controller=name, key=str(key), error=str(error))
                verdict = Verdict(failed=True, after=getattr(error, "retry_after", None))
            except Exception:
                log.exception("pass failed", controller=name, key=str(key))
                verdict = Verdict(failed=True)
            finally:
                queue.done(key)
            self._settle(queue, key, verdict, name)

    def _settle(self, queue: Queue[K], key: K, verdict: Verdict, name: str) -> None:
        self.metrics.passes.labels(name, "error" if verdict.failed else "success").inc()
        if verdict.failed:
            queue.retry(key, verdict.after or 0)
            return
        queue.forget(key)
        if verdict.after is not None:
            queue.later(key, verdict.after)

    async def _gauge(self) -> None:
        while True:
            self.metrics.depth.labels("ingress").set(len(self.groups_queue))
            self.metrics.depth.labels("targetGroupBinding").set(len(self.targets_queue))
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


async def run(config: Config, options: Options) -> int:
    """The controller until SIGTERM or SIGINT (0), or until it loses the lead (1). Errors: AlbatrossError, each with its remedy."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    apps: list[App] = []
    ending: list[asyncio.Task[None]] = []

    async def end() -> None:
        for app in apps:
            await app.stop()
        if task is not None:
            task.cancel()

    def stop() -> None:
        if not ending:
            log.info("stopping")
            ending.append(asyncio.ensure_future(end()))
        elif task is not None:  # asked twice: at once
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        return 0 if await _serve(config, options, apps) else 1
    except asyncio.CancelledError:
        if not ending:
            raise
        log.info("stopped")
        return 0
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def _serve(config: Config, options: Options, apps: list[App]) -> bool:
    metrics = Metrics()
    entry = access.load(options.kubeconfig, options.context)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(Client(entry, VERSION))
        await stack.enter_async_context(probes.serve(options.metrics_address, probes.metrics(metrics)))
        ready = probes.health(lambda: apps[0].waiting_for if apps else "starting")
        await stack.enter_async_context(probes.serve(options.health_address, ready))
        await place.cluster(client, config)
        if options.manage_crds:
            await crds.ensure(client)
        session, placed = await _aws(stack, client, config, options, metrics)
        app = App(client, session, placed, options, metrics, elector=_elector(client, options))
        apps.append(app)
        return await app.run()


async def _aws(stack: AsyncExitStack, client: Client, config: Config, options: Options, metrics: Metrics) -> tuple[Session, Config]:
    """A session in the right region, and the configuration with region, VPC and account filled in."""
    nodes = await place.nodes(client)
    placed = await place.region(config, nodes)
    settings = Settings(endpoints=options.aws_endpoints, attempts=options.aws_attempts)
    throttle = Throttle(rates(options.aws_throttle)) if options.aws_throttle else Throttle()
    session = Session(placed, settings=settings, throttle=throttle, watcher=metrics.called)
    await stack.enter_async_context(session)
    placed = await place.vpc(session, placed, nodes, options.vpc_tags)
    session.config = placed
    await place.check(session, placed)
    log.info("place", region=placed.region, vpc=placed.vpc_id, cluster=placed.cluster_name)
    return session, placed


def _elector(client: Client, options: Options) -> Elector | None:
    if not options.leader_election:
        return None
    where = (options.leader_election_namespace or client.access.namespace, options.leader_election_id)
    return Elector(client, where, f"{socket.gethostname()}_{uuid.uuid4()}")
