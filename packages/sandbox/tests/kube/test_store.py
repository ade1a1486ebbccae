import asyncio
from typing import Any

import pytest

from albatross_sandbox.kube.fault import Fault
from albatross_sandbox.kube.selector import Selector, labels
from albatross_sandbox.kube.store import Store


def thing(name: str, namespace: str = "a", **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace, "uid": f"uid-{namespace}-{name}", **metadata}}


def test_every_write_is_a_new_version() -> None:
    store = Store(first=10)
    assert [store.put("pods", thing(name)).version for name in "ab"] == [11, 12]
    assert store.remove("pods", thing("a")).version == 13


def test_a_read_object_may_be_changed() -> None:
    store = Store()
    store.put("pods", thing("a"))
    entry = store.get("pods", "a", "a")
    assert entry
    entry.obj()["metadata"]["name"] = "b"
    assert entry.obj()["metadata"]["name"] == "a"


def test_scan_is_sorted_and_by_namespace() -> None:
    store = Store()
    for namespace, name in (("b", "x"), ("a", "z"), ("a", "y")):
        store.put("pods", thing(name, namespace))
    assert [entry.key for entry in store.scan("pods")] == [("a", "y"), ("a", "z"), ("b", "x")]
    assert [entry.key for entry in store.scan("pods", "b")] == [("b", "x")]


def test_history_answers_until_it_forgets() -> None:
    store = Store(window=2, first=0)
    for name in "abc":
        store.put("pods", thing(name))
    assert [change.entry.key[1] for change in store.since("pods", 1)] == ["b", "c"]
    with pytest.raises(Fault) as caught:
        store.since("pods", 0)
    assert (caught.value.code, caught.value.reason) == (410, "Expired")


def test_forgetting_expires_every_older_version() -> None:
    store = Store()
    version = store.put("pods", thing("a")).version - 1
    store.forget()
    with pytest.raises(Fault):
        store.since("pods", version)
    assert store.since("pods", store.version) == []


def test_dependents_are_found_by_their_owner() -> None:
    store = Store()
    store.put("pods", thing("a", ownerReferences=[{"uid": "owner"}]))
    assert [entry.key[1] for entry in store.owned("owner")] == ["a"]
    store.put("pods", thing("a"))
    assert store.owned("owner") == []


async def test_a_feed_has_what_came_after_it() -> None:
    store = Store()
    store.put("pods", thing("before"))
    with store.feed("pods", "nodes") as feed:
        store.put("pods", thing("a"))
        store.put("nodes", thing("n", ""))
        store.put("services", thing("s"))
        assert [(change.type, change.entry.key[1]) for change in await feed.next()] == [("ADDED", "a"), ("ADDED", "n")]
        assert await feed.next(timeout=0.01) == []
    assert not store.feeds["pods"]


async def test_a_reader_too_far_behind_is_told() -> None:
    store = Store()
    with store.feed("pods", limit=2) as feed:
        for name in "abc":
            store.put("pods", thing(name))
        assert (await feed.next(), feed.lost) == ([], True)


async def test_a_waiting_feed_wakes() -> None:
    store = Store()
    with store.feed("pods") as feed:
        waiting = asyncio.create_task(feed.next())
        await asyncio.sleep(0)
        store.put("pods", thing("a"))
        assert len(await waiting) == 1


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("app=web", True),
        ("app==web,tier!=db", True),
        ("app in (api, web)", True),
        ("app notin (api)", True),
        ("app notin (web)", False),
        ("app,!canary", True),
        ("!app", False),
        ("canary", False),
        ("weight>3,weight<5", True),
        ("weight>4", False),
        ("example.com/a=b", True),
    ],
)
def test_label_selectors(text: str, matches: bool) -> None:
    have = {"app": "web", "weight": "4", "example.com/a": "b"}
    assert Selector(labels(text)).matches("pods", ("a", "b"), have, ()) is matches


def test_a_bad_selector_is_refused() -> None:
    with pytest.raises(Fault):
        labels("a b")
