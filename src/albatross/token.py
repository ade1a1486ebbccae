"""Ids and references inside any noun. The planner and the AWS calls both use this module, so it is outside both packages."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from operator import is_
from typing import TypeVar

from albatross.model.resources.ref import Ref, Token

T = TypeVar("T")


def refs(value: object) -> frozenset[Ref]:
    """Every reference in a noun, at any depth."""
    return frozenset(each for each in _leaves(value) if isinstance(each, Ref))


def literals(value: object) -> frozenset[str]:
    """Every string in a noun, at any depth, including its ARNs and ids."""
    return frozenset(each for each in _leaves(value) if isinstance(each, str))


def swap(value: T, mapping: Mapping[Token, Token]) -> T:
    """The same noun, with every token in `mapping` replaced: references by ids, or ids by references."""
    return _swapped(value, mapping)  # type: ignore[return-value]


_known: dict[type, tuple[str, ...]] = {}
"""The fields of each class, computed once: a pass looks into thousands of nouns."""


def _names(kind: type) -> tuple[str, ...]:
    """The fields of a class of nouns; empty for other classes."""
    if (found := _known.get(kind)) is None:
        found = _known[kind] = tuple(each.name for each in fields(kind)) if is_dataclass(kind) else ()
    return found


def _leaves(value: object) -> list[object]:
    found: list[object] = []
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, str | Ref):
            found.append(each)
        elif isinstance(each, tuple):
            left.extend(each)
        else:
            left.extend([getattr(each, name) for name in _names(type(each))])
    return found


def _swapped(value: object, mapping: Mapping[Token, Token]) -> object:
    if isinstance(value, str | Ref):
        return mapping.get(value, value)
    if isinstance(value, tuple):
        new = tuple([_swapped(each, mapping) for each in value])
        return value if all(map(is_, new, value)) else new
    changed = {}
    for name in _names(type(value)):
        old = getattr(value, name)
        if (new_value := _swapped(old, mapping)) is not old:
            changed[name] = new_value
    return replace(value, **changed) if changed else value  # type: ignore[type-var]
