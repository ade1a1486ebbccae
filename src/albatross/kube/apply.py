"""Server-side apply of single objects, with a dry run before it, and their deletion."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from albatross.kube.client import APPLY, Client, Object
from albatross.kube.errors import KubeConflict, KubeNotFound

MANAGER = "albatross-install"
"""The field manager of an installation. It differs from that of the running controller, which owns other fields."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of a dry run: the object before and after, or what the server says about fields of other managers."""

    before: Object | None
    after: Object
    conflicts: tuple[str, ...] = ()


def path(body: Object, name: str | None = None) -> str:
    """The path of an object in the API, or with an empty name of all objects of its kind in its namespace."""
    version, namespace = str(body["apiVersion"]), body["metadata"].get("namespace")
    kind = str(body["kind"]).lower()
    plural = kind if kind.endswith("params") else kind + ("es" if kind.endswith("s") else "s")
    parts = ["/apis" if "/" in version else "/api", version, *(("namespaces", namespace) if namespace else ()), plural]
    return "/".join(part for part in (*parts, body["metadata"]["name"] if name is None else name) if part)


async def read(client: Client, body: Object) -> Object | None:
    """The object in the cluster with the same kind and name; None if it, or its kind, does not exist."""
    try:
        return await client.get(path(body))
    except KubeNotFound:
        return None


async def attempt(client: Client, body: Object, force: bool = False) -> Trial:
    """What `apply` would do. The server checks and completes the object, and writes nothing."""
    before = await read(client, body)
    try:
        return Trial(before, await _apply(client, body, force, {"dryRun": "All"}))
    except KubeNotFound:
        # The namespace or the kind is created by the same installation.
        return Trial(before, body)
    except KubeConflict as refusal:
        return Trial(before, body, refusal.causes or (refusal.message,))


async def apply(client: Client, body: Object, force: bool = False) -> Object:
    """Apply an object; `force` replaces values of other field managers. Errors: those of `kube.errors`."""
    return await _apply(client, body, force, {})


async def _apply(client: Client, body: Object, force: bool, more: dict[str, str]) -> Object:
    params = {"fieldManager": MANAGER, "force": "true" if force else "false", **more}
    return await client.patch(path(body), body, APPLY, params)


async def merge(client: Client, body: Object, change: Mapping[str, Any]) -> bool:
    """Merge a change into an object; False if it does not exist."""
    try:
        await client.patch(path(body), dict(change))
    except KubeNotFound:
        return False
    return True


async def remove(client: Client, body: Object) -> bool:
    """Delete an object, and in the background what it owns; False if it did not exist."""
    try:
        await client.delete(path(body), {"propagationPolicy": "Background"})
    except KubeNotFound:
        return False
    return True
