"""Attributes: only those wanted, only where they differ."""

from collections.abc import Mapping
from typing import Any

from albatross.model.resources.ref import Pairs


def differing(desired: Pairs, current: Pairs) -> list[dict[str, str]]:
    """The desired pairs that are not so yet, as requests want them."""
    now = dict(current)
    return [{"Key": key, "Value": value} for key, value in sorted(desired) if now.get(key) != value]


def pairs(found: Mapping[str, Any]) -> Pairs:
    """A Describe…Attributes answer's pairs."""
    return tuple(sorted((each["Key"], each.get("Value") or "") for each in found.get("Attributes") or ()))
