"""The columns that `kubectl get` shows of each kind, as pkg/printers/internalversion defines them.

`columns.json` lists them by kind. A column shows the field at its `path` (or its `default`), or what its `cell` makes of the object;
a name alone stands for the shared columns of that name.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from albatross_sandbox.kube.cell import CELLS, NONE, PARTED, Cell
from albatross_sandbox.kube.value import dig


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `priority` 1 shows only in `-o wide`."""

    name: str
    cell: Cell
    type: str = "string"
    priority: int = 0
    format: str = ""


NAME = Column("Name", CELLS["name"], format="name")
AGE = Column("Age", CELLS["age"])


def _cell(row: Mapping[str, Any]) -> Cell:
    if "path" in row:
        path, default = row["path"].split("."), row.get("default", NONE)
        return lambda obj: dig(obj, *path, default=default)
    if "of" in row:
        cell, part = PARTED[row["cell"]], row["of"]
        return lambda obj: cell(obj, part)
    return CELLS[row["cell"]]


def _column(row: Mapping[str, Any]) -> Column:
    return Column(row["name"], _cell(row), row.get("type", "string"), row.get("priority", 0), row.get("format", ""))


def _load() -> dict[str, tuple[Column, ...]]:
    table = orjson.loads(Path(__file__).with_name("columns.json").read_bytes())

    def columns(rows: Iterable[Any]) -> Iterator[Column]:
        for row in rows:
            yield from columns(table["shared"][row]) if isinstance(row, str) else (_column(row),)

    return {kind: tuple(columns(rows)) for kind, rows in table["kinds"].items()}


KINDS = _load()
"""Kind, with its group → its columns without the first, its name."""
