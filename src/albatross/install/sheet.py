"""The values of the chart as files: values.yaml, in which each value has its meaning, and the JSON schema."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from albatross.catalog.settings import Flag
from albatross.install import values
from albatross.install.installation import Body


def rows() -> Mapping[str, tuple[Any, str]]:
    """Every value with its default and its meaning, in the order of the file."""
    found: dict[str, tuple[Any, str]] = {}
    for name, row in values.flags().items():
        about = row.help + (f" Default: {row.default}." if row.default and "Default:" not in row.help else "")
        found[name] = (_default(row), about if row.field else f"No effect yet: {row.help}")
    for each in values.OBJECTS:
        found[each.name] = (each.default, f"Not supported: {each.unserved}." if each.unserved else each.about)
    return found


def _default(row: Flag) -> Any:
    if row.flag == "ingress-class":
        return row.default
    return {"map": {}, "endpoints": {}, "gates": {}, "list": []}.get(row.kind)


def lines() -> Iterator[str]:
    yield from (f"# The values of the chart. The names are those of the chart {values.OTHER}.", "")
    tree: dict[str, Any] = {}
    for name, row in rows().items():
        place = tree
        *above, last = name.split(".")
        for key in above:
            place = place.setdefault(key, {})
        place[last] = row
    yield from _level(tree, "")


def _level(tree: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, row in tree.items():
        if isinstance(row, dict):
            yield f"{indent}{key}:"
            yield from _level(row, indent + "  ")
        else:
            yield f"{indent}# {row[1]}"
            yield f"{indent}{key}:{'' if row[0] is None else ' ' + json.dumps(row[0])}"


def schema() -> Body:
    """The JSON schema of the values."""
    root: Body = {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {}}
    flags = values.flags()
    for name, (default, about) in rows().items():
        place = root
        *above, last = name.split(".")
        for key in above:
            place = place["properties"].setdefault(key, {"type": ["object", "null"], "properties": {}})
        place["properties"][last] = {"description": about, **_type(flags.get(name), default)}
    return root


_KINDS: Mapping[str, list[str]] = {
    "flag": ["boolean", "string", "null"],
    "number": ["integer", "string", "null"],
    "limit": ["integer", "string", "null"],
    "map": ["object", "string", "null"],
    "endpoints": ["object", "string", "null"],
    "gates": ["object", "string", "null"],
    "list": ["array", "string", "null"],
}


def _type(row: Flag | None, default: Any) -> Body:
    if row is not None:
        # A list of rates is an array in the chart of the other controller, and a text here.
        return {
            "type": ["array", "string", "null"] if row.flag == "aws-api-throttle" else _KINDS.get(row.kind, ["string", "number", "null"])
        }
    kinds = {bool: "boolean", int: "integer", str: "string", dict: "object", list: "array"}
    return {} if default is None else {"type": [kinds[type(default)], "null"]}
