"""Watches, as they go over the wire."""

import asyncio
import json

import aiohttp
import pytest
from packages.sandbox.tests.kube.conftest import PODS, Api, Make, Obj


class Watch:
    """The events of one watch."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def next(self) -> Obj:
        async with asyncio.timeout(20):
            event: Obj = json.loads(await self._answer.content.readline())
        return event

    async def names(self, count: int) -> list[tuple[str, str]]:
        events = [await self.next() for _ in range(count)]
        return [(event["type"], event["object"]["metadata"].get("name", "")) for event in events]


async def watch(api: Api, path: str, **headers: str) -> Watch:
    answer = await api.session.get(api.cluster.server + path, headers=headers)
    api.opened.append(answer)
    return Watch(answer)


async def test_a_watch_from_a_version_has_what_came_after(api: Api, make: Make) -> None:
    await api.cluster.create(make.pod("a"))
    version = api.cluster.store.version
    await api.cluster.create(make.pod("b"))
    events = await watch(api, f"{PODS}?watch=1&resourceVersion={version}")
    await api.cluster.delete("pods", "default", "a")
    assert await events.names(2) == [("ADDED", "b"), ("DELETED", "a")]


async def test_an_expired_version_is_told(api: Api, make: Make) -> None:
    await api.cluster.create(make.pod("a"))
    api.cluster.store.forget()
    event = await (await watch(api, f"{PODS}?watch=1&resourceVersion=1001")).next()
    assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")


async def test_a_version_of_another_life_is_expired(api: Api) -> None:
    event = await (await watch(api, f"{PODS}?watch=1&resourceVersion=99999999")).next()
    assert event["object"]["code"] == 410
    code, status = await api.call("GET", f"{PODS}?resourceVersion=99999999")
    assert (code, status["details"]["causes"][0]["reason"]) == (504, "ResourceVersionTooLarge")


async def test_a_selected_watch_sees_objects_come_and_go(api: Api, make: Make) -> None:
    await api.cluster.create(make.pod("a"))
    events = await watch(api, f"{PODS}?watch=1&labelSelector=on%3Dyes&resourceVersion={api.cluster.store.version}")
    for value in ("yes", "no"):
        await api.cluster.merge("pods", "default", "a", {"metadata": {"labels": {"on": value}}})
    assert await events.names(2) == [("ADDED", "a"), ("DELETED", "a")]


async def test_a_list_can_be_watched(api: Api, make: Make) -> None:
    await api.cluster.create(make.pod("a"))
    query = "watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&resourceVersion="
    events = await watch(api, f"{PODS}?{query}")
    assert await events.names(1) == [("ADDED", "a")]
    mark = await events.next()
    assert mark["type"] == "BOOKMARK"
    assert mark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_a_watch_ends_in_time_with_a_bookmark(api: Api) -> None:
    async with asyncio.timeout(20):
        async with api.session.get(f"{api.cluster.server}{PODS}?watch=1&timeoutSeconds=1&allowWatchBookmarks=true") as answer:
            lines = (await answer.read()).splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["BOOKMARK"]


async def test_only_the_first_table_of_a_watch_has_a_head(api: Api, make: Make) -> None:
    for name in "ab":
        await api.cluster.create(make.pod(name))
    events = await watch(api, f"{PODS}?watch=1", Accept="application/json;as=Table;v=v1;g=meta.k8s.io,application/json")
    tables = [(await events.next())["object"] for _ in range(2)]
    assert [bool(table["columnDefinitions"]) for table in tables] == [True, False]
    assert tables[1]["rows"][0]["cells"][:3] == ["b", "0/1", "Pending"]


async def test_a_closed_watch_leaves_nothing(api: Api) -> None:
    answer = await api.session.get(f"{api.cluster.server}{PODS}?watch=1")
    assert api.cluster.store.feeds["pods"]
    answer.close()
    for _ in range(2000):
        if not api.cluster.store.feeds["pods"]:
            return
        await asyncio.sleep(0.01)
    pytest.fail("the feed is still open")
