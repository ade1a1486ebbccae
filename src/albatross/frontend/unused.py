"""Annotations of ours that were not read: unknown, on the wrong kind of object, or without effect."""

from collections.abc import Callable
from typing import Any

from albatross.catalog import foreign
from albatross.catalog.annotations import Annotation, find, nearest, split
from albatross.catalog.bounds import PROBLEMS
from albatross.catalog.tracking import MARKS
from albatross.frontend.notes import ReadingNotes
from albatross.frontend.reader import Layer, place


def unused(layer: Layer, stems: tuple[str, ...], notes: ReadingNotes, reason: Callable[[Annotation[Any]], str]) -> None:
    """Note each unused annotation of an object that starts with a stem. `reason` says why a known annotation was not read."""
    (origin, written), unknown = layer, 0
    for key in notes.unused(origin, written):
        if not key.startswith(stems) or key in MARKS:
            continue
        known, at, name = find(key), place(origin, key), split(key)[1]
        if known is None:
            unknown += 1
            notes.add("LB131", at, annotation=name, hint=_hint(key) if unknown <= PROBLEMS else "")
        elif origin.kind not in known.kinds:
            notes.add("LB132", at, annotation=name, kind=origin.kind, kinds=", ".join(known.kinds))
        else:
            notes.add("LB133", at, annotation=name, reason=reason(known))


def _hint(key: str) -> str:
    if successor := foreign.successor(key):
        return f"; it is now {successor}"
    near = nearest(key)
    return f"; did you mean {near}?" if near else ""


def others(layer: Layer, notes: ReadingNotes) -> None:
    """Note each annotation of another controller, which has no effect on this object."""
    origin, written = layer
    for key in written:
        if reader := foreign.owner(key):
            near = foreign.successor(key)
            way = f"use {near}" if near else "remove it, if no other controller serves this object"
            notes.add("LB438", place(origin, key), annotation=key, reader=reader, way=way)
