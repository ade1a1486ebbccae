import asyncio
from typing import Any

from tests.kube.wire import Api

from albatross.kube.events import BURST, Event, Recorder
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
