"""Reads JSON of an unknown shape into narrow types. It records the path, so that an error names the field."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from albatross.errors import AlbatrossError
from albatross.model.problem import JsonType

_STEP = re.compile(r"""\.?([^.\[\]]+)|\[(\d+)\]|\["(.*?)"\](?=[.\[]|$)|\[([^\]]*)\]""")
"""A step of a path: a name, a place in a list, or a key of a map. A key is written as it is, so only a `"]` in a key is not understood."""


@dataclass(eq=False)
class Malformed(AlbatrossError):
    """A field has another type than its API defines. `field` is written as in `Origin.field`; `got` describes the value."""

    field: str
    expected: str
    got: str
    type: JsonType = ""

    def __str__(self) -> str:
        return f"{self.field or 'the object'}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True, slots=True)
class Cursor:
    """One value and its path. Absent and null are the same. Only a value of the wrong type raises `Malformed`."""

    value: Any
    path: str = ""

    @property
    def present(self) -> bool:
        """Whether there is a value that is not null."""
        return self.value is not None

    def __getitem__(self, name: str) -> "Cursor":
        return Cursor(self._mapping().get(name), f"{self.path}.{name}" if self.path else name)

    def items(self) -> list["Cursor"]:
        """The elements of a list."""
        if self.value is None:
            return []
        if not isinstance(self.value, Sequence) or isinstance(self.value, str | bytes):
            raise self.wrong("a list", "list")
        return [Cursor(item, f"{self.path}[{place}]") for place, item in enumerate(self.value)]

    def text(self) -> str:
        """A string; empty when absent."""
        return self.optional() or ""

    def optional(self) -> str | None:
        """A string, or None when absent. A date (a timestamp that YAML converted) is returned as RFC 3339 text."""
        if self.value is None or isinstance(self.value, str):
            return self.value
        if isinstance(self.value, date):
            return self.value.isoformat().replace("+00:00", "Z")
        raise self.wrong("a string", "text")

    def number(self, absent: int = 0) -> int:
        """A whole number."""
        if self.value is None:
            return absent
        if isinstance(self.value, float) and self.value.is_integer():
            return int(self.value)
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.wrong("a whole number", "integer")
        return self.value

    def flag(self) -> bool | None:
        """True or false, or None when absent."""
        if self.value is None or isinstance(self.value, bool):
            return self.value
        raise self.wrong("true or false", "boolean")

    def either(self) -> int | str | None:
        """An int-or-string, or None when absent."""
        return self.value if isinstance(self.value, str) or self.value is None else Cursor(self.value, self.path)._port()

    def texts(self) -> tuple[str, ...]:
        """A list of strings; empty when absent."""
        return tuple(item.required() for item in self.items())

    def strings(self) -> dict[str, str]:
        """A map from string to string, as labels and annotations are; empty when absent."""
        found = {}
        for name, value in self._mapping().items():
            if not isinstance(name, str):
                raise Malformed(self.path, "a map with string keys", describe(name))
            found[name] = Cursor(value, f'{self.path}["{name}"]').text()
        return found

    def required(self) -> str:
        """A string that must not be absent."""
        if self.value is None:
            raise self.wrong("a string", "text")
        return self.text()

    def wrong(self, expected: str, type: JsonType = "") -> Malformed:
        """The error for a value that is not `expected`."""
        return Malformed(self.path, expected, describe(self.value), type)

    def _mapping(self) -> Mapping[Any, Any]:
        if self.value is None:
            return {}
        if not isinstance(self.value, Mapping):
            raise self.wrong("a map")
        return self.value

    def _port(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.wrong("a whole number or a string")
        return self.value


def without(value: Any, field: str) -> Any:
    """A copy of a value in which the field is null. Parents that do not exist are left alone."""
    return put(value, field, None)


def put(value: Any, field: str, new: object) -> Any:
    """A copy of a value in which the field has a new value. Parents that do not exist are left alone."""
    return _changed(value, tuple(steps(field)), new)


def at(value: Any, field: str) -> Any:
    """The value of a field; None if it does not exist."""
    for step in steps(field):
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def steps(path: str) -> Iterator[str | int]:
    """The steps of a field path: `spec.rules[0].host` → spec, rules, 0, host; `metadata.annotations["a.b/c"]` has one quoted step."""
    for found in _STEP.finditer(path):
        name, index, quoted, bare = found.groups()
        yield int(index) if index else quoted if quoted is not None else name or bare or ""


def _changed(value: Any, way: Sequence[str | int], new: object) -> Any:
    if not way:
        return new
    step, rest = way[0], way[1:]
    if isinstance(step, int) and isinstance(value, list):
        return [_changed(item, rest, new) if number == step else item for number, item in enumerate(value)]
    if isinstance(value, Mapping) and step in value:
        return {**value, step: _changed(value[step], rest, new)}
    return value


def describe(value: object, content: bool = True) -> str:
    """A value for an error message: its type, and the value itself if it is short. Without `content`, only the type."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower() if content else "true or false"
        case int() | float():
            return f"the number {value}" if content else "a number"
        case str():
            return f'the string "{value}"' if content and len(value) <= 40 else "a string"
        case Mapping():
            return "a map"
        case Sequence():
            return "a list"
        case _:
            return f"a {type(value).__name__}"
