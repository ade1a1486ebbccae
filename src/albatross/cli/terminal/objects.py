"""Changes of Kubernetes objects, as text."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from albatross.catalog.bounds import shortened
from albatross.install.change import ObjectChange, Verb

SIGNS: dict[Verb, tuple[str, str]] = {
    "create": ("+", "green"),
    "change": ("~", "yellow"),
    "patch": ("~", "yellow"),
    "delete": ("-", "red"),
    "conflict": ("!", "red"),
    "same": ("=", "dim"),
}
WORDS: dict[Verb, str] = {
    "create": "to create",
    "change": "to change",
    "patch": "to change",
    "delete": "to delete",
    "conflict": "in conflict",
    "same": "unchanged",
}
ROOM = 60
"""The maximum number of characters of a value."""


def lines(changes: Sequence[ObjectChange]) -> Iterator[Text]:
    """A line for each object that changes, with its fields; and the numbers."""
    for each in changes:
        if each.verb == "same":
            continue
        sign, colour = SIGNS[each.verb]
        yield Text.assemble(f"  {sign} ", (each.name, colour), f"  {each.note}" if each.note else "", style="")
        for field in each.fields:
            yield Text(f"      {field.path}: {_value(field.before)} → {_value(field.after)}")
    yield Text(counts(changes))


def counts(changes: Sequence[ObjectChange]) -> str:
    """`2 to create, 11 unchanged`."""
    numbers = Counter(WORDS[each.verb] for each in changes)
    return ", ".join(f"{numbers[word]} {word}" for word in dict.fromkeys(WORDS.values()) if numbers[word]) or "nothing to do"


def form(change: ObjectChange) -> dict[str, Any]:
    """The JSON form."""
    fields = {each.path: [each.before, each.after] for each in change.fields}
    return {"verb": change.verb, "object": change.name, "fields": fields, "note": change.note}


def _value(value: Any) -> str:
    text = "none" if value is None else value if isinstance(value, str) else json.dumps(value)
    return shortened(text, ROOM)
