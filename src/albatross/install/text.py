"""Objects as YAML. The form depends on nothing but the objects, and every object has its reason as a comment."""

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from albatross.install.installation import Item

WIDTH = 118
PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@=-]*(?::[A-Za-z0-9_./@=-]+)*")
"""Strings without quotes. All others are quoted as in JSON, which is YAML too."""
UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that JSON allows in a string and YAML does not."""
WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
"""Words that YAML 1.1 does not read as strings."""


def render(items: Iterable[Item]) -> str:
    """One document for each object."""
    return "".join(document(item) for item in items)


def document(item: Item) -> str:
    """One object as a YAML document, after its reason."""
    comment = textwrap.wrap(item.why, WIDTH, break_on_hyphens=False, break_long_words=False)
    return "\n".join(["---", *(f"# {line}" for line in comment), *_lines(item.body), ""])


def _lines(value: Any) -> Iterator[str]:
    """The lines of a map or list that is not empty, without indentation."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _entry(f"{_text(str(key))}:", each)
    else:
        for each in value:
            yield from _member(each)


def _entry(head: str, value: Any) -> Iterator[str]:
    if not _nested(value):
        yield f"{head} {_scalar(value)}"
        return
    yield head
    indent = "  " if isinstance(value, Mapping) else ""
    yield from (indent + line for line in _lines(value))


def _member(value: Any) -> Iterator[str]:
    if not _nested(value):
        yield f"- {_scalar(value)}"
        return
    for number, line in enumerate(_lines(value)):
        yield ("  " if number else "- ") + line


def _nested(value: Any) -> bool:
    return bool(value) and isinstance(value, Mapping | Sequence) and not isinstance(value, str)


def _scalar(value: Any) -> str:
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(value: str) -> str:
    plain = PLAIN.fullmatch(value) and value.lower() not in WORDS
    return value if plain else UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
