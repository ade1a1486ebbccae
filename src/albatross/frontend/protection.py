"""Deletion protection that an object asks for itself, and tags that no object may set."""

from collections.abc import Mapping

from albatross.catalog import tracking
from albatross.catalog.annotations import Annotation
from albatross.catalog.value import boolean, mapping
from albatross.frontend.notes import ReadingNotes
from albatross.frontend.reader import place
from albatross.model.config import Config
from albatross.model.intent import Keyed
from albatross.model.problem import Origin

DELETION_PROTECTION = "deletion_protection.enabled"


def protects(row: Annotation[tuple[tuple[str, str], ...]], origin: Origin, written: Mapping[str, str], notes: ReadingNotes) -> bool:
    """Whether an object's own attributes switch deletion protection on. `row` is the annotation with the attributes."""
    raw = written.get(row.key)
    if raw is None:
        return False
    at = place(origin, row.key)
    pairs = mapping(raw)
    on = boolean(dict(pairs.value or ()).get(DELETION_PROTECTION, "false"))
    for fault in (*pairs.faults, *on.faults):
        notes.fault(fault, at)
    return bool(on.value)


def settable(found: Keyed, config: Config, notes: ReadingNotes) -> Keyed:
    """Report tag keys that users may not set, and return the tags."""
    for key, setting in found.items():
        if key in config.external_managed_tags:
            notes.add("LB136", setting.origin, key=key)
        elif key.lower().startswith("aws:") or key.startswith(tracking.RESERVED):
            notes.add("LB135", setting.origin, key=key)
    return found
