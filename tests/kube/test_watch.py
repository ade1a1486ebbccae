import asyncio
from typing import Any

from tests.kube.wire import Api, mirrored, until

from albatross.catalog import crds as definitions
from albatross.kube import crds
from albatross.kube.cache import Change
from albatross.kube.watch import Backoff
from albatross_sandbox.kube.child import Running

BACKEND = {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}


def kinds(changes: list[Change]) -> list[tuple[str, bool, bool]]:
    return [(change.key[1], change.old is None, change.new is None) for change in changes]


async def remove(running: Running, kind: str, name: str) -> None:
    await running.cluster.delete(kind, "default", name)


async def test_lists_and_follows(api: Api) -> None:
    await api.make("Ingress", "a", spec=BACKEND)
    async with mirrored(api.client, "Ingress") as mirror:
        assert mirror.names() == {"a"}
        await api.make("Ingress", "b", spec=BACKEND)
        await until(lambda: mirror.names() == {"a", "b"})
        await api.client.delete("/apis/networking.k8s.io/v1/namespaces/default/ingresses/a")
        await until(lambda: mirror.names() == {"b"})
        assert kinds(mirror.changes) == [("a", True, False), ("b", True, False), ("a", False, True)]
        assert mirror.reflector.counts["listed"] == 1


async def test_a_change_that_is_not_read_fires_nothing(api: Api) -> None:
    await api.make("Node", "n", "")
    async with mirrored(api.client, "Node") as mirror:
        await api.client.patch("/api/v1/nodes/n", {"metadata": {"annotations": {"beat": "1"}}})
        await api.client.patch("/api/v1/nodes/n", {"metadata": {"labels": {"zone": "a"}}})
        await until(lambda: len(mirror.changes) == 2)
        assert mirror.cache.objects("Node")[("", "n")].labels["zone"] == "a"


async def test_watches_one_namespace(api: Api) -> None:
    await api.client.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    await api.make("Ingress", "a", spec=BACKEND)
    await api.make("Ingress", "b", "shop", spec=BACKEND)
    async with mirrored(api.client, "Ingress", namespace="shop") as mirror:
        assert mirror.names() == {"b"}


async def test_survives_cut_connections(api: Api) -> None:
    async with mirrored(api.client, "Ingress") as mirror:
        for number in range(3):
            api.wire.cut()
            await api.make("Ingress", f"i{number}", spec=BACKEND)
        await until(lambda: len(mirror.names()) == 3)
        assert len(mirror.changes) == 3


async def test_an_expired_version_lists_anew_and_tells_of_deletions(api: Api) -> None:
    await api.make("Ingress", "old", spec=BACKEND)
    async with mirrored(api.client, "Ingress") as mirror:
        api.wire.closed = True
        api.wire.cut()
        await api.client.access.token.get()
        await remove(api.running, "ingresses.networking.k8s.io", "old")
        await api.make("Ingress", "new", spec=BACKEND)
        api.running.cluster.store.forget()
        api.wire.closed = False
        await until(lambda: mirror.names() == {"new"})
        assert mirror.reflector.counts["gone"] >= 1
        assert set(kinds(mirror.changes)[1:]) == {("old", False, True), ("new", True, False)}


async def test_a_hung_stream_is_dropped_once_bookmarks_are_due(api: Api) -> None:
    async with mirrored(api.client, "Ingress") as mirror:
        mirror.reflector._bookmarked = True
        api.wire.cut()  # the next watch knows that bookmarks are due
        await until(lambda: mirror.reflector.counts["failed"] >= 1)
        api.wire.hold()
        before = mirror.reflector.counts["failed"]
        await until(lambda: mirror.reflector.counts["failed"] > before)
        api.wire.release()
        await api.make("Ingress", "late", spec=BACKEND)
        await until(lambda: mirror.names() == {"late"})


async def test_a_server_that_is_away_at_start_is_waited_for(api: Api) -> None:
    api.wire.closed = True

    async def come_back() -> None:
        await until(lambda: api.wire.connections > 2)
        api.wire.closed = False

    back = asyncio.create_task(come_back())
    async with mirrored(api.client, "Ingress") as mirror:
        assert mirror.names() == set()
    await back


async def test_pages_when_the_list_cannot_be_streamed(api: Api) -> None:
    for number in range(3):
        await api.make("Ingress", f"i{number}", spec=BACKEND)
    async with mirrored(api.client, "Ingress") as mirror:
        mirror.reflector._watchlist = False
        mirror.reflector._version = ""
        api.wire.cut()
        await until(lambda: mirror.reflector.counts["listed"] >= 1 and mirror.reflector._version)
        await api.make("Ingress", "late", spec=BACKEND)
        await until(lambda: "late" in mirror.names())
        assert len(mirror.names()) == 4


async def test_a_kind_that_is_not_installed_is_an_empty_one(api: Api) -> None:
    async with mirrored(api.client, "IngressClassParams") as mirror:
        assert mirror.names() == set()
        assert mirror.reflector.counts["failed"] >= 0


async def test_a_kind_that_is_missing_later_on_takes_nothing_away(api: Api) -> None:
    await crds.ensure(api.client)
    await api.make("TargetGroupBinding", "t", spec={"serviceRef": {"name": "web", "port": 80}})
    async with mirrored(api.client, "TargetGroupBinding") as mirror:
        mirror.reflector.path = "/apis/elbv2.k8s.aws/v1beta1/misrouted"
        mirror.reflector._version = ""
        api.wire.cut()
        await until(lambda: mirror.reflector.counts["failed"] >= 3)
        assert mirror.names() == {"t"}


async def test_a_listener_that_fails_ends_no_watch(api: Api) -> None:
    async with mirrored(api.client, "Ingress") as mirror:
        broken = [True]

        def fail(_: Change) -> None:
            if broken.pop() if broken else False:
                raise LookupError("a fault of ours")

        mirror.cache.listen(fail)
        await api.make("Ingress", "a", spec=BACKEND)
        await until(lambda: mirror.reflector.counts["listed"] == 2)
        await api.make("Ingress", "b", spec=BACKEND)
        await until(lambda: mirror.names() == {"a", "b"})


async def test_a_malformed_object_does_not_hide_the_others(api: Api) -> None:
    definition: dict[str, Any] = definitions.target_group_binding()
    for version in definition["spec"]["versions"]:
        version["schema"] = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    await api.client.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
    await api.make("TargetGroupBinding", "bad", spec={"serviceRef": {"name": 3}})
    await api.make("TargetGroupBinding", "good", spec={"serviceRef": {"name": "web", "port": 80}})
    async with mirrored(api.client, "TargetGroupBinding") as mirror:
        assert mirror.names() == {"good"}
        assert mirror.reflector.counts["malformed"] == 1


def test_backoff_doubles_within_bounds_and_starts_over() -> None:
    backoff = Backoff(0.8, 30)
    delays = [backoff.next() for _ in range(50)]
    assert all(0.4 <= delay <= 30 for delay in delays)
    assert min(delays[10:]) >= 15
    assert backoff.next(floor=60) == 60
    backoff.forget()
    assert backoff.next() <= 0.8
