"""The objects that the watches have seen, stored so that a snapshot is cheap: maps in shards, copied on write."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar

from albatross.catalog.kinds import KINDS, Noun
from albatross.model.snapshot import EndpointSlice, Key, Snapshot

V = TypeVar("V")

# 50k pods give shards of about 200: small enough to copy one at each write, few enough to copy the list of shards at each snapshot.
SHARDS = 256


class Frozen(Mapping[Key, V], Generic[V]):
    """An immutable map made of shards, without an order."""

    __slots__ = ("_shards", "_size")

    def __init__(self, shards: tuple[dict[Key, V], ...], size: int) -> None:
        self._shards = shards
        self._size = size

    def __getitem__(self, key: Key) -> V:
        return self._shards[hash(key) % SHARDS][key]

    def __contains__(self, key: object) -> bool:
        return key in self._shards[hash(key) % SHARDS]

    def __iter__(self) -> Iterator[Key]:
        for shard in self._shards:
            yield from shard

    def __len__(self) -> int:
        return self._size


class Table(Generic[V]):
    """A map of the objects of one kind, with immutable snapshots that share every unchanged shard."""

    def __init__(self) -> None:
        self._shards: list[dict[Key, V]] = [{} for _ in range(SHARDS)]
        self._shared = bytearray(SHARDS)
        self._size = 0
        self._frozen: Frozen[V] | None = None

    def get(self, key: Key) -> V | None:
        """The object, or None."""
        return self._shards[hash(key) % SHARDS].get(key)

    def set(self, key: Key, value: V | None) -> V | None:
        """Store an object, or remove it if the value is None; returns the previous one."""
        place = hash(key) % SHARDS
        shard = self._shards[place]
        old = shard.get(key)
        if self._shared[place]:
            shard = self._shards[place] = dict(shard)
            self._shared[place] = 0
        if value is None:
            shard.pop(key, None)
        else:
            shard[key] = value
        self._size += (value is not None) - (old is not None)
        self._frozen = None
        return old

    def keys(self) -> list[Key]:
        """All keys, without an order."""
        return [key for shard in self._shards for key in shard]

    def freeze(self) -> Frozen[V]:
        """The map as it is now."""
        if self._frozen is None:
            self._shared = bytearray(b"\x01" * SHARDS)
            self._frozen = Frozen(tuple(self._shards), self._size)
        return self._frozen


@dataclass(frozen=True, slots=True)
class Change:
    """One changed object; `old` None: it is new; `new` None: it was deleted. `study`: what `Cache.study` found out, if it was asked."""

    kind: str
    key: Key
    old: Noun | None
    new: Noun | None
    study: object = None


def _shared(old: Any, new: Any) -> Any:
    """The new value with every equal part of the old one; lists are compared place by place."""
    if old == new:
        return old
    if not isinstance(old, tuple) or not isinstance(new, tuple):
        return new
    return (*(before if before == now else now for before, now in zip(old, new, strict=False)), *new[len(old) :])


class Cache:
    """All watched objects, and the listeners for changes. `study` finds out what listeners need of a large object, in another thread."""

    def __init__(self) -> None:
        self.study: Callable[[Change], object] = lambda change: None
        self._learnt: dict[tuple[str, Key], tuple[Noun, object]] = {}
        self._tables: dict[str, Table[Any]] = {kind: Table() for kind in KINDS}
        self._slices: dict[Key, dict[Key, EndpointSlice]] = {}
        self._listeners: list[Callable[[Change], None]] = []

    def listen(self, listener: Callable[[Change], None]) -> None:
        """Call `listener` for every change from now on, immediately and in the event loop."""
        self._listeners.append(listener)

    def learn(self, kind: str, key: Key, noun: Noun) -> Noun:
        """Prepare to store a large object: compare it, and study the change. Call it in another thread, and then `put` with the result.

        The result shares every equal part with the stored object, so that comparisons of both are fast. Only one task stores a kind.
        """
        old = self._tables[kind].get(key)
        if type(old) is type(noun):
            parts = {each.name: _shared(getattr(old, each.name), getattr(noun, each.name)) for each in fields(noun)}
            noun = old if all(part is getattr(old, name) for name, part in parts.items()) else replace(noun, **parts)
        if noun is not old:
            self._learnt[kind, key] = noun, self.study(Change(kind, key, old, noun))
        return noun

    def put(self, kind: str, key: Key, noun: Noun | None) -> None:
        """Store an object, or remove it if it is None; calls the listeners unless it is equal to the previous one."""
        learnt, study = self._learnt.pop((kind, key), (None, None))
        table = self._tables[kind]
        if noun is not None and table.get(key) == noun:
            return
        old = table.set(key, noun)
        if old is None and noun is None:
            return
        self._index(key, old, noun)
        change = Change(kind, key, old, noun, study if learnt is noun else None)
        for listener in self._listeners:
            listener(change)

    def get(self, kind: str, key: Key) -> Any:
        """The object (of the class that `catalog.kinds` has for the kind), or None."""
        return self._tables[kind].get(key)

    def keys(self, kind: str) -> list[Key]:
        """The keys of all objects of a kind, without an order."""
        return self._tables[kind].keys()

    def objects(self, kind: str) -> Mapping[Key, Any]:
        """All current objects of a kind."""
        return self._tables[kind].freeze()

    def slices(self, service: Key) -> tuple[EndpointSlice, ...]:
        """The EndpointSlices of a Service, by name."""
        found = self._slices.get(service, {})
        return tuple(found[key] for key in sorted(found))

    def snapshot(self) -> Snapshot:
        """The current state of the cluster; needs microseconds for any cluster size."""
        maps: dict[str, Any] = {row.field: self._tables[kind].freeze() for kind, row in KINDS.items()}
        return Snapshot(**maps)

    def _index(self, key: Key, old: Noun | None, new: Noun | None) -> None:
        for piece in (old, new):
            if isinstance(piece, EndpointSlice):
                pieces = self._slices.setdefault((piece.namespace, piece.service), {})
                pieces.pop(key, None)
                if piece is new:
                    pieces[key] = piece
                elif not pieces:
                    del self._slices[(piece.namespace, piece.service)]
