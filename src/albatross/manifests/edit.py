"""Rewrites at exact places of a file; all other bytes are unchanged.

The result is read again and compared. If other fields changed, or if intended fields did not change, the file is not changed.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from albatross.catalog.fixes import Rewrite
from albatross.catalog.shape import steps
from albatross.errors import AlbatrossError
from albatross.manifests import pointer
from albatross.manifests.compose import YamlFault, documents
from albatross.manifests.node import MappingNode, Node, Scalar, data, entries, scalar
from albatross.manifests.node import Sequence as Items
from albatross.manifests.source import Sources
from albatross.manifests.text import Text
from albatross.model.problem import Origin

PLAIN = re.compile(r"[A-Za-z/](?:[\w./*=+-]|[:,](?=[\w./*=+-]))*", re.ASCII)
"""Text that YAML reads as the same string without quotes, except for the words of YAML. A comma is allowed only if the old text had one."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A rewrite and its place."""

    origin: Origin
    rewrite: Rewrite


@dataclass(frozen=True, slots=True)
class Edited:
    """The new text of a file, the edits in it, and the refused edits with their reasons."""

    text: str
    made: tuple[Edit, ...] = ()
    refused: tuple[tuple[Edit, str], ...] = ()


class Unfit(AlbatrossError):
    """An edit that is not possible at its place. The text says why."""


@dataclass(frozen=True, slots=True)
class _Splice:
    """A range of the file and its new text. `inner` is the range in the value of the node; None means the whole value."""

    start: int
    end: int
    text: str
    node: tuple[type, int, int]
    value: str
    inner: tuple[int, int] | None = None


def look(sources: Sources, origin: Origin) -> tuple[Any, Any] | None:
    """The value at the field of an origin and the object that contains it, as JSON; None if the file does not have the field."""
    found = sources.objects.get((origin.kind, origin.namespace, origin.name))
    walked = _walk(found[1], origin.field) if found else None
    return (data(walked[-1][1]), data(found[1])) if found and walked else None


def file(sources: Sources, origin: Origin) -> str:
    """The file that contains an object; empty if there is none."""
    found = sources.objects.get((origin.kind, origin.namespace, origin.name))
    return found[0].file if found else ""


def apply(sources: Sources, text: Text, edits: Sequence[Edit]) -> Edited:
    """The file with the edits. An edit that is not possible is left out; the others are still made."""
    before = list(documents(text.text))
    if any(isinstance(each, YamlFault) for each in before):
        return Edited(text.text, (), tuple((each, "the file cannot be read as a whole") for each in edits))
    shared = {number for root in before if not isinstance(root, YamlFault) for number in _shared(root)}
    planned: list[tuple[Edit, list[_Splice]]] = []
    refused: list[tuple[Edit, str]] = []
    for edit in edits:
        try:
            splices = _plan(sources, text, edit, shared)
            if any(_overlap(one, other) for one in splices for _, others in planned for other in others):
                raise Unfit("another fix changes the same text")
        except Unfit as unfit:
            refused.append((edit, str(unfit)))
        else:
            planned.append((edit, splices))
    return _made(text.text, planned, refused)


def _made(text: str, planned: list[tuple[Edit, list[_Splice]]], refused: list[tuple[Edit, str]]) -> Edited:
    good = planned if _result(text, planned) is not None else [each for each in planned if _result(text, [each]) is not None]
    refused += [(each[0], "the file would not read as intended") for each in planned if each not in good]
    result = _result(text, good)
    if result is None:
        return Edited(text, (), (*refused, *((edit, "the file would not read as intended") for edit, _ in good)))
    return Edited(result, tuple(edit for edit, _ in good), tuple(refused))


def _result(text: str, planned: list[tuple[Edit, list[_Splice]]]) -> str | None:
    """The new text; None if it does not read as the old text with the intended values."""
    splices = sorted((splice for _, group in planned for splice in group), key=lambda splice: splice.start)
    new = text
    for splice in reversed(splices):
        new = new[: splice.start] + splice.text + new[splice.end :]
    signs: dict[Any, int] = {}
    wanted = _signs(text, signs, _values(text, splices))
    return new if wanted is not None and wanted == _signs(new, signs, {}) else None


def _values(text: str, splices: Iterable[_Splice]) -> dict[tuple[type, int, int], str]:
    """The intended value of each edited node."""
    found: dict[tuple[type, int, int], str] = {}
    nodes = {_place(node): node for root in documents(text) if not isinstance(root, YamlFault) for node in _nodes(root, set())}
    for splice in reversed(list(splices)):
        if splice.inner is None:
            found[splice.node] = splice.value
        else:
            node = nodes[splice.node]
            said = found.get(splice.node, node.value if isinstance(node, Scalar) else "")
            found[splice.node] = said[: splice.inner[0]] + splice.value + said[splice.inner[1] :]
    return found


# Where -------------------------------------------------------------------------------------------------------------


def _walk(root: Node, field: str) -> list[tuple[Scalar | None, Node]] | None:
    """Every node on the path to a field with its key, the root first; None if the field is not written."""
    way: list[tuple[Scalar | None, Node]] = [(None, root)]
    for step in steps(field):
        node = way[-1][1]
        pair = node.pair(str(step)) if isinstance(node, MappingNode) else None
        if pair is not None:
            way.append(pair)
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
            way.append((None, node.items[step]))
        else:
            return None
    return way


def _nodes(node: Node, seen: set[int]) -> Iterator[Node]:
    """Every node of a tree once, with the keys."""
    if id(node) in seen:
        return
    seen.add(id(node))
    yield node
    for key, value in node.pairs if isinstance(node, MappingNode) else ():
        yield key
        yield from _nodes(value, seen)
    for item in node.items if isinstance(node, Items) else ():
        yield from _nodes(item, seen)


