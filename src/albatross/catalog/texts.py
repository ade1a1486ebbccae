"""The texts inside a JSON value, for what looks at an annotation without its parser."""

import json
from collections.abc import Iterator

from albatross.catalog.bounds import LONGEST


def texts(written: str) -> Iterator[tuple[str, str]]:
    """Every string in a JSON text, with the nearest key above it. A text that is not JSON, too long, or nested too deep, has none."""
    if len(written) > LONGEST:
        return
    try:
        left: list[tuple[str, object]] = [("", json.loads(written))]
    except (ValueError, RecursionError):
        return
    while left:
        name, value = left.pop()
        match value:
            case str():
                yield name, value
            case dict():
                left.extend(reversed(value.items()))
            case list():
                left.extend((name, inner) for inner in reversed(value))


def under(written: str, field: str) -> frozenset[str]:
    """The strings in a JSON text under a key, in any case; `field` is in lower case."""
    return frozenset(value for name, value in texts(written) if name.lower() == field)
