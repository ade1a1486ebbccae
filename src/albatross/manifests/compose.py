"""The text of a file → documents. An invalid document becomes a YamlFault; the others are still read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import yaml

from albatross.errors import AlbatrossError
from albatross.manifests.node import MappingNode, Node, Scalar, Sequence

# Events, not nodes: the composer of libyaml is recursive and crashes on deeply nested text.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

DEPTH = 200
"""The maximum nesting depth (chosen by us: no Kubernetes object needs it, and recursion over such a tree is still safe)."""

SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
COMMENT = re.compile(r"^(?:---|\.\.\.|%.*)|#.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class YamlFault:
    """Why a document cannot be read, and the place in the text. `start` and `end` are the ends of the document."""

    offset: int
    reason: str
    start: int
    end: int


class Broken(AlbatrossError):
    """An invalid document: the offset of the fault, and the reason."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset, self.reason = offset, reason


def documents(text: str) -> Iterator[Node | YamlFault]:
    """Every document of a text in its order; empty ones are left out."""
    try:
        yield from list(_compose(text, 0))
    except Broken:
        # A fault ends the parser, so each document is read alone. `---` at the start of a line always separates documents.
        for start, end in _pieces(text):
            try:
                yield from list(_compose(text[start:end], start))
            except Broken as broken:
                yield YamlFault(broken.offset, broken.reason, start, end)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    cuts = [0, *(m.start() for m in SEPARATOR.finditer(text)), len(text)]
    for start, end in pairwise(cuts):
        if COMMENT.sub("", text[start:end]).strip():
            yield start, end


def _compose(text: str, base: int) -> Iterator[Node]:
    builder = _Builder(base)
    try:
        for event in yaml.parse(text, Loader=LOADER):
            if (node := builder.take(event)) is not None:
                yield node
    except yaml.reader.ReaderError as error:
        raise Broken(base + min(_offset(error.position, text), len(text)), "it contains a control character") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        context = f" {error.context}" if error.context else ""
        # if a text ends too early, the place is after its last word, not in the empty lines that follow
        at = mark.index if text[mark.index :].strip() else max(0, len(text[: mark.index].rstrip()) - 1)
        raise Broken(base + at, f"{error.problem}{context}") from None


def _offset(position: int, text: str) -> int:
    # libyaml counts UTF-8 bytes, the pure Python reader counts characters
    return position if LOADER is yaml.SafeLoader else len(text.encode()[:position].decode(errors="ignore"))


@dataclass(slots=True)
class _Open:
    """A collection that is not complete yet. `key` has no value yet."""

    start: int
    anchor: str | None
    table: bool
    items: list[Node] = field(default_factory=list)
    pairs: list[tuple[Scalar, Node]] = field(default_factory=list)
    key: Node | None = None


class _Builder:
    def __init__(self, base: int) -> None:
        self.base = base
        self.stack: list[_Open] = []
        self.anchors: dict[str, Node] = {}

    def take(self, event: Any) -> Node | None:
        """Handle one event. Return the root of the document when it is complete; None for an empty document."""
        match event:
            case yaml.ScalarEvent():
                return self._scalar(event)
            case yaml.CollectionStartEvent():
                self._open(event)
            case yaml.CollectionEndEvent():
                return self._close(event)
            case yaml.AliasEvent():
                return self._alias(event)
            case yaml.DocumentStartEvent():
                self.anchors = {}
        return None

    def _scalar(self, event: Any) -> Node | None:
        style = "" if event.style in (None, "") else event.style
        start, end = self.base + event.start_mark.index, self.base + event.end_mark.index
        return self._add(Scalar(start, end, event.value, style, event.tag or ""), event.anchor)

    def _open(self, event: Any) -> None:
        start = self.base + event.start_mark.index
        if len(self.stack) >= DEPTH:
            raise Broken(start, f"it is nested more than {DEPTH} levels deep")
        self.stack.append(_Open(start, event.anchor, isinstance(event, yaml.MappingStartEvent)))

    def _close(self, event: Any) -> Node | None:
        top = self.stack.pop()
        end = self.base + event.end_mark.index
        return self._add(MappingNode(top.start, end, top.pairs) if top.table else Sequence(top.start, end, top.items), top.anchor)

    def _alias(self, event: Any) -> Node | None:
        node = self.anchors.get(event.anchor)
        if node is None:
            raise Broken(self.base + event.start_mark.index, f"alias *{event.anchor} has no anchor before it")
        return self._add(node, None)

    def _add(self, node: Node, anchor: str | None) -> Node | None:
        if anchor:
            self.anchors[anchor] = node
        if not self.stack:
            empty = isinstance(node, Scalar) and not node.value and not node.style
            return None if empty else node
        top = self.stack[-1]
        if not top.table:
            top.items.append(node)
        elif top.key is None:
            top.key = node
        elif isinstance(top.key, Scalar):
            top.pairs.append((top.key, node))
            top.key = None
        else:
            raise Broken(top.key.start, "a key must be a string, not a list or a map")
        return None
