"""A many-to-many map of keys to values; a key without values is removed."""

from collections.abc import Hashable, Iterable, Set
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)


class Relation(Generic[K, V]):
    """Sets by key."""

    def __init__(self) -> None:
        self._sets: dict[K, set[V]] = {}
        self._none: frozenset[V] = frozenset()

    def add(self, keys: Iterable[K], value: V) -> None:
        """Add the value to these keys."""
        for key in keys:
            self._sets.setdefault(key, set()).add(value)

    def drop(self, keys: Iterable[K], value: V) -> None:
        """Remove the value from these keys, if they have it."""
        for key in keys:
            if (values := self._sets.get(key)) is not None:
                values.discard(value)
                if not values:
                    del self._sets[key]

    def of(self, key: K) -> Set[V]:
        """The values of a key."""
        return self._sets.get(key, self._none)

    def keys(self) -> Set[K]:
        """The keys that have values."""
        return self._sets.keys()
