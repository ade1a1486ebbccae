"""What applying an object would change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from albatross.install.installation import NAME, Body
from albatross.model.problem import Origin, Problem

Verb = Literal["create", "change", "same", "conflict", "delete", "patch"]

MANAGED = "app.kubernetes.io/managed-by"
SERVERS = frozenset(("managedFields", "resourceVersion", "generation", "creationTimestamp", "uid", "selfLink"))
"""Fields of `metadata` that the server writes."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field. A value that is absent is None."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """One object. `note` is a remark for the reader: the conflict, or why it is deleted."""

    verb: Verb
    body: Body
    fields: tuple[FieldChange, ...] = ()
    note: str = ""

    @property
    def name(self) -> str:
        """`Kind namespace/name`."""
        metadata = self.body["metadata"]
        return f"{self.body['kind']} {metadata['namespace'] + '/' if metadata.get('namespace') else ''}{metadata['name']}"

    def conflict(self) -> Problem:
        """The problem of a `conflict`. Its note has `field: conflict with "manager"` for each field."""
        metadata = self.body["metadata"]
        parts = [each.partition(": ") for each in self.note.split("; ")]
        managers = ", ".join(dict.fromkeys(said.removeprefix("conflict with ") for _, _, said in parts))
        fields = ", ".join(field for field, _, _ in parts)
        origin = Origin(self.body["kind"], metadata.get("namespace", ""), metadata["name"])
        return Problem("LB739", origin, (("fields", fields), ("managers", managers), ("object", self.name)))


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """The fields in which two states of an object differ, without those that only the server writes."""
    return tuple(_fields("", _plain(before), _plain(after)))


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {name: value for name, value in body.get("metadata", {}).items() if name not in SERVERS}
    return {**{name: value for name, value in body.items() if name not in ("status", "kind", "apiVersion")}, "metadata": metadata}


def _fields(path: str, before: Any, after: Any) -> Iterator[FieldChange]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({*before, *after}):
            dotted = f'{path}["{name}"]' if "." in name or "/" in name else f"{path}.{name}".lstrip(".")
            yield from _fields(dotted, before.get(name), after.get(name))
    elif _lists(before, after) and len(before) == len(after):
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _fields(f"{path}[{number}]", old, new)
    else:
        yield FieldChange(path, before, after)


def _lists(*values: Any) -> bool:
    return all(isinstance(value, Sequence) and not isinstance(value, str) for value in values)


def stranger(found: Mapping[str, Any]) -> str:
    """The tool that manages an object of the cluster, if it is another one than ours; otherwise an empty text."""
    manager = str((found["metadata"].get("labels") or {}).get(MANAGED, NAME))
    return "" if manager == NAME else manager
