"""The controller as a process: it builds an `App` from the settings, handles signals, and ends cleanly."""

import asyncio
import signal
import sys
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import structlog

from albatross.aws.session.client import Session
from albatross.aws.session.throttle import Throttle, rates
from albatross.aws.session.transport import Settings
from albatross.catalog.identity import ANNOTATION, LABELS, Principal, written
from albatross.catalog.settings import Options
from albatross.clock import Clock
from albatross.controller import access as permitted
from albatross.controller import herald, identity, named, place, probes
from albatross.controller.app import App
from albatross.controller.features import Features
from albatross.controller.metrics import Metrics
from albatross.errors import AlbatrossError
from albatross.kube import config as access
from albatross.kube import crds
from albatross.kube.client import Client
from albatross.kube.lease import Elector
from albatross.model.config import Config

log = structlog.get_logger("app")

VERSION = "albatross/0.1.0"
SWITCH_SECONDS = 0.0002
"""The longest time that the decision thread may block the event loop.

Measured (benchmarks/edit.py): with Python's 5 ms, a registration waits 6 ms for a pass; with this value, 1.4 ms. Passes are not slower.
"""


Companion = Callable[[App], AbstractAsyncContextManager[None]]
"""Something that runs as long as the controller, such as its page."""


async def run(config: Config, options: Options, companion: Companion | None = None) -> int:
    """Run the controller until SIGTERM or SIGINT (0), or until it loses the lead (1). Errors: AlbatrossError, each with its fix."""
    sys.setswitchinterval(SWITCH_SECONDS)
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
        elif task is not None:  # the second signal stops at once
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        return 0 if await serve(config, options, apps, Clock(), companion) else 1
    except asyncio.CancelledError:
        if not ending:
            raise
        log.info("stopped")
        return 0
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def serve(config: Config, options: Options, apps: list[App], clock: Clock, companion: Companion | None = None) -> bool:
    """Run the controller until it is cancelled, or until it loses the lead (False). The app is appended to `apps` when it begins."""
    metrics = Metrics(clock)
    entry = access.load(options.kubeconfig, options.context)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(Client(entry, VERSION, clock))
        await stack.enter_async_context(probes.serve(options.metrics_address, probes.metrics(metrics)))
        ready = probes.health(lambda: apps[0].waiting_for if apps else "starting", lambda: apps[0].deaf if apps else "")
        await stack.enter_async_context(probes.serve(options.health_address, ready))
        rights = await permitted.settled(client, config, options)
        version = await place.cluster(client, config)
        log.info("cluster", server=entry.server, source=entry.source, version=version)
        if options.manage_crds:
            await crds.ensure(client)
        told = await stack.enter_async_context(herald.herald(client, rights))
        features = Features(metrics, told)
        try:
            session, placed = await _aws(stack, client, config, options, features)
        except AlbatrossError:
            identity.unknown(told)
            raise
        known = await identity.introduce(session, told, metrics)
        features.identity = known.arn
        elector = _elector(client, options, known)
        app = App(client, session, placed, options, metrics, elector=elector, lacking=rights.lacking, told=told)
        apps.append(app)
        if companion:
            await stack.enter_async_context(companion(app))
        return await app.run()


async def _aws(stack: AsyncExitStack, client: Client, config: Config, options: Options, features: Features) -> tuple[Session, Config]:
    """A session in the right region, and the configuration with region, VPC and account filled in."""
    nodes = await place.nodes(client)
    placed = await place.region(config, nodes)
    settings = Settings(endpoints=options.aws_endpoints, attempts=options.aws_attempts)
    throttle = Throttle(rates(options.aws_throttle, options.aws_share), client.clock)
    session = Session(placed, settings=settings, throttle=throttle, clock=client.clock, watcher=features.called)
    await stack.enter_async_context(session)
    looking = place.described(session, place.instances(nodes))
    if placed.vpc_id:  # then both calls need no answer of the other
        seen, _ = await asyncio.gather(looking, place.check(session, placed))
    else:
        seen = await looking
        session.config = placed = await place.vpc(session, placed, seen, options.vpc_tags)
        await place.check(session, placed)
    named.check(placed, seen)
    log.info("place", region=placed.region, vpc=placed.vpc_id, cluster=placed.cluster_name)
    return session, placed


def _elector(client: Client, options: Options, known: Principal) -> Elector | None:
    if not options.leader_election:
        return None
    where = (options.leader_election_namespace or client.access.namespace, options.leader_election_id)
    own = f"{herald.instance()}_{uuid.uuid4()}"
    return Elector(client, where, own, marks={"annotations": {ANNOTATION: written(known, own)}, "labels": LABELS})
