"""Places in a scalar: a JSON pointer in the value → offsets in the value → offsets in the file."""

import json
import re
from collections.abc import Iterator
from itertools import islice

from albatross.manifests.node import Scalar

SPACE = re.compile(r"[ \t\r\n]*")
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r?\n|.)", re.DOTALL)
BLANK_ESCAPES = frozenset(("t", "n", "r", " ", "\t", "_", "N", "L", "P", "v", "f"))
PROPERTIES = re.compile(r"(?:[!&][^\s]*\s+)*")
DECODER = json.JSONDecoder()


def span(value: str, pointer: str) -> tuple[int, int] | None:
    """Start and end in `value` of the place at the pointer, or of its deepest existing part; None if the value is not JSON."""
    at = _skip(value, 0)
    found = _end(value, at)
    if found is None:
        return None
    for token in pointer.split("/")[1:]:
        child = _child(value, at, token.replace("~1", "/").replace("~0", "~"))
        if child is None:
            break
        at, found = child
    return at, found


def field(value: str, pointer: str) -> tuple[int, int] | None:
    """Start and end in `value` of the name (with quotes) of the field at the pointer; None if there is none."""
    parent, _, token = pointer.rpartition("/")
    around = span(value, parent)
    if around is None or value[around[0]] != "{":
        return None
    wanted = token.replace("~1", "/").replace("~0", "~")
    return next((bounds for key, bounds in _names(value, around[0]) if key == wanted), None)


def _names(value: str, at: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """The key of each member and its place. A key ends before the colon."""
    start = _skip(value, at + 1)
    for key, (_, end) in _members(value, at):
        yield key, (start, DECODER.raw_decode(value, start)[1])
        after = _skip(value, end)
        start = _skip(value, after + (value[after] == ","))


def _skip(value: str, at: int) -> int:
    found = SPACE.match(value, at)
    return found.end() if found else at


def _end(value: str, at: int) -> int | None:
    try:
        return DECODER.raw_decode(value, at)[1]
    except (ValueError, RecursionError):
        return None


def _child(value: str, at: int, token: str) -> tuple[int, int] | None:
    """The member of the object, or the item of the array, at `at`. Keys match without case, as in the decoder of Go."""
    if value[at : at + 1] == "[":
        return next((bounds for n, bounds in enumerate(_items(value, at)) if str(n) == token), None)
    if value[at : at + 1] == "{":
        members = list(_members(value, at))
        exact = [bounds for key, bounds in members if key == token]
        folded = [bounds for key, bounds in members if key.casefold() == token.casefold()]
        return next(iter(exact + folded), None)
    return None


def _items(value: str, at: int) -> Iterator[tuple[int, int]]:
    at = _skip(value, at + 1)
    while value[at] != "]":
        end = DECODER.raw_decode(value, at)[1]
        yield at, end
        at = _skip(value, _skip(value, end) + (value[_skip(value, end)] == ","))


def _members(value: str, at: int) -> Iterator[tuple[str, tuple[int, int]]]:
    at = _skip(value, at + 1)
    while value[at] != "}":
        key, end = DECODER.raw_decode(value, at)
        at = _skip(value, _skip(value, end) + 1)
        end = DECODER.raw_decode(value, at)[1]
        yield key, (at, end)
        at = _skip(value, _skip(value, end) + (value[_skip(value, end)] == ","))


def project(text: str, node: Scalar, start: int, end: int) -> tuple[int, int]:
    """Convert offsets in the value of a scalar to offsets in the file.

    Folding, indentation and line breaks change only blanks, so the nth visible character is the same in the value and in the file.
    """
    before = _visible(node.value, start)
    inside = max(1, _visible(node.value, end) - before)
    marks = list(islice(_tokens(text, node), before, before + inside))
    return (marks[0][0], marks[-1][1]) if marks else (node.start, node.end)


def _visible(value: str, until: int) -> int:
    return sum(not char.isspace() for char in value[:until])


def _tokens(text: str, node: Scalar) -> Iterator[tuple[int, int]]:
    """The offset in the file of each visible character of the value."""
    at, end = body(text, node)
    while at < end:
        width, blank = 1, text[at].isspace()
        if node.style == '"' and text[at] == "\\" and (escape := ESCAPE.match(text, at)):
            width = escape.end() - at
            blank = escape[1] in BLANK_ESCAPES or escape[1].endswith("\n")
        elif node.style == "'" and text[at] == "'":
            width = 2
        if not blank:
            yield at, at + width
        at += width


def body(text: str, node: Scalar) -> tuple[int, int]:
    """Start and end of the content of a scalar, without tag, anchor, quotes and block header."""
    found = PROPERTIES.match(text, node.start, node.end) if node.tag or text[node.start] == "&" else None
    start = found.end() if found else node.start
    if node.style in ("'", '"'):
        return start + 1, node.end - 1
    if node.style in ("|", ">"):
        return text.find("\n", start, node.end) + 1 or node.end, node.end
    return start, node.end
