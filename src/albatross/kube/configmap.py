"""The data of a ConfigMap that only the controller writes."""

from collections.abc import Mapping

from albatross.kube.client import Client
from albatross.kube.errors import KubeNotFound
from albatross.model.snapshot import Key


async def read(client: Client, key: Key) -> Mapping[str, str] | None:
    """Its data; None if it does not exist. Errors: KubeError."""
    try:
        found = await client.get(_path(key))
    except KubeNotFound:
        return None
    return {str(name): str(text) for name, text in (found.get("data") or {}).items()}


async def write(client: Client, key: Key, data: Mapping[str, str]) -> None:
    """Write these entries of its data, and create it if it does not exist. Errors: KubeError."""
    try:
        await client.patch(_path(key), {"data": dict(data)})
    except KubeNotFound:
        metadata = {"name": key[1], "namespace": key[0]}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": dict(data)}
        await client.create(_path((key[0], "")).rstrip("/"), body)


async def remove(client: Client, key: Key) -> None:
    """Delete it; it is not an error if it does not exist. Errors: KubeError."""
    try:
        await client.delete(_path(key))
    except KubeNotFound:
        pass


def _path(key: Key) -> str:
    return f"/api/v1/namespaces/{key[0]}/configmaps/{key[1]}"
