import asyncio
import json
import threading
from typing import Any

import pytest
from tests.clock import Virtual, until
from tests.kube.script import Reply, added, bookmark, listed, page, playing, refused
from tests.kube.wire import Api, mirrored

from albatross.catalog import crds as definitions
from albatross.kube import crds
from albatross.kube.cache import Change
from albatross.kube.client import LARGE
from albatross.kube.watch import Backoff, Timing
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
        await api.until(lambda: mirror.names() == {"a", "b"})
        await api.client.delete("/apis/networking.k8s.io/v1/namespaces/default/ingresses/a")
        await api.until(lambda: mirror.names() == {"b"})
        assert kinds(mirror.changes) == [("a", True, False), ("b", True, False), ("a", False, True)]
        assert mirror.reflector.counts["listed"] == 1


async def test_a_change_that_is_not_read_fires_nothing(api: Api) -> None:
    await api.make("Node", "n", "")
    async with mirrored(api.client, "Node") as mirror:
        await api.client.patch("/api/v1/nodes/n", {"metadata": {"annotations": {"beat": "1"}}})
        await api.client.patch("/api/v1/nodes/n", {"metadata": {"labels": {"zone": "a"}}})
        await api.until(lambda: len(mirror.changes) == 2)
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
        await api.until(lambda: len(mirror.names()) == 3)
        assert len(mirror.changes) == 3


async def test_an_expired_version_lists_anew_and_tells_of_deletions(api: Api) -> None:
    await api.make("Ingress", "old", spec=BACKEND)
    async with mirrored(api.client, "Ingress") as mirror:
        api.wire.closed = True
        api.wire.cut()
        await remove(api.running, "ingresses.networking.k8s.io", "old")
        await api.make("Ingress", "new", spec=BACKEND)
        api.running.cluster.store.forget()
        api.wire.closed = False
        await api.until(lambda: mirror.names() == {"new"})
        assert mirror.reflector.counts["gone"] >= 1
        assert set(kinds(mirror.changes)[1:]) == {("old", False, True), ("new", True, False)}


async def test_a_server_that_is_away_at_start_is_waited_for(api: Api) -> None:
    api.wire.closed = True

    async def come_back() -> None:
        await api.until(lambda: api.wire.connections > 2)
        api.wire.closed = False

    back = asyncio.create_task(come_back())
    async with mirrored(api.client, "Ingress") as mirror:
        assert mirror.names() == set()
    await back


async def test_a_kind_that_is_not_installed_is_an_empty_one(api: Api) -> None:
    async with mirrored(api.client, "IngressClassParams") as mirror:
        assert mirror.names() == set()
        await api.until(lambda: mirror.reflector.counts["failed"] == 2)
        await crds.ensure(api.client)
        await api.make("IngressClassParams", "p", "", spec={})
        await api.until(lambda: mirror.names() == {"p"})


async def test_a_listener_that_fails_ends_no_watch(api: Api) -> None:
    async with mirrored(api.client, "Ingress") as mirror:
        broken = [True]

        def fail(_: Change) -> None:
            if broken.pop() if broken else False:
                raise LookupError("a fault of ours")

        mirror.cache.listen(fail)
        await api.make("Ingress", "a", spec=BACKEND)
        await api.until(lambda: mirror.reflector.counts["listed"] == 2)
        await api.make("Ingress", "b", spec=BACKEND)
        await api.until(lambda: mirror.names() == {"a", "b"})


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


async def test_a_large_object_is_decoded_in_a_thread(api: Api) -> None:
    async with mirrored(api.client, "Ingress") as mirror:
        decode, threads = mirror.reflector._decode, []

        def noted(item: Any) -> Any:
            threads.append(threading.get_ident())
            return decode(item)

        mirror.reflector._decode = noted
        await api.make("Ingress", "small", spec=BACKEND)
        await api.make("Ingress", "large", spec=BACKEND, metadata={"annotations": {"a": "x" * LARGE}})
        await api.until(lambda: mirror.names() == {"small", "large"})
    assert [each == threading.get_ident() for each in threads] == [True, False]


# What a server may say ---------------------------------------------------------------------------------------------------


