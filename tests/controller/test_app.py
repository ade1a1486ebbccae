"""The controller as an object: changes come in, keys come out."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.clock import Virtual, settle

from albatross.aws.session.client import Session
from albatross.catalog import kinds, tracking
from albatross.catalog.rbac import Feature
from albatross.catalog.settings import Options
from albatross.controller.app import AT_ONCE, CALM_SECONDS, FIRST_SECONDS, GATHER_SECONDS, GRACE_SECONDS, LATE_SECONDS, WATCHED, App
from albatross.controller.bindings import KIND
from albatross.controller.known import List
from albatross.controller.metrics import Metrics
from albatross.controller.webhook.service import DRAIN_SECONDS
from albatross.kube.client import Client
from albatross.kube.config import Access
from albatross.kube.lease import Elector
from albatross.model.config import Config
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Metadata, TargetGroupBinding

CONFIG = Config(cluster_name="c", region="eu-west-1", vpc_id="vpc-1")
INGRESS: dict[str, Any] = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "Ingress",
    "metadata": {"namespace": "shop", "name": "app", "annotations": {"kubernetes.io/ingress.class": "alb"}},
}

BALANCED: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"namespace": "shop", "name": "web"},
    "spec": {"type": "LoadBalancer", "loadBalancerClass": "service.k8s.aws/nlb", "ports": [{"port": 80}]},
}


def binding(name: str) -> TargetGroupBinding:
    return TargetGroupBinding(metadata=Metadata(namespace="shop", name=name), target_type="ip", service="web", port=80)


@pytest.fixture
def clock() -> Virtual:
    return Virtual()


@pytest.fixture
def app(clock: Virtual) -> App:
    client = Client(Access(server="http://127.0.0.1:9", source="test"), clock=clock)
    return App(client, Session(CONFIG, clock=clock), CONFIG, Options(), Metrics(clock))


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


async def test_many_objects_are_placed_in_turns(app: App, clock: Virtual) -> None:
    app._leading = True
    for number in range(3 * AT_ONCE):
        noun = kinds.parse({**INGRESS, "metadata": {**INGRESS["metadata"], "name": f"app-{number}"}})
        app.cache.put("Ingress", ("shop", f"app-{number}"), noun)
    await clock.advance(GATHER_SECONDS)
    await settle()
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
    assert await app.targets_queue.get() == ("shop", "t")


async def test_services_and_webhooks_are_off_if_the_cluster_does_not_allow_them(clock: Virtual) -> None:
    client = Client(Access(server="http://127.0.0.1:9", source="test"), clock=clock)
    lacking: frozenset[Feature] = frozenset({"services", "webhooks"})
    app = App(client, Session(CONFIG, clock=clock), CONFIG, Options(), Metrics(clock), lacking=lacking)
    app._leading = True
    app.cache.put("Service", ("shop", "web"), kinds.parse(BALANCED))
    app.cache.put("Ingress", ("shop", "app"), kinds.parse(INGRESS))
    await clock.advance(GATHER_SECONDS)
    assert app.index.stacks() == {StackId(tracking.INGRESS, "shop", "app"), StackId(tracking.SERVICE, "shop", "web")}
    assert (await app.groups_queue.get(), len(app.groups_queue)) == (StackId(tracking.INGRESS, "shop", "app"), 0)
    app.resync()
    assert len(app.groups_queue) <= 1
    await asyncio.gather(app.webhooks.run(), app.webhooks.register())  # both end at once: nothing is served, nothing is registered


@pytest.mark.parametrize(("lacking", "kept"), [(frozenset(), True), (frozenset({"last-state"}), False)])
async def test_without_the_permission_no_digests_are_kept(clock: Virtual, lacking: frozenset[Feature], kept: bool) -> None:
    client = Client(Access(server="http://127.0.0.1:9", source="test"), clock=clock)
    elector = Elector(client, ("default", "leader"), "one")
    app = App(client, Session(CONFIG, clock=clock), CONFIG, Options(), Metrics(clock), elector=elector, lacking=lacking)
    assert (app.store.elector is elector) == kept


async def test_kinds_that_the_cluster_does_not_allow_are_not_watched(clock: Virtual) -> None:
    client = Client(Access(server="http://127.0.0.1:9", source="test"), clock=clock)
    lacking: frozenset[Feature] = frozenset({"nodes", "class-params", "events"})
    app = App(client, Session(CONFIG, clock=clock), CONFIG, Options(), Metrics(clock), lacking=lacking)
    assert set(WATCHED) - set(app.watched) == {"Node", "IngressClassParams"}
    assert [each.kind for each in app.reflectors] == list(app.watched)
    assert (app.targets.sees_nodes, app.targets.reporter.gating) == (False, True)


async def test_the_first_pass_is_summed_up_when_nothing_waits(app: App, clock: Virtual) -> None:
    app.metrics.called("elbv2", "DeleteRule", "", 0.1)  # before: not a part of it
    with capture_logs() as lines:
        first = asyncio.create_task(app._first())
        app.targets_queue.add(("shop", "t"))
        await clock.advance(CALM_SECONDS)
        app.metrics.called("elbv2", "CreateRule", "", 0.1)
        app.metrics.called("elbv2", "DescribeRules", "", 0.1)
        app.metrics.errors.labels("ingress", "build_model_error").inc()
        app.metrics.passes.labels("targets", "error").inc()
        app.metrics.passes.labels("targets", "success").inc()
        key = await app.targets_queue.get()
        await clock.advance(CALM_SECONDS)
        assert not first.done()
        app.targets_queue.done(key)
        await clock.advance(CALM_SECONDS)
        assert first.done()
    assert lines[0] == {"event": "groups in place", "log_level": "info", "groups": 0, "later": 0}
    assert lines[1:] == [{"event": "first pass", "log_level": "info", "groups": 0, "bindings": 0, "writes": {"CreateRule": 1}, "failed": 2}]


@pytest.fixture
async def starting(app: App, clock: Virtual) -> AsyncIterator[App]:
    """A controller that leads since now: a group waits, and a target group has no change."""
    app.groups_queue.add(StackId(tracking.INGRESS, "shop", "app"), urgent=False)
    first = asyncio.create_task(app._first())
    app.cache.put(KIND, ("shop", "t"), binding("t"))
    await clock.advance(CALM_SECONDS)
    yield app
    first.cancel()


async def test_target_groups_come_after_the_groups(starting: App, clock: Virtual) -> None:
    key = await starting.groups_queue.get()
    await clock.advance(CALM_SECONDS)
    assert len(starting.targets_queue) == 0
    starting.groups_queue.done(key)
    await clock.advance(CALM_SECONDS)
    assert await starting.targets_queue.get() == ("shop", "t")


async def test_target_groups_do_not_wait_long_for_the_groups(starting: App, clock: Virtual) -> None:
    await clock.advance(FIRST_SECONDS)
    assert (await starting.targets_queue.get(), len(starting.groups_queue)) == (("shop", "t"), 1)


async def test_a_changed_target_group_does_not_wait_for_the_groups(starting: App, clock: Virtual) -> None:
    starting._leading = True
    starting.cache.put(KIND, ("shop", "new"), binding("new"))
    await clock.advance(GATHER_SECONDS)
    assert await starting.targets_queue.get() == ("shop", "new")


async def test_webhooks_see_the_cluster_once_it_is_listed(app: App) -> None:
    assert app._listed() is None
    for reflector in app.reflectors:
        reflector.synced.set()
    found = app._listed()
    assert found is not None
    assert not found.ingresses


async def test_the_classes_of_others_are_known(app: App) -> None:
    for name, controller in (("alb", "ingress.k8s.aws/alb"), ("nginx", "k8s.io/ingress-nginx")):
        body = {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": {"name": name},
            "spec": {"controller": controller},
        }
        app.cache.put("IngressClass", ("", name), kinds.parse(body))
    assert app.webhooks.place().foreign == ("nginx",)


async def test_a_stop_answers_webhooks_a_little_longer(app: App, clock: Virtual) -> None:
    app.webhooks._serving = True
    stop = asyncio.create_task(app.stop())
    await settle()
    assert app.webhooks.desk.draining
    await clock.advance(DRAIN_SECONDS)
    assert stop.done()


async def test_the_members_of_a_class_that_breaks_are_told_at_once(app: App, clock: Virtual) -> None:
    heard: list[tuple[str, str]] = []
    app._leading = True
    app.groups.teller.recorder = SimpleNamespace(emit=lambda event: heard.append((event.reason, event.message[:30])))  # type: ignore[assignment]
    params = {
        "apiVersion": "elbv2.k8s.aws/v1beta1",
        "kind": "IngressClassParams",
        "metadata": {"name": "p"},
        "spec": {"group": {"name": "g"}},
    }
    named = {"apiGroup": "elbv2.k8s.aws", "kind": "IngressClassParams", "name": "p"}
    rule = {"controller": "ingress.k8s.aws/alb", "parameters": named}
    app.cache.put("IngressClassParams", ("", "p"), kinds.parse(params))
    app.cache.put(
        "IngressClass",
        ("", "c"),
        kinds.parse({**params, "apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "c"}, "spec": rule}),
    )
    meta = {"namespace": "shop", "name": "one", "finalizers": ["group.ingress.k8s.aws/g"]}
    app.cache.put("Ingress", ("shop", "one"), kinds.parse({**INGRESS, "metadata": meta, "spec": {"ingressClassName": "c"}}))
    await clock.advance(GATHER_SECONDS)
    assert heard == []
    app.cache.put("IngressClassParams", ("", "p"), None)
    await clock.advance(GATHER_SECONDS)
    assert heard == [("FailedLoadGroupID", "failed load groupID due to LB2")]


async def test_after_a_leader_that_did_not_end_cleanly_it_looks_twice(app: App, clock: Virtual) -> None:
    app.cache.put("Ingress", ("shop", "app"), kinds.parse(INGRESS))
    await clock.advance(GATHER_SECONDS)
    app.cache.put(KIND, ("shop", "t"), binding("t"))
    app.targets.known.lists["arn"] = List((), clock.now())
    app.digests.note("a", "x")
    app.elector = SimpleNamespace(took_over=True)  # type: ignore[assignment]
    again = asyncio.create_task(app._later())
    app._settled.set()
    await clock.advance(LATE_SECONDS - 1)
    assert (len(app.groups_queue), list(app.targets.known.lists), len(app.digests.known)) == (0, ["arn"], 1)
    assert not app.store.on, "a late write may still change what was compared"
    await clock.advance(1)
    assert (len(app.groups_queue), list(app.targets.known.lists), len(app.digests.known)) == (1, [], 0)
    assert app.store.on
    assert await app.targets_queue.get() == ("shop", "t")
    again.cancel()


@pytest.fixture
async def following(app: App, clock: Virtual) -> AsyncIterator[App]:
    """A controller that leads since now, after one that left digests."""
    app.digests.claims = frozenset({b"digest"})
    app.groups_queue.add(StackId(tracking.INGRESS, "shop", "app"), urgent=False)
    app.cache.put(KIND, ("shop", "t"), binding("t"))
    tasks = [asyncio.create_task(app._first()), asyncio.create_task(app._later())]
    await clock.advance(CALM_SECONDS)
    yield app
    for task in tasks:
        task.cancel()


async def test_with_digests_target_groups_do_not_wait_for_the_groups(following: App) -> None:
    assert (await following.targets_queue.get(), len(following.groups_queue)) == (("shop", "t"), 1)


async def test_what_was_accepted_is_compared_after_everything_else(following: App, clock: Virtual) -> None:
    key, group = await following.targets_queue.get(), await following.groups_queue.get()
    following.targets.later(key)
    following.targets_queue.done(key)
    await clock.advance(CALM_SECONDS)
    assert len(following.targets_queue) == 0
    following.groups_queue.done(group)
    with capture_logs() as lines:
        await clock.advance(CALM_SECONDS)
        assert await following.targets_queue.get() == key
        await clock.advance(CALM_SECONDS)
        assert [line["event"] for line in lines] == ["groups in place"], "it is compared now"
        following.targets_queue.done(key)
        await clock.advance(2 * CALM_SECONDS)
    assert [line["event"] for line in lines] == ["groups in place", "first pass"]
    assert following.digests.claims == frozenset()
