"""Watches: the initial state, the changes, bookmarks, and an end."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass

import orjson

from albatross_sandbox.kube import table, view
from albatross_sandbox.kube.fault import Fault, expired
from albatross_sandbox.kube.resources import Resource
from albatross_sandbox.kube.selector import Selector
from albatross_sandbox.kube.store import Change, Entry, Feed, Store
from albatross_sandbox.kube.value import Obj

_MARK = 60.0  # seconds between bookmarks; k8s.io/apiserver/pkg/storage/cacher defaultBookmarkFrequency
_BATCH = 256  # chosen: initial events sent at once
_BEHIND = 50_000  # chosen: changes after which a watcher that does not read is cut off, as the real server does, to list anew
_END = "k8s.io/initial-events-end"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client wants to watch."""

    resource: Resource
    namespace: str | None
    selector: Selector
    version: str = ""
    bookmarks: bool = False
    initial: bool = False  # sendInitialEvents
    timeout: float | None = None
    form: str = ""  # "", Table or PartialObjectMetadata
    include: str = "Metadata"

    def wants(self, entry: Entry | None) -> bool:
        """Whether an object is among those watched."""
        if entry is None or (self.namespace is not None and entry.key[0] != self.namespace):
            return False
        return entry.selected(self.selector)


class Stream:
    """The lines of one watch."""

    def __init__(self, store: Store, wish: Wish, mark: float = _MARK) -> None:
        self._store, self._wish, self._mark = store, wish, mark
        self._headed = True
        self._encode: Callable[[Entry], bytes] = {"Table": self._table, "PartialObjectMetadata": self._partial}.get(wish.form, self._whole)

    async def lines(self) -> AsyncGenerator[bytes, None]:
        """JSON lines, in chunks that may hold several; an expired version is told by an ERROR event."""
        wish = self._wish
        timeout = wish.timeout if wish.timeout is not None else random.uniform(1800, 3600)
        deadline = _now() + timeout
        with self._store.feed(wish.resource.kept, limit=_BEHIND) as feed:
            try:
                first = self._first()
            except Fault as fault:
                yield _line("ERROR", orjson.dumps(fault.status))
                return
            for start in range(0, len(first), _BATCH):
                yield b"".join(first[start : start + _BATCH])
            if not first:
                yield b""  # the headers go out at once
            async for chunk in self._follow(feed, deadline):
                yield chunk

    def _first(self) -> list[bytes]:
        wish = self._wish
        if wish.version in ("", "0") or wish.initial:
            entries = self._store.scan(wish.resource.kept, wish.namespace)
            found = [self._event("ADDED", entry) for entry in entries if wish.wants(entry)]
            return [*found, self._bookmark({_END: "true"})] if wish.initial and wish.bookmarks else found
        version = _number(wish.version)
        if version > self._store.version:  # of an earlier life of this server: the client has to list anew
            raise expired(f"too large resource version: {version} ({self._store.version})")
        changes = self._store.since(wish.resource.kept, version)
        return [line for line in map(self._changed, changes) if line]

    async def _follow(self, feed: Feed, deadline: float) -> AsyncIterator[bytes]:
        marked = _now()
        while (left := deadline - _now()) > 0:
            pause = marked + self._mark - _now() if self._wish.bookmarks else left
            changes = await feed.next(max(0.0, min(left, pause)))
            if feed.lost:
                return
            chunk = b"".join(line for line in map(self._changed, changes) if line)
            if chunk:
                yield chunk
            if self._wish.bookmarks and _now() - marked >= self._mark:
                marked = _now()
                yield self._bookmark()
        if self._wish.bookmarks:
            yield self._bookmark()

    def _changed(self, change: Change) -> bytes | None:
        """The event that a change is to this watcher: what begins or ceases to match comes as added or deleted."""
        now, then = self._wish.wants(change.entry), self._wish.wants(change.before)
        if change.type == "DELETED":
            return self._event("DELETED", change.entry) if then or now else None
        if now:
            return self._event("MODIFIED" if then else "ADDED", change.entry)
        return self._event("DELETED", change.entry) if then else None

    def _event(self, kind: str, entry: Entry) -> bytes:
        return _line(kind, self._encode(entry))

    def _whole(self, entry: Entry) -> bytes:
        return view.encode(self._wish.resource, entry)

    def _partial(self, entry: Entry) -> bytes:
        return orjson.dumps(table.partial(view.load(self._wish.resource, entry)))

    def _table(self, entry: Entry) -> bytes:
        kept = entry.obj()
        pair = (kept, view.show(self._wish.resource, kept))
        metadata = {"resourceVersion": str(entry.version)}
        found = table.render(self._wish.resource, [pair], metadata, self._wish.include, self._headed)
        self._headed = False
        return orjson.dumps(found)

    def _bookmark(self, annotations: Obj | None = None) -> bytes:
        resource = self._wish.resource
        metadata: Obj = {"resourceVersion": str(self._store.version), "creationTimestamp": None}
        if annotations:
            metadata["annotations"] = annotations
        obj: Obj = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata}
        if self._wish.form == "Table":
            obj = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "columnDefinitions": [], "rows": []}
        elif self._wish.form:
            obj.update({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"})
        return _line("BOOKMARK", orjson.dumps(obj))


def _now() -> float:
    """The time of the event loop, which every wait here has too."""
    return asyncio.get_running_loop().time()


def _number(version: str) -> int:
    try:
        return int(version)
    except ValueError as problem:
        raise Fault(400, "BadRequest", f'Invalid resource version: "{version}"') from problem


def _line(kind: str, body: bytes) -> bytes:
    return b'{"type":"' + kind.encode() + b'","object":' + body + b"}\n"
