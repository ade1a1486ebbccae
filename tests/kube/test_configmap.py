"""The data of a ConfigMap."""

from tests.kube.wire import Api

from albatross.kube import configmap

KEY = ("default", "notes")


async def test_it_is_created_when_it_is_first_written(api: Api) -> None:
    assert await configmap.read(api.client, KEY) is None
    await configmap.write(api.client, KEY, {"a": "1", "b": "2"})
    await configmap.write(api.client, KEY, {"a": "3"})
    assert await configmap.read(api.client, KEY) == {"a": "3", "b": "2"}


async def test_one_without_data_is_empty(api: Api) -> None:
    await api.make("ConfigMap", "notes")
    assert await configmap.read(api.client, KEY) == {}


async def test_it_can_be_removed_twice(api: Api) -> None:
    await configmap.write(api.client, KEY, {"a": "1"})
    await configmap.remove(api.client, KEY)
    await configmap.remove(api.client, KEY)
    assert await configmap.read(api.client, KEY) is None
