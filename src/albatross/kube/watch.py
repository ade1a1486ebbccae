"""List and watch one kind into the cache, without end: it handles expired versions, restarts, hanging streams and overload."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
import structlog
from aiohttp import StreamReader

from albatross.catalog.kinds import KINDS, Malformed, Noun
from albatross.clock import Clock
from albatross.kube.cache import Cache
from albatross.kube.client import LARGE, Client, Request, failure
from albatross.kube.decode import decoder, unscanned
from albatross.kube.errors import Forbidden, Gone, KubeError, KubeNotFound, KubeThrottled, Refused, Silent, Unauthorized, Unreachable
from albatross.model.snapshot import Key

_T = TypeVar("_T")

log = structlog.get_logger("watch")

END_OF_LIST = "k8s.io/initial-events-end"
PAGE = 500
LIST_SECONDS = 120.0
# After this many events, other tasks get their turn; 200 events need about 5 ms.
TURN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Timeouts of a watch; seconds. `silence`: the longest wait for a byte after the first bookmark (bookmarks come every minute);
    `list_silence`: the same during a streamed list, or before an answer begins. `again`: how long a kind may stay silent after that, so
    that two new lists are tried (chosen by us: twice `list_silence`, `last_delay` and the time of a connection).
    """

    shortest: float = 300
    longest: float = 600
    grace: float = 15
    silence: float = 150
    list_silence: float = 60
    again: float = 240
    first_delay: float = 0.8
    last_delay: float = 30
    healthy: float = 5


class _Event(msgspec.Struct):
    type: str
    object: msgspec.Raw


