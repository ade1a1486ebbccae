"""Attributes: only the desired ones, and only if they differ."""

from collections.abc import Mapping
from typing import Any

from albatross.model.resources.ref import Pairs


def differing(desired: Pairs, current: Pairs) -> list[dict[str, str]]:
    """The desired pairs with another current value, in the form of a request."""
    now = dict(current)
    return [{"Key": key, "Value": value} for key, value in sorted(desired) if now.get(key) != value]


def pairs(found: Mapping[str, Any]) -> Pairs:
    """The pairs of a Describe…Attributes answer."""
    return tuple(sorted((each["Key"], each.get("Value") or "") for each in found.get("Attributes") or ()))
