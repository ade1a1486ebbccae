import asyncio

import pytest
from tests.clock import Virtual, settle

from albatross.aws.session.client import Session
from albatross.catalog import kinds, tracking
from albatross.catalog.settings import Options
from albatross.controller.app import GATHER_SECONDS, GRACE_SECONDS, App
from albatross.controller.groups import Verdict
from albatross.controller.metrics import Metrics
from albatross.controller.queue import Queue
from albatross.errors import AlbatrossError
from albatross.kube.client import Client
from albatross.kube.config import Access
from albatross.model.config import Config
from albatross.model.resources.stack import StackId

CONFIG = Config(cluster_name="c", region="eu-west-1", vpc_id="vpc-1")
INGRESS = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "Ingress",
    "metadata": {"namespace": "shop", "name": "app", "annotations": {"kubernetes.io/ingress.class": "alb"}},
}


@pytest.fixture
def clock() -> Virtual:
    return Virtual()


@pytest.fixture
def app(clock: Virtual) -> App:
    client = Client(Access(server="http://127.0.0.1:9", source="test"), clock=clock)
    return App(client, Session(CONFIG, clock=clock), CONFIG, Options(), Metrics(clock))


class Script:
    """Passes that end as told, in order; then well."""

    def __init__(self, *ends: Verdict | Exception) -> None:
        self.ends = list(ends)
        self.seen = 0
        self.done = asyncio.Event()

    async def reconcile(self, key: str) -> Verdict:
        self.seen += 1
        end = self.ends.pop(0) if self.ends else Verdict()
        if not self.ends:
            self.done.set()
        if isinstance(end, Exception):
            raise end
        return end


@pytest.fixture
def queue(clock: Virtual) -> Queue[str]:
    return Queue(clock=clock)


async def worked(app: App, clock: Virtual, queue: Queue[str], script: Script) -> None:
    queue.add("a")
    task = asyncio.create_task(app._work(queue, "ingress", script.reconcile))
    await clock.advance(1)
    assert script.done.is_set()
    await queue.calm()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("end", [Verdict(failed=True), AlbatrossError("aws is away"), LookupError("a fault of ours")])
async def test_a_pass_that_fails_is_tried_again(app: App, clock: Virtual, queue: Queue[str], end: Verdict | Exception) -> None:
    script = Script(end, end, Verdict())
    await worked(app, clock, queue, script)
    assert script.seen == 3


async def test_success_forgets_the_failures(app: App, clock: Virtual, queue: Queue[str]) -> None:
    await worked(app, clock, queue, Script(Verdict(failed=True), Verdict(after=60)))
    assert queue.failures("a") == 0
    assert not queue.idle  # it comes again in a minute


async def test_changes_that_come_together_reach_a_group_once(app: App, clock: Virtual) -> None:
    app._leading = True
    noun = kinds.parse(INGRESS)
    app.cache.put("Ingress", ("shop", "app"), noun)
    app.cache.put(
        "Service", ("shop", "web"), kinds.parse({"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "shop", "name": "web"}})
    )
    await clock.advance(GATHER_SECONDS)
    key = await app.groups_queue.get()
    assert (key, len(app.groups_queue)) == (StackId(tracking.INGRESS, "shop", "app"), 0)


async def test_who_does_not_lead_works_on_nothing_until_it_does(app: App, clock: Virtual) -> None:
    app.cache.put("Ingress", ("shop", "app"), kinds.parse(INGRESS))
    await clock.advance(GATHER_SECONDS)
    assert app.groups_queue.idle
    app.resync()
    assert len(app.groups_queue) == 1


async def test_it_says_what_it_waits_for(app: App) -> None:
    assert app.waiting_for.startswith("waiting for: Namespace, IngressClass")
    for reflector in app.reflectors:
        reflector.synced.set()
    assert app.waiting_for == ""


async def test_a_stop_does_not_wait_for_ever(app: App, clock: Virtual) -> None:
    app.groups_queue.add(StackId(tracking.INGRESS, "shop", "app"))
    await app.groups_queue.get()
    stop = asyncio.create_task(app.stop())
    await clock.advance(GRACE_SECONDS)
    assert stop.done()


async def test_a_stop_waits_for_what_is_under_way(app: App) -> None:
    app.groups_queue.add(StackId(tracking.INGRESS, "shop", "app"))
    key = await app.groups_queue.get()
    stop = asyncio.create_task(app.stop())
    await settle()
    assert app.stopping.is_set()
    assert not stop.done()
    app.groups_queue.done(key)
    await stop
