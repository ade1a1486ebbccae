"""Target groups that several clusters share: a ConfigMap stores which targets belong to this cluster."""

from collections.abc import Iterable

from albatross.kube.client import Client
from albatross.kube.errors import KubeNotFound
from albatross.model.snapshot import Key

PREFIX = "aws-lbc-targets-"


def _path(binding: Key) -> str:
    return f"/api/v1/namespaces/{binding[0]}/configmaps/{PREFIX}{binding[1]}"


async def read(client: Client, binding: Key) -> frozenset[str] | None:
    """The cluster's targets as `id:port`; None before the first pass. Until then nothing may be deregistered."""
    try:
        found = await client.get(_path(binding))
    except KubeNotFound:
        return None
    text = str((found.get("data") or {}).get("targets", ""))
    return frozenset(part for part in text.split(",") if part)


async def write(client: Client, binding: Key, names: Iterable[str]) -> None:
    """Store the cluster's targets as `id:port`."""
    data = {"targets": ",".join(sorted(names))}
    try:
        await client.patch(_path(binding), {"data": data})
    except KubeNotFound:
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": PREFIX + binding[1], "namespace": binding[0]}, "data": data}
        await client.create(f"/api/v1/namespaces/{binding[0]}/configmaps", body)


async def remove(client: Client, binding: Key) -> None:
    """Delete the list; it is not an error if the ConfigMap does not exist."""
    try:
        await client.delete(_path(binding))
    except KubeNotFound:
        pass
