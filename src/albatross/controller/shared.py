"""Target groups that several clusters share: a ConfigMap stores which targets belong to this cluster."""

from collections.abc import Iterable

from albatross.kube import configmap
from albatross.kube.client import Client
from albatross.model.snapshot import Key

PREFIX = "aws-lbc-targets-"


def _key(binding: Key) -> Key:
    return binding[0], PREFIX + binding[1]


async def read(client: Client, binding: Key) -> frozenset[str] | None:
    """The cluster's targets as `id:port`; None before the first pass. Until then nothing may be deregistered."""
    found = await configmap.read(client, _key(binding))
    return None if found is None else frozenset(part for part in found.get("targets", "").split(",") if part)


async def write(client: Client, binding: Key, names: Iterable[str]) -> None:
    """Store the cluster's targets as `id:port`."""
    await configmap.write(client, _key(binding), {"targets": ",".join(sorted(names))})


async def remove(client: Client, binding: Key) -> None:
    """Delete the list; it is not an error if the ConfigMap does not exist."""
    await configmap.remove(client, _key(binding))
