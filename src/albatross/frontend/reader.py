"""Annotations of an object, or of several laid over one another, read by rows of the annotation table."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from albatross.catalog.annotations import Annotation
from albatross.catalog.value import Parsed
from albatross.frontend.notes import ReadingNotes
from albatross.model.intent import Keyed, Setting
from albatross.model.problem import Origin

T = TypeVar("T")
U = TypeVar("U")

Layer = tuple[Origin, Mapping[str, str]]
"""An object and its annotations."""


def place(origin: Origin, key: str, pointer: str = "") -> Origin:
    """An annotation of an object, as kubectl spells it."""
    return origin.at(f'metadata.annotations["{key}"]', pointer)


class Reader:
    """Reads annotations from layers, the first that has one winning; what is wrong goes to the notes."""

    def __init__(self, layers: tuple[Layer, ...], notes: ReadingNotes) -> None:
        self._layers = layers
        self._notes = notes

    @property
    def layers(self) -> tuple["Reader", ...]:
        """One reader for each layer, the topmost first."""
        return tuple(Reader((layer,), self._notes) for layer in self._layers)

    def raw(self, key: str) -> Setting[str] | None:
        """The text of an annotation."""
        found: Setting[str] | None = None
        for origin, annotations in self._layers:
            if key in annotations:
                self._notes.use(origin, key)
                found = found or Setting(annotations[key], place(origin, key))
        return found

    def read(self, row: Annotation[T], key: str = "") -> Setting[T] | None:
        """The value of an annotation; `key` where the row's own is a pattern. None when absent or refused."""
        raw = self.raw(key or row.key)
        if raw is None:
            return None
        if row.deprecated:
            self._notes.add("LB134", raw.origin, annotation=row.name, reason=row.deprecated)
        return self._settled(raw, row.parse(raw.value))

    def keyed(self, row: Annotation[tuple[tuple[str, str], ...]], key: str = "") -> Keyed:
        """A map's values, each with the map's place."""
        found = self.read(row, key)
        return {name: Setting(value, found.origin) for name, value in found.value} if found else {}

    def either(self, row: Annotation[T], ruling: Setting[T] | None) -> Setting[T] | None:
        """The class's value where it has one; an annotation beside it is not even parsed."""
        if ruling is None:
            return self.read(row)
        raw = self.raw(row.key)
        if raw is not None:
            self._notes.add("LB130", raw.origin, annotation=row.name, by=f"{ruling.origin.object} {ruling.origin.field}")
        return ruling

    def narrowed(self, found: Setting[T] | None, narrow: Callable[[T], Parsed[U]]) -> Setting[U] | None:
        """A value put through one more parser."""
        return self._settled(found, narrow(found.value)) if found else None

    def _settled(self, found: Setting[T] | Setting[str], parsed: Parsed[U]) -> Setting[U] | None:
        for fault in parsed.faults:
            self._notes.fault(fault, found.origin)
        return None if parsed.value is None else Setting(parsed.value, found.origin)