async def test_the_list_and_what_follows_come_in_one_stream() -> None:
    async with playing(Reply([*listed("a"), added("b", 11)], open=True)) as script, mirrored(script.client, "Ingress") as mirror:
        await until(lambda: mirror.names() == {"a", "b"})
        assert script.asked[0]["sendInitialEvents"] == "true"
        assert len(script.asked) == 1


@pytest.mark.parametrize("error", [refused(410, "Expired"), refused(410, "Gone"), refused(504, "Timeout")])
async def test_a_version_that_cannot_be_served_is_listed_anew(error: dict[str, Any]) -> None:
    replies = Reply(listed("a")), Reply([error]), Reply(listed("b"), open=True)
    async with playing(*replies) as script, mirrored(script.client, "Ingress") as mirror:
        await until(lambda: mirror.names() == {"b"}, script.clock)
        assert [each.get("resourceVersion") for each in script.asked] == ["", "10", ""]
        assert (mirror.reflector.counts["gone"], mirror.reflector.counts["failed"]) == (1, 0)


async def test_another_error_in_a_watch_keeps_the_version() -> None:
    replies = Reply(listed("a")), Reply([refused(500, "InternalError")]), Reply([added("b", 11)], open=True)
    async with playing(*replies) as script, mirrored(script.client, "Ingress") as mirror:
        await until(lambda: mirror.names() == {"a", "b"}, script.clock)
        assert [each.get("resourceVersion") for each in script.asked] == ["", "10", "10"]
        assert mirror.reflector.counts["failed"] == 1


async def test_a_watch_goes_on_from_the_last_bookmark() -> None:
    replies = Reply(listed("a")), Reply([bookmark(57)]), Reply(open=True)
    async with playing(*replies) as script, mirrored(script.client, "Ingress"):
        await until(lambda: len(script.asked) == 3, script.clock)
        assert [each.get("resourceVersion") for each in script.asked] == ["", "10", "57"]


async def test_a_silent_stream_is_dropped_once_bookmarks_are_due() -> None:
    replies = Reply(listed("a")), Reply([bookmark(57)], open=True)
    async with playing(*replies) as script, mirrored(script.client, "Ingress", Timing()) as mirror:
        await until(lambda: mirror.reflector.counts["event"] == 3, script.clock)
        await script.clock.advance(Timing().silence - 1)
        assert mirror.reflector.counts["failed"] == 0
        await script.clock.advance(2)
        assert mirror.reflector.counts["failed"] == 1
        await until(lambda: len(script.asked) == 3, script.clock)


async def test_the_end_of_a_list_proves_that_the_server_sends_bookmarks() -> None:
    async with playing(Reply(listed("a"), open=True)) as script, mirrored(script.client, "Ingress", Timing()) as mirror:
        await until(lambda: mirror.names() == {"a"}, script.clock)
        await script.clock.advance(Timing().silence + 1)
        assert mirror.reflector.counts["failed"] == 1


async def test_a_silent_stream_without_bookmarks_is_waited_for_as_long_as_it_may_last() -> None:
    replies = Reply("{}", status=400), page("a"), Reply([added("b", 11)], open=True)
    timing = Timing(shortest=300, longest=300)
    async with playing(*replies) as script, mirrored(script.client, "Ingress", timing) as mirror:
        await until(lambda: mirror.names() == {"a", "b"})
        await script.clock.advance(timing.longest + timing.grace - 1)
        assert mirror.reflector.counts["failed"] == 0
        await script.clock.advance(2)
        assert mirror.reflector.counts["failed"] == 1


@pytest.mark.parametrize("reply", [Reply([refused(500)]), Reply("{}", status=400), Reply("{}", status=422), Reply([added("a", 3)])])
async def test_pages_when_the_list_cannot_be_streamed(reply: Reply) -> None:
    replies = reply, page("a", token="more"), page("b"), Reply([added("late", 11)], open=True)
    async with playing(*replies) as script, mirrored(script.client, "Ingress") as mirror:
        await until(lambda: mirror.names() == {"a", "b", "late"}, script.clock)
        assert [each.get("continue") for each in script.asked] == [None, None, "more", None]
        assert script.asked[3]["resourceVersion"] == "10"


