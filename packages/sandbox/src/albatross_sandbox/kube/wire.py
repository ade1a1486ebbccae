"""The protobuf fields of the messages that clients send: kubectl's typed commands and Go controllers.

`wire.json` lists messages by API group; of each, its fields as `name: "number type"`, a string where no type is given, and null for a
message that is read over, as the server sets it itself. Types: `s` string, `i` integer, `b` boolean, whose zero is the same as absent;
`S I B` those that Go keeps behind a pointer, whose zero counts; `y` bytes; `T` Time, `U` MicroTime; `N` IntOrString, `M` the same behind a
pointer; `Q` Quantity; `F` FieldsV1; otherwise a message. Before the type, `*` is a list, `%` a map by string, `!` a message whose fields
stand in its parent. Numbers: generated.proto in k8s.io/api and k8s.io/apimachinery.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message; `form` is empty, `*`, `%` or `!`."""

    name: str
    form: str
    type: str


def _fields(rows: Mapping[str, str]) -> dict[int, Field]:
    found = {}
    for name, text in rows.items():
        number, _, kind = text.partition(" ")
        form = kind[0] if kind and kind[0] in "*%!" else ""
        found[int(number)] = Field(name, form, kind[len(form) :] or "s")
    return found


def _load() -> dict[str, dict[int, Field] | None]:
    groups: dict[str, dict[str, dict[str, str] | None]] = orjson.loads(Path(__file__).with_name("wire.json").read_bytes())
    rows = {name: fields for messages in groups.values() for name, fields in messages.items()}
    return {name: None if fields is None else _fields(fields) for name, fields in rows.items()}


MESSAGES = _load()
"""Message → its fields by their numbers; None for one that is read over. A name that two groups give has the group before it."""
