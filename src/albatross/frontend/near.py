"""What a misspelled name may mean: the most similar name that exists. A hint only, so it is not exact in large clusters."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from albatross.model.snapshot import Key

NAMES = 200
"""The most names that a name is compared with (chosen by us: each costs about 10 microseconds)."""


def hint(key: Key, objects: Mapping[Key, Any]) -> str:
    """`; did you mean web?` for an object that does not exist, from the objects of its kind in its namespace; empty if none is similar."""
    names = [name for namespace, name in objects if namespace == key[0]]
    near = get_close_matches(key[1], names, n=1, cutoff=0.6) if len(names) <= NAMES else ()
    return f"; did you mean {near[0]}?" if near else ""