async def test_a_server_that_cannot_stream_is_asked_for_pages_from_then_on() -> None:
    replies = Reply("{}", status=400), page("a"), Reply([refused(410)]), page("b"), Reply(open=True)
    async with playing(*replies) as script, mirrored(script.client, "Ingress") as mirror:
        await until(lambda: mirror.names() == {"b"}, script.clock)
        assert ["sendInitialEvents" in each for each in script.asked[:4]] == [True, False, False, False]


@pytest.mark.parametrize("status", [401, 429])
async def test_a_refusal_that_passes_does_not_end_streaming(status: int) -> None:
    both = [Reply("{}", status=status)] * 2  # a 401 is tried at once with a fresh token
    replies = *both[: 1 + (status == 401)], Reply(listed("a"), open=True)
    async with playing(*replies) as script, mirrored(script.client, "Ingress") as mirror:
        assert mirror.names() == {"a"}
        assert all("sendInitialEvents" in each for each in script.asked)


async def test_a_server_that_names_a_time_is_left_alone_for_so_long() -> None:
    busy = Reply(json.dumps({"kind": "Status"}), status=429, headers={"Retry-After": "77"})
    async with playing(busy, Reply(listed("a"), open=True)) as script:
        began = script.clock.now()
        async with mirrored(script.client, "Ingress"):
            assert script.clock.now() - began == 77


async def test_a_kind_that_is_missing_later_on_takes_nothing_away() -> None:
    replies = Reply(listed("a")), Reply([refused(410, "Expired")]), *[Reply("{}", status=404)] * 4
    async with playing(*replies) as script, mirrored(script.client, "Ingress") as mirror:
        await until(lambda: mirror.reflector.counts["failed"] >= 3, script.clock)
        assert mirror.names() == {"a"}


async def test_something_else_than_a_watch_is_tried_again() -> None:
    replies = Reply(listed("a")), Reply("<html>no</html>\n"), Reply('{"type": "ADDED"'), Reply([added("b", 11)], open=True)
    async with playing(*replies) as script, mirrored(script.client, "Ingress") as mirror:
        await until(lambda: "b" in mirror.names(), script.clock)
        assert mirror.names() == {"a", "b"}


async def test_a_page_that_is_none_is_tried_again() -> None:
    replies = Reply("{}", status=400), Reply("[]"), page("a"), Reply(open=True)
    async with playing(*replies) as script, mirrored(script.client, "Ingress") as mirror:
        assert mirror.names() == {"a"}
        assert mirror.reflector.counts["failed"] == 1


async def test_events_in_pieces_are_put_together() -> None:
    many = [added(f"i{number}", 11 + number) for number in range(450)]
    async with playing(Reply(listed("a")), Reply(many, open=True)) as script, mirrored(script.client, "Ingress") as mirror:
        await until(lambda: len(mirror.names()) == 451, script.clock)


async def test_a_watch_that_went_well_is_followed_at_once() -> None:
    replies = Reply(listed("a")), Reply([added("b", 11)], open=True)
    timing = Timing(shortest=300, longest=300)
    async with playing(*replies) as script, mirrored(script.client, "Ingress", timing) as mirror:
        await until(lambda: "b" in mirror.names(), script.clock)
        assert mirror.reflector.counts["watched"] == 0


def test_backoff_doubles_within_bounds_and_starts_over() -> None:
    clock = Virtual()
    backoff = Backoff(0.8, 30, clock)
    delays = [backoff.next() for _ in range(50)]
    assert all(0.4 <= delay <= 30 for delay in delays)
    assert min(delays[10:]) >= 15
    assert backoff.next(floor=60) == 60
    backoff.forget()
    assert backoff.next() <= 0.8


async def test_backoff_starts_over_after_a_long_while_without_need() -> None:
    clock = Virtual()
    backoff = Backoff(0.8, 30, clock)
    assert max(backoff.next() for _ in range(50)) > 15
    await clock.advance(backoff.reset + 1)
    assert backoff.next() <= 0.8