def _shared(root: Node) -> set[tuple[type, int, int]]:
    """Nodes that aliases use in several places."""
    children = [child for node in _nodes(root, set()) for child in _children(node)]
    seen: set[int] = set()
    return {_place(child) for child in children if id(child) in seen or seen.add(id(child))}  # type: ignore[func-returns-value]


def _children(node: Node) -> list[Node]:
    return [value for _, value in node.pairs] if isinstance(node, MappingNode) else node.items if isinstance(node, Items) else []


def _place(node: Node) -> tuple[type, int, int]:
    return type(node), node.start, node.end


def _overlap(one: _Splice, other: _Splice) -> bool:
    return one.start < other.end and other.start < one.end


# What --------------------------------------------------------------------------------------------------------------


def _plan(sources: Sources, text: Text, edit: Edit, shared: set[tuple[type, int, int]]) -> list[_Splice]:
    found = sources.objects.get((edit.origin.kind, edit.origin.namespace, edit.origin.name))
    way = _walk(found[1], edit.origin.field) if found and found[0] is text else None
    if way is None:
        raise Unfit("the value is not written there")
    if any(_place(node) in shared for _, node in way):
        raise Unfit("an alias uses the value in several places")
    key, node = way[-1]
    match edit.rewrite.part:
        case "key" if key is not None:
            return [_whole(text.text, key, edit.rewrite.text)]
        case "quote":
            return [_quoted(text.text, key, node)]
        case "value" if isinstance(node, Scalar):
            return [_whole(text.text, node, edit.rewrite.text)]
        case "json" | "field" | "list" if isinstance(node, Scalar):
            return list(_inside(text.text, node, edit.rewrite))
    raise Unfit("the value has another form")


def _whole(text: str, node: Scalar, value: str) -> _Splice:
    """The new content of a scalar, in its quotes. A plain scalar gets quotes if it needs them."""
    if node.style in ("|", ">"):
        start, end = pointer.project(text, node, 0, len(node.value))
    else:
        start, end = pointer.body(text, node)
    if "\n" in text[start:end]:
        raise Unfit("the value is written over several lines")
    return _Splice(start, end, _written(value, node.value) if not node.style else _escaped(value, node.style), _place(node), value)


def _quoted(text: str, key: Scalar | None, node: Node) -> _Splice:
    source = text[node.start : node.end]
    if isinstance(node, Scalar) and not node.style and not node.tag:
        return _Splice(node.start, node.end, json.dumps(source), _place(node), source)
    if text[node.start] not in "[{" or "#" in source:
        raise Unfit("the value is not JSON")
    source = _jsonlike(source, node)
    # JSON has no single quotes
    quoted = json.dumps(source, ensure_ascii=False) if key and key.style == '"' else "'" + _escaped(source, "'") + "'"
    return _Splice(node.start, node.end, quoted, _place(node), source)


def _jsonlike(source: str, node: Node) -> str:
    """A flow collection as JSON on one line; unchanged if it is already JSON on one line."""
    try:
        json.loads(source)
    except (ValueError, RecursionError):
        return json.dumps(data(node), ensure_ascii=False)
    return json.dumps(data(node), ensure_ascii=False) if "\n" in source else source


def _inside(text: str, node: Scalar, rewrite: Rewrite) -> Iterator[_Splice]:
    bounds = pointer.field(node.value, rewrite.pointer) if rewrite.part == "field" else pointer.span(node.value, rewrite.pointer)
    if bounds is None:
        raise Unfit("the value does not exist")
    start, end = bounds
    if rewrite.part != "list":
        yield _part(text, node, start, end, rewrite.text)
        return
    # only the ends change, so the text between them keeps its lines
    yield _part(text, node, start, start + 1, "[" + node.value[start])
    yield _part(text, node, end - 1, end, node.value[end - 1] + "]")


def _part(text: str, node: Scalar, start: int, end: int, value: str) -> _Splice:
    first, last = pointer.project(text, node, start, end)
    return _Splice(first, last, _escaped(value, node.style), _place(node), value, (start, end))


def _written(value: str, before: str) -> str:
    """A value in place of a plain one: without quotes if possible."""
    if PLAIN.fullmatch(value) and ("," not in value or "," in before) and isinstance(scalar(Scalar(0, 0, value)), str):
        return value
    return "'" + _escaped(value, "'") + "'" if '"' in value or "\\" in value else json.dumps(value, ensure_ascii=False)


def _escaped(value: str, style: str) -> str:
    if style == "'":
        return value.replace("'", "''")
    return json.dumps(value, ensure_ascii=False)[1:-1] if style == '"' else value


# Sameness ----------------------------------------------------------------------------------------------------------


def _signs(text: str, signs: dict[Any, int], swapped: Mapping[tuple[type, int, int], str]) -> list[int] | None:
    """A number for each document. Equal numbers mean equal values. The time is linear, even if aliases share nodes."""
    found = []
    for root in documents(text):
        if isinstance(root, YamlFault):
            return None
        found.append(_sign(root, signs, swapped, {}))
    return found


def _sign(node: Node, signs: dict[Any, int], swapped: Mapping[tuple[type, int, int], str], memo: dict[int, int]) -> int:
    if id(node) not in memo:
        said: Any
        if _place(node) in swapped:
            said = repr(swapped[_place(node)])
        elif isinstance(node, Scalar):
            said = repr(scalar(node))
        elif isinstance(node, Items):
            said = ("[", *(_sign(item, signs, swapped, memo) for item in node.items))
        else:
            pairs = ((swapped.get(_place(key), key.value), _sign(value, signs, swapped, memo)) for key, value in entries(node))
            said = ("{", *pairs)
        memo[id(node)] = signs.setdefault(said, len(signs))
    return memo[id(node)]