class _VersionMeta(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    annotations: dict[str, str] | None = None


class _Versioned(msgspec.Struct):
    metadata: _VersionMeta


class _ListMeta(msgspec.Struct, rename={"resource_version": "resourceVersion", "token": "continue"}):
    resource_version: str = ""
    token: str | None = None


class _List(msgspec.Struct):
    metadata: _ListMeta
    items: list[msgspec.Raw] | None = None


_EVENT = msgspec.json.Decoder(_Event)
_VERSION = msgspec.json.Decoder(_Versioned)
_LIST = msgspec.json.Decoder(_List)


@dataclass
class Backoff:
    """Jittered delays that double from `first` to `last`; after `reset` seconds without a delay, they start again at `first`."""

    first: float
    last: float
    clock: Clock
    reset: float = 120
    _count: int = 0
    _at: float = 0

    def next(self, floor: float = 0) -> float:
        """The next delay, at least `floor`."""
        now = self.clock.now()
        if now - self._at > self.reset:
            self._count = 0
        self._at = now
        delay = self.first * 2.0 ** min(self._count, 20)  # 2 to the 20th is more than any `last`
        self._count += 1
        return max(floor, min(self.last, delay) * random.uniform(0.5, 1))

    def forget(self) -> None:
        """Start again at `first`."""
        self._count = 0


@dataclass
class Reflector:
    """Copies one kind (of a namespace, of a selector) into the cache. `counts` are for metrics and tests.

    `forbidden`: the last attempt failed because RBAC does not allow it. `heard`: when the API server sent something last, also a refusal.
    """

    client: Client
    cache: Cache
    kind: str
    namespace: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    timing: Timing = field(default_factory=Timing)
    synced: asyncio.Event = field(default_factory=asyncio.Event)
    counts: Counter[str] = field(default_factory=Counter)
    forbidden: bool = False
    heard: float = field(init=False)

    def __post_init__(self) -> None:
        self.heard = self.client.clock.now()
        self.path = KINDS[self.kind].path(self.namespace)
        self._decode = decoder(self.kind)
        self._version = ""
        self._keys: set[Key] = set()
        self._watchlist = True
        self._listing = False
        self._bookmarked = False
        self._clock = self.client.clock
        self._backoff = Backoff(self.timing.first_delay, self.timing.last_delay, self._clock)

    @property
    def silent(self) -> float:
        """The seconds since the API server said something about this kind."""
        return self._clock.now() - self.heard

    @property
    def allowed(self) -> float:
        """How many seconds it may be silent, with two new lists in between."""
        return (self.timing.silence if self._bookmarked else self.timing.longest + self.timing.grace) + self.timing.again

    @property
    def deaf(self) -> bool:
        """Whether it was silent for longer than it may. Then only a new process helps.

        An API server that refuses or that does not listen is not silent: a new process would hear the same.
        """
        return self.silent > self.allowed

    async def run(self) -> None:
        """Copy until cancelled; errors of the server or the network do not end it."""
        while True:
            floor = 0.0
            try:
                if await self._round():
                    self._backoff.forget()
                    continue
            except Gone:
                self._version = ""
                self.counts["gone"] += 1
                self.heard = self._clock.now()
            except Silent as error:
                self._version = ""
                self.counts["failed"] += 1
                log.warning("watch is silent, listing again", kind=self.kind, error=str(error), seconds=round(self.silent))
            except KubeError as error:
                self.heard = self._clock.now()
                self.forbidden = isinstance(error, Forbidden)
                floor = (error.retry_after or 0) if isinstance(error, Refused) else 0
                self.counts["failed"] += 1
                log.warning("watch failed", kind=self.kind, error=str(error))
            except Exception:
                # A bug in one of our listeners; the next list brings all of them up to date.
                self._version = ""
                self.counts["failed"] += 1
                log.exception("watch failed", kind=self.kind)
            await self._clock.sleep(self._backoff.next(floor))

    async def _round(self) -> bool:
        """One list or one watch; returns whether the next one may follow without a delay."""
        started, before = self._clock.now(), self.counts["event"]
        if self._version:
            async for event in self._events({"resourceVersion": self._version}):
                await self._apply(event)
            self.heard = self._clock.now()
            self.counts["watched"] += 1
            return self.counts["event"] > before and self._clock.now() - started > self.timing.healthy
        if self._watchlist and await self._stream():
            return self._clock.now() - started > self.timing.healthy
        await self._pages()
        return True

    async def _stream(self) -> bool:
        """List as a stream, then continue to watch it; False if the server does not support this. There is no single error for that:

        a server with etcd 3.4 answers 500 in an ERROR event, an old server 400 or 422; a server without the feature ignores the parameter.
        """
        found: dict[Key, Noun] = {}
        query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "resourceVersion": ""}
        self._listing = True
        try:
            async for event in self._events(query):
                if not self._listing:
                    await self._apply(event)
                elif event.type != "BOOKMARK":
                    await self._collect(event.object, found)
                elif _ends_list(event):
                    self._replace(found, _decoded(_VERSION, event.object).metadata.resource_version)
                    self._listing, found = False, {}
                    # The end of a list is a bookmark, so this server sends bookmarks.
                    self._bookmarked = True
        except (Unauthorized, KubeThrottled, Gone):
            raise
        except KubeError as error:
            if not self._listing or isinstance(error, Unreachable):
                self._watchlist = not self._listing
                raise
            log.info("no streamed list, asking for pages", kind=self.kind, error=str(error))
        self._watchlist = not self._listing
        return self._watchlist

    async def _pages(self) -> None:
        found: dict[Key, Noun] = {}
        token: str | None = None
        self._listing = False
        while True:
            page = await self._page(token)
            for item in page.items or ():
                await self._collect(item, found)
            token = page.metadata.token
            await asyncio.sleep(0)
            if not token:
                self._replace(found, page.metadata.resource_version)
                return

    async def _page(self, token: str | None) -> _List:
        params = {**self.params, "limit": str(PAGE), **({"continue": token} if token else {})}
        try:
            async with self.client.open(Request(method="GET", path=self.path, params=params, timeout=LIST_SECONDS)) as answer:
                page = _decoded(_LIST, await answer.read())
                self.heard = self._clock.now()
                return page
        except KubeNotFound:
            # At start: the kind is not installed, so it has no objects. The next round asks again: it can be installed later. After the
            # start, it does not mean that all objects are deleted: the watch would have reported their deletions.
            if not self.synced.is_set():
                self._replace({}, "")
            raise

    async def _events(self, query: Mapping[str, str]) -> AsyncIterator[_Event]:
        seconds = random.uniform(self.timing.shortest, self.timing.longest)
        longest = seconds + self.timing.grace
        params = {**self.params, **query, "watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": str(max(1, round(seconds)))}
        request = Request(method="GET", path=self.path, params=params, timeout=longest + self.timing.grace, answer=self.timing.list_silence)
        async with self.client.open(request) as answer:
            async for line in self._lines(answer.content, longest):
                event = _decoded(_EVENT, line)
                self.heard = self._clock.now()
                if event.type == "ERROR":
                    raise _expired_or(failure(request, msgspec.json.decode(event.object)))
                yield event
                self.counts["event"] += 1
                if not self.counts["event"] % TURN:
                    await asyncio.sleep(0)

    async def _lines(self, content: StreamReader, longest: float) -> AsyncIterator[bytes]:
        rest = bytearray()
        while True:
            async with self._clock.timeout(self._patience(longest)):
                chunk = await content.readany()
            if not chunk:
                return
            rest += chunk
            if b"\n" not in chunk:
                continue
            *lines, last = bytes(rest).split(b"\n")
            rest = bytearray(last)
            for line in filter(None, lines):
                yield line

    def _patience(self, longest: float) -> float:
        if self._listing:
            return self.timing.list_silence
        return min(longest, self.timing.silence) if self._bookmarked else longest

    async def _collect(self, item: msgspec.Raw, found: dict[Key, Noun]) -> None:
        large = memoryview(item).nbytes > LARGE
        try:
            key, noun = await asyncio.to_thread(self._learn, item) if large else self._decode(item)
            found[key] = noun
        except Malformed as error:
            self.counts["malformed"] += 1
            log.error("object left out", kind=self.kind, error=str(error))

    def _learn(self, item: msgspec.Raw) -> tuple[Key, Noun]:
        """Decode and study a large object, in another thread."""
        with unscanned():
            key, noun = self._decode(item)
        return key, self.cache.learn(self.kind, key, noun)

    def _replace(self, found: dict[Key, Noun], version: str) -> None:
        """Store a whole list; objects that are not in it any more were deleted while the watch was interrupted."""
        for key in self._keys - found.keys():
            self.cache.put(self.kind, key, None)
        for key, noun in found.items():
            self.cache.put(self.kind, key, noun)
        self._keys, self._version = set(found), version
        self.counts["listed"] += 1
        self.synced.set()

    async def _apply(self, event: _Event) -> None:
        version = _decoded(_VERSION, event.object).metadata.resource_version
        if event.type == "BOOKMARK":
            self._bookmarked = True
        else:
            await self._change(event)
        self._version = version

    async def _change(self, event: _Event) -> None:
        found: dict[Key, Noun] = {}
        await self._collect(event.object, found)
        for key, noun in found.items():
            gone = event.type == "DELETED"
            (self._keys.discard if gone else self._keys.add)(key)
            self.cache.put(self.kind, key, None if gone else noun)


def _ends_list(event: _Event) -> bool:
    return (_decoded(_VERSION, event.object).metadata.annotations or {}).get(END_OF_LIST) == "true"


def _expired_or(refusal: Refused) -> Refused:
    # Older servers send 504 if their watch cache does not have the version yet; a new list helps in this case too.
    if refusal.status == 504 or refusal.reason in ("Expired", "Gone"):
        return Gone(refusal.method, refusal.path, 410, refusal.reason, refusal.message)
    return refusal


def _decoded(decode: msgspec.json.Decoder[_T], text: bytes | msgspec.Raw) -> _T:
    try:
        return decode.decode(text)
    except msgspec.DecodeError as error:
        # An HTML page of a proxy, or an incomplete line because the server stopped.
        raise Unreachable("the API server", f"its answer is not what was asked for ({error})") from error
