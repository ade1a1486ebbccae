"""Problems found while objects are read, and a list of the annotations that were read."""

from collections.abc import Mapping
from typing import Any

from albatross.catalog import notes
from albatross.frontend.near import hint
from albatross.model.problem import Origin
from albatross.model.snapshot import Key


class ReadingNotes(notes.Notes):
    """Collects problems, and the annotations that were read."""

    def __init__(self) -> None:
        super().__init__()
        self._used: set[tuple[str, str, str, str]] = set()
        self._unreadable: set[Origin] = set()

    def use(self, origin: Origin, key: str) -> None:
        """Note that an annotation was read."""
        self._used.add((origin.kind, origin.namespace, origin.name, key))

    def missing(self, code: str, at: Origin, key: Key, services: Mapping[Key, Any]) -> None:
        """Note that a Service does not exist, and which similar name does."""
        self.add(code, at, service="/".join(key), hint=hint(key, services))

    def absorb(self, other: "ReadingNotes") -> None:
        """Count what another one did not keep, and note which annotations it read."""
        self.join(other)
        self._used |= other._used

    def spoil(self, at: Origin) -> None:
        """Note that the value of an annotation cannot be read."""
        self._unreadable.add(at)

    def unreadable(self, at: Origin) -> bool:
        """Whether the value of an annotation was found to be unreadable. What depends on it is not judged."""
        return at in self._unreadable

    def unused(self, origin: Origin, annotations: Mapping[str, str]) -> tuple[str, ...]:
        """Annotation keys of an object that were not read."""
        return tuple(sorted(key for key in annotations if (origin.kind, origin.namespace, origin.name, key) not in self._used))
