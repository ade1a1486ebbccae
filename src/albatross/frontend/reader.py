"""Reads the annotations of one object, or of several layers of objects, with the rows of the annotation table."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from albatross.catalog.annotations import Annotation
from albatross.catalog.value import Parsed, overlong
from albatross.frontend.notes import ReadingNotes
from albatross.model.intent import Keyed, Setting
from albatross.model.problem import Origin

T = TypeVar("T")
U = TypeVar("U")

Layer = tuple[Origin, Mapping[str, str]]
"""An object and its annotations."""


def place(origin: Origin, key: str, pointer: str = "") -> Origin:
    """The origin of an annotation, in kubectl notation."""
    return origin.at(f'metadata.annotations["{key}"]', pointer)


class Reader:
    """Reads annotations from layers. The first layer with the annotation is used; problems go to the notes."""

    def __init__(self, layers: tuple[Layer, ...], notes: ReadingNotes) -> None:
        self._layers = layers
        self._notes = notes

    @property
    def layers(self) -> tuple["Reader", ...]:
        """One reader for each layer, the first layer first."""
        return tuple(Reader((layer,), self._notes) for layer in self._layers)

    def raw(self, key: str) -> Setting[str] | None:
        """The text of an annotation."""
        found: Setting[str] | None = None
        for origin, annotations in self._layers:
            if key in annotations:
                # also for later layers, so that they are not reported as unused
                self._notes.use(origin, key)
                found = found or Setting(annotations[key], place(origin, key))
        return found

    def read(self, row: Annotation[T], key: str = "") -> Setting[T] | None:
        """The value of an annotation; pass `key` if the row's key is a pattern. None if it is missing or invalid."""
        raw = self.raw(key or row.key)
        if raw is None:
            return None
        if row.deprecated and ":wafv2:" not in raw.value:
            # an ARN of WAFv2 does not work in the annotations of WAF Classic, so "it still works" would be false (LB437)
            self._notes.add("LB134", raw.origin, annotation=row.name, reason=row.deprecated)
        return self._settled(raw, Parsed(None, faults) if (faults := overlong(raw.value)) else row.parse(raw.value))

    def keyed(self, row: Annotation[tuple[tuple[str, str], ...]], key: str = "") -> Keyed:
        """The values of a map; each has the origin of the map."""
        found = self.read(row, key)
        return {name: Setting(value, found.origin) for name, value in found.value} if found else {}

    def either(self, row: Annotation[T], ruling: Setting[T] | None) -> Setting[T] | None:
        """The value from the class if it is set. An annotation with the same meaning is then reported, and not parsed."""
        if ruling is None:
            return self.read(row)
        raw = self.raw(row.key)
        if raw is not None:
            self._notes.add("LB130", raw.origin, annotation=row.name, by=f"{ruling.origin.object} {ruling.origin.field}")
        return ruling

    def unreadable(self, row: Annotation[T]) -> bool:
        """Whether an annotation of the first layer was read, but has an invalid value."""
        return self._notes.unreadable(place(self._layers[0][0], row.key))

    def narrowed(self, found: Setting[T] | None, narrow: Callable[[T], Parsed[U]]) -> Setting[U] | None:
        """Parse a value with one more parser."""
        return self._settled(found, narrow(found.value)) if found else None

    def _settled(self, found: Setting[T] | Setting[str], parsed: Parsed[U]) -> Setting[U] | None:
        for fault in parsed.faults:
            self._notes.fault(fault, found.origin)
        if parsed.value is None:
            self._notes.spoil(found.origin)
            return None
        return Setting(parsed.value, found.origin)
