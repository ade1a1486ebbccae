"""The cluster as the controllers here see it: what the watch brought and what they wrote themselves, read without copying.

A write is in the view when it returns, so that a controller never acts twice on what it did a moment ago. Objects handed
out are shared: only `edit` may change one.
"""

import secrets
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import orjson

from albatross_sandbox.kube.fault import Fault
from albatross_sandbox.pods.objects import Object, name, namespace, now, uid

if TYPE_CHECKING:
    from albatross_sandbox.kube.cluster import Cluster

PODS, SERVICES, NODES, EVENTS, ENDPOINTS = "pods", "services", "nodes", "events", "endpoints"
DEPLOYMENTS, REPLICASETS = "deployments.apps", "replicasets.apps"
SLICES = "endpointslices.discovery.k8s.io"
KINDS = (NODES, SERVICES, DEPLOYMENTS, REPLICASETS, PODS, SLICES, ENDPOINTS)
# The letters of generated names: https://github.com/kubernetes/apimachinery/blob/master/pkg/util/rand/rand.go
LETTERS = "bcdfghjklmnpqrstvwxz2456789"
# Chosen: writes of one object that others overtook.
TRIES = 5


def suffix(length: int = 5) -> str:
    """Random letters for a generated name."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


class View:
    """A consistent, current picture of the kinds in KINDS."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster
        self._objects: dict[str, dict[str, dict[str, Object]]] = {kind: {} for kind in KINDS}
        self._events: dict[tuple[str, str, str], str] = {}

    def get(self, kind: str, space: str, called: str) -> Object | None:
        """The object, or None."""
        return self._objects[kind].get(space, {}).get(called)

    def all(self, kind: str, space: str | None = None) -> Iterator[Object]:
        """The objects of a kind, of one namespace or all."""
        spaces = self._objects[kind]
        for found in list(spaces.values()) if space is None else [spaces.get(space, {})]:
            yield from list(found.values())

    def put(self, kind: str, obj: Object) -> None:
        """Keep an object unless a newer state of it is known."""
        space = self._objects[kind].setdefault(namespace(obj), {})
        before = space.get(name(obj))
        if before is None or _version(before) < _version(obj):
            space[name(obj)] = obj

    def drop(self, kind: str, obj: Object) -> None:
        """Forget a deleted object, unless another of its name is known already."""
        space = self._objects[kind].get(namespace(obj), {})
        known = space.get(name(obj))
        if known is not None and uid(known) == uid(obj):
            del space[name(obj)]

    async def create(self, kind: str, obj: Object) -> Object | None:
        """Create an object; None when the API server refuses (the name is taken, the namespace is going)."""
        try:
            return await self.make(kind, obj)
        except Fault:
            return None

    async def make(self, kind: str, obj: Object) -> Object:
        """Create an object; raises Fault when the API server refuses."""
        made = await self._cluster.create(obj)
        if kind in self._objects:
            self.put(kind, made)
        return made

    async def edit(self, kind: str, obj: Object, change: Callable[[Object], None], subresource: str = "") -> Object | None:
        """Apply `change` to the newest state of `obj`; None when it is gone or another one has its name."""
        for _ in range(TRIES):
            newest = self._cluster.get(kind, namespace(obj), name(obj))
            if newest is None or uid(newest) != uid(obj):
                return None
            before = orjson.dumps(newest)
            change(newest)
            if orjson.dumps(newest) == before:
                return newest
            try:
                written = await self._cluster.update(newest, subresource)
            except Fault as fault:
                if fault.code == 404:
                    return None
                if fault.code != 409:
                    raise
            else:
                self.put(kind, written)
                return written
        return None

    async def delete(self, kind: str, obj: Object, *, at_once: bool = False) -> None:
        """Delete an object; `at_once` ends a pod's graceful deletion, as its kubelet does at last."""
        try:
            newest = self._cluster.get(kind, namespace(obj), name(obj))
            if newest is not None and uid(newest) == uid(obj):
                await self._cluster.delete(kind, namespace(obj), name(obj), grace=0 if at_once else None)
        except Fault as fault:
            if fault.code not in (404, 409):
                raise

    async def event(self, about: Object, kind: str, reason: str, message: str) -> None:
        """Record a Normal or Warning event; the same one again counts up."""
        seen = (uid(about), reason, message)
        space = namespace(about) or "default"
        known = self._events.get(seen)
        if known is not None and await self._count(space, known):
            return
        stamp = now()
        made = await self.create(EVENTS, _event(about, space, {"type": kind, "reason": reason, "message": message}, stamp))
        if made is not None:
            self._events[seen] = name(made)

    async def _count(self, space: str, called: str) -> bool:
        def up(event: Object) -> None:
            event["count"] = int(event.get("count") or 1) + 1
            event["lastTimestamp"] = now()

        try:
            event = self._cluster.get(EVENTS, space, called)
            if event is None:
                return False
            up(event)
            await self._cluster.update(event)
        except Fault:
            return False
        return True


def _event(about: Object, space: str, what: Object, stamp: str) -> Object:
    involved = {
        "apiVersion": about["apiVersion"],
        "kind": about["kind"],
        "name": name(about),
        "namespace": namespace(about),
        "uid": uid(about),
    }
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{name(about)}.{secrets.token_hex(8)}", "namespace": space},
        "involvedObject": involved,
        **what,
        "source": {"component": "sandbox"},
        "firstTimestamp": stamp,
        "lastTimestamp": stamp,
        "count": 1,
    }


def _version(obj: Object) -> int:
    return int(obj["metadata"].get("resourceVersion") or 0)
