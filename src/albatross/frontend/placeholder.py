"""Placeholders in annotations of ours."""

from albatross.catalog.annotations import find
from albatross.catalog.placeholder import within
from albatross.frontend.notes import ReadingNotes
from albatross.frontend.reader import Layer, place


def placeholders(layer: Layer, notes: ReadingNotes) -> None:
    """Note the first placeholder of each annotation that the controller knows."""
    origin, written = layer
    for key, value in sorted(written.items()):
        known = find(key)
        if known is not None and origin.kind in known.kinds and (text := within(known, value)):
            notes.add("LB186", place(origin, key), text=text)
