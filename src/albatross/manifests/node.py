"""A YAML document as a tree with the place of each part. Offsets count characters of the text of the file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
"""A JSON value."""


@dataclass(slots=True)
class Scalar:
    """A text, number, bool or null. `style` is the quote or block indicator, empty when plain; `tag` is empty unless written."""

    start: int
    end: int
    value: str
    style: str = ""
    tag: str = ""


@dataclass(slots=True)
class Sequence:
    """A list."""

    start: int
    end: int
    items: list["Node"]


@dataclass(slots=True)
class MappingNode:
    """A mapping, in the order written, duplicates included."""

    start: int
    end: int
    pairs: list[tuple[Scalar, "Node"]]
    _index: dict[str, tuple[Scalar, "Node"]] = field(default_factory=dict, compare=False, repr=False)

    def pair(self, name: str) -> "tuple[Scalar, Node] | None":
        """The pair with this key; of duplicates the last, which is the one that is used. The pairs do not change after the first call."""
        if not self._index:
            self._index.update((key.value, (key, value)) for key, value in entries(self))
        return self._index.get(name)


Node = Scalar | Sequence | MappingNode


def entries(table: MappingNode) -> Iterator[tuple[Scalar, Node]]:
    """All pairs, with the pairs of merge keys (`<<`) first: own pairs of the table come last and override them."""
    for key, value in table.pairs:
        if key.value == "<<" and not key.style:
            for source in value.items if isinstance(value, Sequence) else [value]:
                if isinstance(source, MappingNode):
                    yield from entries(source)
    for key, value in table.pairs:
        if key.style or key.value != "<<":
            yield key, value


def data(node: Node, seen: dict[int, Json] | None = None) -> Json:
    """The value of the node, as Kubernetes reads it. A node that several aliases share is converted once."""
    seen = {} if seen is None else seen
    if isinstance(node, Scalar):
        return scalar(node)
    if id(node) not in seen:
        seen[id(node)] = (
            [data(item, seen) for item in node.items]
            if isinstance(node, Sequence)
            else {key.value: data(value, seen) for key, value in entries(node)}
        )
    return seen[id(node)]


WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"), False),
}
"""Plain words that are not strings: those of YAML 1.1, as in kubectl (sigs.k8s.io/yaml with go-yaml 2). Dates are strings."""


FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def scalar(node: Scalar) -> str | int | float | bool | None:
    """The value of a scalar. Quoted and block text is a string; plain text can be a word, an integer or a float."""
    if node.style or node.tag.endswith(":str"):
        return node.value
    if node.value in WORDS:
        return WORDS[node.value]
    # this check of the first character is cheap, and avoids two failing conversions for most texts
    return number(node.value) if node.value[0] in "+-.0123456789" else node.value


def number(text: str) -> str | int | float:
    """An integer (decimal, 0x, 0o, 0b, or octal by a leading 0, as in YAML 1.1), a float, or the text itself."""
    digits = text.lstrip("+-")
    octal = len(digits) > 1 and digits[0] == "0" and digits.isdigit()
    try:
        return int(text.replace("_", ""), 8 if octal else 0)
    except ValueError:
        pass
    return float(text) if FLOAT.fullmatch(text) else text
