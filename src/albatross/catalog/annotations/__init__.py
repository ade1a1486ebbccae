"""Every annotation that the controller reads, by its whole key; one file for each prefix.

Parsing, the check for unknown annotations and the reference page use this table.
"""

import difflib
from collections.abc import Mapping
from functools import cache
from typing import Any

from albatross.catalog.annotations import albatross, ingress, service
from albatross.catalog.annotations.row import Annotation, Merge

__all__ = ["ANNOTATIONS", "PREFIXES", "Annotation", "Merge", "find", "nearest", "split"]

ANNOTATIONS: Mapping[str, Annotation[Any]] = {
    row.key: row for file in (ingress, service, albatross) for row in vars(file).values() if isinstance(row, Annotation)
}
"""Every row by key, in the order of the reference page."""
PREFIXES = tuple(dict.fromkeys(row.prefix for row in ANNOTATIONS.values()))
"""The prefixes of keys; each ends with a slash."""

_PATTERNS = tuple(row for row in ANNOTATIONS.values() if "<" in row.key)


def split(key: str) -> tuple[str, str]:
    """Prefix and name of a key; the prefix is empty if it is not one of PREFIXES."""
    prefix = next((each for each in PREFIXES if key.startswith(each)), "")
    return prefix, key.removeprefix(prefix)


def find(key: str) -> Annotation[Any] | None:
    """The row of an annotation by its key; `…/actions.web` finds `…/actions.<name>`."""
    if row := ANNOTATIONS.get(key):
        return row
    return next((row for row in _PATTERNS if key.startswith(row.stem) and key != row.stem), None)


@cache
def _names(prefix: str) -> tuple[dict[str, str], dict[str, str]]:
    """The names of the annotations with this prefix, by their form in lower case, and by the same without punctuation."""
    names = {row.name.lower(): row.name for row in ANNOTATIONS.values() if row.prefix == prefix}
    return names, {known.replace("-", "").replace(".", ""): real for known, real in names.items()}


def nearest(key: str) -> str:
    """The known annotation of the same prefix with the most similar name; empty if none is similar."""
    prefix, name = split(key)
    names, plain = _names(prefix)
    if real := plain.get(name.lower().replace("-", "").replace(".", "").replace("_", "")):
        return real
    if key[-1] != "." and (row := next((row for row in _PATTERNS if row.stem == f"{key}."), None)):
        return row.example_name
    close = difflib.get_close_matches(name.lower(), list(names), n=1, cutoff=0.75)
    return names[close[0]] if close else ""
