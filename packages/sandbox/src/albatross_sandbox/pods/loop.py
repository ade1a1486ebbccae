"""Watch, queue, reconcile: the one loop that drives every controller here."""

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from albatross_sandbox.pods.objects import Object, name, namespace
from albatross_sandbox.pods.view import KINDS, View

if TYPE_CHECKING:
    from albatross_sandbox.kube.cluster import Cluster

LOG = logging.getLogger("albatross_sandbox.pods")
Key = tuple[str, str]
# Chosen: a failed reconcile is tried again after this many seconds.
AGAIN = 1.0


class Controller(Protocol):
    """Brings one kind of object to what it should be, key by key."""

    def keys(self, kind: str, obj: Object, before: Object | None) -> Iterable[Key]:
        """The (namespace, name) keys that a change of `obj` concerns."""

    async def reconcile(self, key: Key) -> float | None:
        """Do what is to do now; seconds after which to look again, if any."""


class Watcher(Protocol):
    """Follows changes by itself, without a key or a queue."""

    def observe(self, kind: str, obj: Object, *, gone: bool) -> None:
        """See one change."""


class Loop:
    """Feeds the view and the controllers from the watch."""

    def __init__(self, cluster: "Cluster", view: View, controllers: Iterable[Controller], watchers: Iterable[Watcher]) -> None:
        self._cluster, self._view = cluster, view
        self._controllers, self._watchers = tuple(controllers), tuple(watchers)
        # What the watch brought last: the view may be ahead of it, and then no longer tells what has changed.
        self._seen: dict[tuple[str, str, str], Object] = {}
        self._dirty: dict[tuple[Controller, Key], None] = {}
        self._wake = asyncio.Event()

    async def watch(self) -> None:
        """Take in changes, for ever."""
        async for change, kind, obj in self._cluster.watch(*KINDS):
            if change in ("ADDED", "MODIFIED", "DELETED"):
                self._take(kind, obj, gone=change == "DELETED")

    def _take(self, kind: str, obj: Object, *, gone: bool) -> None:
        place = (kind, namespace(obj), name(obj))
        before = self._seen.pop(place, None)
        if gone:
            self._view.drop(kind, obj)
        else:
            self._view.put(kind, obj)
            self._seen[place] = obj
        for watcher in self._watchers:
            watcher.observe(kind, obj, gone=gone)
        for controller in self._controllers:
            for key in controller.keys(kind, obj, before):
                self._mark(controller, key)

    def _mark(self, controller: Controller, key: Key) -> None:
        self._dirty[controller, key] = None
        self._wake.set()

    async def work(self) -> None:
        """Reconcile what is queued, for ever, letting the servers of pods run in between."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._dirty:
                controller, key = next(iter(self._dirty))
                del self._dirty[controller, key]
                await self._reconcile(controller, key)
                await asyncio.sleep(0)

    async def _reconcile(self, controller: Controller, key: Key) -> None:
        try:
            again = await controller.reconcile(key)
        except Exception:
            LOG.exception("reconciling %s of %s failed", key, type(controller).__name__)
            again = AGAIN
        if again is not None:
            asyncio.get_running_loop().call_later(again, self._mark, controller, key)
