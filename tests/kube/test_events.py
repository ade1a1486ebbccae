import asyncio
from typing import Any

import pytest
from tests.clock import until
from tests.kube.script import Reply, Script, playing
from tests.kube.wire import Api

from albatross.kube.events import BURST, REFILL_SECONDS, Event, Recorder
from albatross.model.snapshot import Metadata

APP = Metadata(namespace="default", name="app", uid="u1", resource_version="7")


def event(message: str, metadata: Metadata = APP) -> Event:
    return Event("Ingress", metadata, "Warning", "FailedBuildModel", message)


async def written(api: Api, *events: Event) -> list[dict[str, Any]]:
    recorder = Recorder(api.client)
    task = asyncio.create_task(recorder.run())
    for each in events:
        recorder.emit(each)
    await recorder.flush()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return list((await api.client.get("/api/v1/namespaces/default/events"))["items"])


async def test_an_event_says_who_about_what(api: Api) -> None:
    (found,) = await written(api, event("no subnet"))
    assert found["involvedObject"] == {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "namespace": "default",
        "name": "app",
        "uid": "u1",
        "resourceVersion": "7",
    }
    assert (found["source"]["component"], found["reason"], found["message"], found["type"]) == (
        "ingress",
        "FailedBuildModel",
        "no subnet",
        "Warning",
    )


async def test_repeats_are_counted(api: Api) -> None:
    found = await written(api, event("a"), event("a"), event("b"), event("a"))
    assert sorted((each["message"], each["count"]) for each in found) == [("a", 3), ("b", 1)]


async def test_too_many_about_one_object_are_dropped(api: Api) -> None:
    other = Metadata(namespace="default", name="other", uid="u2")
    found = await written(api, *(event(str(number)) for number in range(BURST + 20)), event("heard", other))
    assert len(found) == BURST + 1


async def test_an_event_that_expired_is_written_anew(api: Api) -> None:
    recorder = Recorder(api.client)
    task = asyncio.create_task(recorder.run())
    recorder.emit(event("a"))
    await recorder.flush()
    (first,) = (await api.client.get("/api/v1/namespaces/default/events"))["items"]
    await api.client.delete(f"/api/v1/namespaces/default/events/{first['metadata']['name']}")
    recorder.emit(event("a"))
    await recorder.flush()
    task.cancel()
    (second,) = (await api.client.get("/api/v1/namespaces/default/events"))["items"]
    assert second["count"] == 1


async def test_long_messages_are_cut(api: Api) -> None:
    (found,) = await written(api, event("x" * 5000))
    assert len(found["message"]) == 1024


async def test_a_server_that_is_away_stops_nobody(api: Api) -> None:
    recorder = Recorder(api.client)
    task = asyncio.create_task(recorder.run())
    api.wire.closed = True
    recorder.emit(event("a"))
    await recorder.flush()
    assert not task.done()
    task.cancel()


# In the background -----------------------------------------------------------------------------------------------------

STORED = Reply('{"metadata": {"name": "app.1"}}')


async def told(script: Script, *events: Event) -> Recorder:
    """A recorder that has done what it could."""
    recorder = Recorder(script.client)
    for each in events:
        recorder.emit(each)
    task = asyncio.create_task(recorder.run())
    await recorder.flush()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return recorder


async def test_a_quiet_object_may_be_told_of_again() -> None:
    async with playing(*[STORED] * (BURST + 3)) as script:
        recorder = await told(script, *(event(str(number)) for number in range(BURST + 1)))
        assert len(script.asked) == BURST
        await script.clock.advance(2 * REFILL_SECONDS)
        task = asyncio.create_task(recorder.run())
        for number in range(3):
            recorder.emit(event(f"again {number}"))
        await recorder.flush()
        task.cancel()
        assert len(script.asked) == BURST + 2


async def test_what_does_not_fit_in_the_queue_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("albatross.kube.events.WAITING", 3)
    async with playing(*[STORED] * 5) as script:
        await told(script, *(event(str(number)) for number in range(5)))
        assert len(script.asked) == 3


async def test_an_answer_that_makes_no_sense_ends_nothing() -> None:
    async with playing(Reply("{}"), STORED) as script:
        await told(script, event("a"), event("b"))
        assert len(script.asked) == 2


async def test_a_server_that_hangs_holds_no_end_up() -> None:
    async with playing(Reply(open=True)) as script:
        ending = asyncio.create_task(told(script, event("a")))
        await until(lambda: script.asked)
        await script.clock.advance(2)
        await ending


async def test_only_so_many_objects_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("albatross.kube.events.REMEMBERED", 2)
    objects = [Metadata(namespace="default", name=f"n{n}", uid=str(n)) for n in range(3)]
    async with playing(*[STORED] * 5) as script:
        await told(script, *(event("a", each) for each in (*objects, objects[2], objects[0])))
        assert script.methods == ["POST", "POST", "POST", "PATCH", "POST"], "the first was forgotten, so it is written anew"


async def test_two_events_at_one_moment_have_two_names() -> None:
    async with playing(STORED, STORED) as script:
        await told(script, event("a"), event("b"))
        names = {body["metadata"]["name"] for body in script.bodies}
        assert len(names) == 2


async def test_where_events_are_not_allowed_none_is_kept(api: Api) -> None:
    recorder = Recorder(api.client, off=True)
    recorder.emit(event("no subnet"))
    await recorder.flush()  # without `run`, an event in the queue would keep it waiting
    assert (await api.client.get("/api/v1/namespaces/default/events"))["items"] == []
