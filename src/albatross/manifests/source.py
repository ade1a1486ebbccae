"""Places in the files: an Origin → a Place."""

import re
from dataclasses import dataclass, field

from albatross.catalog.shape import steps
from albatross.manifests import pointer
from albatross.manifests.node import MappingNode, Node, Scalar, Sequence
from albatross.manifests.text import Text
from albatross.model.problem import Origin

LINE = re.compile(r"line (\d+)(?:, column (\d+))?")

FILE = "File"
"""The kind of an Origin that names a file instead of an object. Its field is then `line 3, column 7`."""


@dataclass(frozen=True, slots=True)
class Place:
    """A range in one line of a file, counted from 1. `end_column` is the first column after it; `text` is the line (`Text.excerpt`)."""

    file: str
    line: int
    column: int
    end_column: int
    text: str


@dataclass(slots=True)
class Sources:
    """The files, and the trees of their objects. The last definition of an object is used."""

    texts: dict[str, Text] = field(default_factory=dict)
    objects: dict[tuple[str, str, str], tuple[Text, Node]] = field(default_factory=dict)

    def locate(self, origin: Origin, key: bool = False) -> Place | None:
        """The place of an origin, or of its nearest parent that is written; None if it is not in a file.

        With `key`, the place is that of the key instead of the value.
        """
        if origin.kind == FILE:
            return self._line(origin)
        if (found := self.objects.get((origin.kind, origin.namespace, origin.name))) is None:
            return None
        text, root = found
        name, node = _walk(root, origin.field or "metadata.name")
        start, end = _bounds(text.text, name, node, "" if key else origin.pointer, key)
        return place(text, start, end)

    def _line(self, origin: Origin) -> Place | None:
        text, found = self.texts.get(origin.name), LINE.match(origin.field)
        if text is None or found is None:
            return None
        line, column = int(found[1]), int(found[2] or 1)
        words = text.line(line)
        end = len(words) if column <= len(words) else column
        return Place(text.file, line, column, end + 1, text.excerpt(line))


def place(text: Text, start: int, end: int) -> Place:
    """The part of a range in its first line."""
    line, column = text.position(start)
    words = text.line(line)
    length = min(end - start, len(words) - column + 1)
    length = len(words[column - 1 : column - 1 + length].rstrip())
    return Place(text.file, line, column, column + max(1, length), text.excerpt(line))


def _walk(root: Node, path: str) -> tuple[Scalar | None, Node]:
    """The deepest node on the path, and its key."""
    name: Scalar | None = None
    node = root
    for step in steps(path):
        if isinstance(node, MappingNode) and (pair := node.pair(str(step))):
            name, node = pair
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            name, node = None, node.items[step]
        else:
            break
    return name, node


def _bounds(text: str, name: Scalar | None, node: Node, inside: str, key: bool) -> tuple[int, int]:
    if isinstance(node, Scalar) and not key and (node.value or name is None):
        if inside and (found := pointer.span(node.value, inside)):
            return pointer.project(text, node, *found)
        return _scalar(text, node)
    if name is not None:
        return name.start, name.end
    return node.start, node.end


def _scalar(text: str, node: Scalar) -> tuple[int, int]:
    """The place of a node. The place of a block scalar is its first line of content."""
    if node.style in ("|", ">") and node.value.strip():
        return pointer.project(text, node, 0, len(node.value))
    return node.start, node.end
