"""Problems found while objects are read, and a list of the annotations that were read."""

from collections.abc import Mapping

from albatross.catalog import notes
from albatross.model.problem import Origin


class ReadingNotes(notes.Notes):
    """Collects problems, and the annotations that were read."""

    def __init__(self) -> None:
        super().__init__()
        self._used: set[tuple[str, str, str, str]] = set()

    def use(self, origin: Origin, key: str) -> None:
        """Note that an annotation was read."""
        self._used.add((origin.kind, origin.namespace, origin.name, key))

    def unused(self, origin: Origin, annotations: Mapping[str, str]) -> tuple[str, ...]:
        """Annotation keys of an object that were not read."""
        return tuple(sorted(key for key in annotations if (origin.kind, origin.namespace, origin.name, key) not in self._used))
