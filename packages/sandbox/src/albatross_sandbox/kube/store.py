"""The objects, their versions and their watchers.

Objects are kept as encoded JSON: a tenth of the memory of dictionaries, answered without encoding again, and nobody can
change a stored object by accident. What selectors, garbage collection and deletion ask is kept beside the bytes.
"""

import asyncio
import collections
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from albatross_sandbox.kube import selector
from albatross_sandbox.kube.fault import expired
from albatross_sandbox.kube.value import Obj

Key = tuple[str, str]
"""(namespace, name); the namespace of a cluster-wide object is empty."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One stored object."""

    kind: str
    key: Key
    version: int
    raw: bytes
    uid: str
    labels: dict[str, str]
    fields: tuple[str, ...]
    owners: tuple[str, ...]
    deleting: bool

    def obj(self) -> Obj:
        """The object, decoded anew: the caller may change it."""
        decoded: Obj = orjson.loads(self.raw)
        return decoded

    def selected(self, by: selector.Selector) -> bool:
        """Whether a selector matches."""
        return by.matches(self.kind, self.key, self.labels, self.fields)


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One step of history; `before` is what a MODIFIED or DELETED object was."""

    version: int
    type: str
    entry: Entry
    before: Entry | None


class Feed:
    """The changes of some kinds from the moment it was opened, for the length of a `with`.

    With a limit, a reader that falls further behind loses them all, and `lost` says so.
    """

    def __init__(self, store: "Store", kinds: tuple[str, ...], limit: int = 0) -> None:
        self._store, self._kinds, self._limit = store, kinds, limit
        self.lost = False
        self._ready = asyncio.Event()
        self.pending: collections.deque[Change] = collections.deque()
        for kind in kinds:
            store.feeds[kind].add(self)

    def __enter__(self) -> "Feed":
        return self

    def __exit__(self, *_: object) -> None:
        for kind in self._kinds:
            self._store.feeds[kind].discard(self)

    def push(self, change: Change) -> None:
        """Called by the store."""
        self.pending.append(change)
        self._ready.set()
        if self._limit and len(self.pending) > self._limit:
            self.pending.clear()
            self.lost = True

    async def next(self, timeout: float | None = None) -> list[Change]:
        """What happened since the last call; waits for something, and answers an empty list on time-out."""
        if not self.pending and not self.lost:
            self._ready.clear()
            try:
                async with asyncio.timeout(timeout):
                    await self._ready.wait()
            except TimeoutError:
                return []
        found = list(self.pending)
        self.pending.clear()
        return found


class Store:
    """Every object of the cluster under one counter of versions."""

    def __init__(self, window: int = 4096, first: int = 1000) -> None:
        self.version = first
        self._first = first
        self._window = window
        self._objects: dict[str, dict[str, dict[str, Entry]]] = collections.defaultdict(dict)
        self._history: dict[str, collections.deque[Change]] = collections.defaultdict(lambda: collections.deque(maxlen=window))
        self._dropped: dict[str, int] = {}
        self._dependents: dict[str, dict[tuple[str, str, str], None]] = {}
        self._uids: dict[str, tuple[str, str, str]] = {}
        self.feeds: dict[str, set[Feed]] = collections.defaultdict(set)
        self.recorder: Callable[[Change], None] | None = None  # hears of every change before any feed does

    def get(self, kind: str, namespace: str, name: str) -> Entry | None:
        """The object, or None."""
        return self._objects[kind].get(namespace, {}).get(name)

    def scan(self, kind: str, namespace: str | None = None) -> list[Entry]:
        """The objects of a kind, of one namespace or all, by namespace and name."""
        spaces = self._objects[kind]
        wanted = sorted(spaces) if namespace is None else [namespace]
        return [space[name] for space in (spaces.get(item, {}) for item in wanted) for name in sorted(space)]

    def count(self, kind: str, namespace: str | None = None) -> int:
        """How many objects of a kind there are."""
        spaces = self._objects[kind]
        return sum(map(len, spaces.values())) if namespace is None else len(spaces.get(namespace, ()))

    def inside(self, namespace: str) -> Iterator[Entry]:
        """Everything in a namespace."""
        for spaces in list(self._objects.values()):
            yield from list(spaces.get(namespace, {}).values())

    def everything(self) -> Iterator[Entry]:
        """All objects of all kinds."""
        for spaces in list(self._objects.values()):
            for space in list(spaces.values()):
                yield from list(space.values())

    def owned(self, uid: str) -> list[Entry]:
        """The objects whose ownerReferences name a uid."""
        found = (self.get(*place) for place in list(self._dependents.get(uid, ())))
        return [entry for entry in found if entry]

    def by_uid(self, uid: str) -> Entry | None:
        """The object that has a uid, or None."""
        place = self._uids.get(uid)
        return self.get(*place) if place else None

    def put(self, kind: str, obj: Obj) -> Entry:
        """Store an object in a new version, which is written into it."""
        entry = self._entry(kind, obj)
        space = self._objects[kind].setdefault(entry.key[0], {})
        before = space.get(entry.key[1])
        space[entry.key[1]] = entry
        self._index(entry, before)
        self._publish(Change(entry.version, "MODIFIED" if before else "ADDED", entry, before))
        return entry

    def remove(self, kind: str, obj: Obj) -> Entry:
        """Take an object out; its last state, in a new version, is what watchers see."""
        entry = self._entry(kind, obj)
        namespace, name = entry.key
        before = self._objects[kind][namespace].pop(name)
        if not self._objects[kind][namespace]:
            del self._objects[kind][namespace]
        self._unindex(before)
        self._publish(Change(entry.version, "DELETED", entry, before))
        return entry

    def restore(self, kind: str, raw: bytes) -> None:
        """Put back an object of a former life, in the version it had; nobody hears of it."""
        entry = _entry(kind, orjson.loads(raw), raw)
        self._objects[kind].setdefault(entry.key[0], {})[entry.key[1]] = entry
        self._index(entry, None)

    def since(self, kind: str, version: int) -> list[Change]:
        """What happened to a kind after a version; a Fault 410 where that is too long ago."""
        oldest = self._dropped.get(kind, self._first)
        if version < oldest:
            raise expired(f"too old resource version: {version} ({oldest})")
        history = self._history[kind]
        found = []
        for change in reversed(history):
            if change.version <= version:
                break
            found.append(change)
        return found[::-1]

    def forget(self) -> None:
        """Drop all history, so that every watch from an older version is told 410, as after a compaction."""
        for kind in list(self._objects):
            self._history[kind].clear()
            self._dropped[kind] = self.version

    def feed(self, *kinds: str, limit: int = 0) -> "Feed":
        """Follow some kinds from now on; a limit of 0 waits for any reader."""
        return Feed(self, kinds, limit)

    def _entry(self, kind: str, obj: Obj) -> Entry:
        self.version += 1
        obj["metadata"]["resourceVersion"] = str(self.version)
        return _entry(kind, obj, orjson.dumps(obj))

    def _index(self, entry: Entry, before: Entry | None) -> None:
        if before is None or before.owners != entry.owners or before.uid != entry.uid:
            if before:
                self._unindex(before)
            place = (entry.kind, *entry.key)
            self._uids[entry.uid] = place
            for owner in entry.owners:
                self._dependents.setdefault(owner, {})[place] = None

    def _unindex(self, entry: Entry) -> None:
        place = (entry.kind, *entry.key)
        if self._uids.get(entry.uid) == place:
            del self._uids[entry.uid]
        for owner in entry.owners:
            places = self._dependents.get(owner, {})
            places.pop(place, None)
            if not places:
                self._dependents.pop(owner, None)

    def _publish(self, change: Change) -> None:
        if self.recorder is not None:
            self.recorder(change)
        kind = change.entry.kind
        history = self._history[kind]
        if len(history) == self._window:
            self._dropped[kind] = history[0].version
        history.append(change)
        for feed in self.feeds[kind]:
            feed.push(change)


def _entry(kind: str, obj: Obj, raw: bytes) -> Entry:
    metadata: dict[str, Any] = obj["metadata"]
    return Entry(
        kind=kind,
        key=(metadata.get("namespace") or "", metadata["name"]),
        version=int(metadata["resourceVersion"]),
        raw=raw,
        uid=metadata.get("uid") or "",
        labels=dict(metadata.get("labels") or {}),
        fields=selector.fields(kind, obj),
        owners=tuple(owner.get("uid", "") for owner in metadata.get("ownerReferences") or ()),
        deleting="deletionTimestamp" in metadata,
    )
