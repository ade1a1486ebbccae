"""The Table answers that `kubectl get` prints."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from albatross_sandbox.kube.columns import AGE, KINDS, NAME, Column
from albatross_sandbox.kube.resources import Resource
from albatross_sandbox.kube.value import Obj, age, dig

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+|\*)\]|\[\?\(@\.([\w.]+)\s*==\s*['\"]([^'\"]*)['\"]\)\]")


def jsonpath(path: str) -> Callable[[Obj], Any]:
    """A reader of the simple JSON paths of printer columns: `.spec.a`, `.x[0].y`, `.c[?(@.type=="Ready")].status`."""
    escaped = path.replace(r"\.", "\x00")
    steps = [tuple(part.replace("\x00", ".") for part in found) for found in _STEP.findall(escaped)]

    def read(obj: Obj) -> Any:
        values: list[Any] = [obj]
        for name, index, field, wanted in steps:
            values = [item for value in values for item in _step(value, name, index, field, wanted)]
        return values[0] if len(values) == 1 else ",".join(str(item) for item in values) if values else None

    return read


def _step(value: Any, name: str, index: str, field: str, wanted: str) -> list[Any]:
    if name:
        found = dig(value, name)
        return [] if found is None else [found]
    if not isinstance(value, list):
        return []
    if index == "*":
        return value
    if index:
        return value[int(index) : int(index) + 1]
    return [item for item in value if str(dig(item, *field.split("."))) == wanted]


def columns(resource: Resource) -> tuple[Column, ...]:
    """The columns of a resource, its name first."""
    if resource.columns:
        return (NAME, *(_custom(item) for item in resource.columns))
    found = KINDS.get(resource.kept, (AGE,))
    return found if resource.kept == "events" else (NAME, *found)


def _custom(item: Obj) -> Column:
    read, kind = jsonpath(item["jsonPath"]), item.get("type") or "string"

    def cell(obj: Obj) -> Any:
        value = read(obj)
        if kind == "date":
            return age(value) if value else "<unknown>"
        if value is None:
            return ""
        return str(value).lower() if isinstance(value, bool) and kind == "string" else value

    return Column(item["name"], cell, kind if kind != "date" else "string", int(item.get("priority") or 0), item.get("format") or "")


def partial(obj: Obj) -> Obj:
    """The metadata of an object alone."""
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": obj["metadata"]}


def render(resource: Resource, objects: Iterable[tuple[Obj, Obj]], metadata: Obj, include: str, headed: bool = True) -> Obj:
    """A Table of objects, given as stored (what columns read) and as shown.

    `include` is the query's includeObject: Metadata, Object or None. Without `headed` the columns are not described,
    as in all but the first event of a watch.
    """
    shown = columns(resource)
    head = [
        {"name": item.name, "type": item.type, "format": item.format, "description": item.name, "priority": item.priority} for item in shown
    ]
    rows = []
    for kept, seen in objects:
        row: Obj = {"cells": [item.cell(kept) for item in shown]}
        if include != "None":
            row["object"] = seen if include == "Object" else partial(seen)
        rows.append(row)
    table: Obj = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}
    return {**table, "columnDefinitions": head if headed else [], "rows": rows}
