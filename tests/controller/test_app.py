"""The controller as an object: changes come in, keys come out."""

import asyncio
from typing import Any

import pytest
from tests.kube.wire import until

from albatross.aws.session.client import Session
from albatross.catalog import kinds, tracking
from albatross.catalog.settings import Options
from albatross.controller.app import AT_ONCE, App
from albatross.controller.bindings import KIND
from albatross.controller.metrics import Metrics
from albatross.kube.client import Client
from albatross.kube.config import Access
from albatross.model.config import Config
from albatross.model.resources.stack import StackId

CONFIG = Config(cluster_name="c", region="eu-west-1", vpc_id="vpc-1")
INGRESS: dict[str, Any] = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "Ingress",
    "metadata": {"namespace": "shop", "name": "app", "annotations": {"kubernetes.io/ingress.class": "alb"}},
}


@pytest.fixture
def app() -> App:
    client = Client(Access(server="http://127.0.0.1:9", source="test"))
    return App(client, Session(CONFIG), CONFIG, Options(), Metrics())


async def test_changes_that_come_together_reach_a_group_once(app: App) -> None:
    app._leading = True
    noun = kinds.parse(INGRESS)
    app.cache.put("Ingress", ("shop", "app"), noun)
    app.cache.put(
        "Service", ("shop", "web"), kinds.parse({"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "shop", "name": "web"}})
    )
    key = await asyncio.wait_for(app.groups_queue.get(), 2)
    assert (key, len(app.groups_queue)) == (StackId(tracking.INGRESS, "shop", "app"), 0)


async def test_who_does_not_lead_works_on_nothing_until_it_does(app: App) -> None:
    app.cache.put("Ingress", ("shop", "app"), kinds.parse(INGRESS))
    await until(lambda: not app._changes)
    assert app.groups_queue.idle
    app.resync()
    assert len(app.groups_queue) == 1


async def test_it_says_what_it_waits_for(app: App) -> None:
    assert app.waiting_for.startswith("waiting for: Namespace, IngressClass")
    for reflector in app.reflectors:
        reflector.synced.set()
    assert app.waiting_for == ""


async def test_a_stop_waits_for_what_is_under_way(app: App) -> None:
    app.groups_queue.add(StackId(tracking.INGRESS, "shop", "app"))
    key = await app.groups_queue.get()
    stop = asyncio.create_task(app.stop())
    await asyncio.wait([stop], timeout=0.05)
    assert app.stopping.is_set()
    assert not stop.done()
    app.groups_queue.done(key)
    await asyncio.wait_for(stop, 2)


async def test_many_objects_are_placed_in_turns(app: App) -> None:
    app._leading = True
    for number in range(3 * AT_ONCE):
        noun = kinds.parse({**INGRESS, "metadata": {**INGRESS["metadata"], "name": f"app-{number}"}})
        app.cache.put("Ingress", ("shop", f"app-{number}"), noun)
    await until(lambda: len(app.groups_queue))
    assert len(app.groups_queue) == 3 * AT_ONCE
    assert not app._changes


async def test_a_binding_that_we_delete_ourselves_wakes_no_group(app: App) -> None:
    app._leading = True
    labels = {"ingress.k8s.aws/stack": "team"}
    binding = kinds.parse(
        {"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": KIND, "metadata": {"namespace": "shop", "name": "t", "labels": labels}, "spec": {}}
    )
    app.cache.put(KIND, ("shop", "t"), binding)
    app.groups.bindings._waiting[("shop", "t")] = asyncio.Event()
    app.cache.put(KIND, ("shop", "t"), None)
    assert not app._changes
    assert await asyncio.wait_for(app.targets_queue.get(), 2) == ("shop", "t")


async def test_passes_that_do_not_end_are_cut_off(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("albatross.controller.app.GRACE_SECONDS", 0.01)
    app.groups_queue.add(StackId(tracking.INGRESS, "shop", "app"))
    await app.groups_queue.get()
    await asyncio.wait_for(app.stop(), 2)
