"""Ids and references inside any noun. The planner and the AWS calls both use this module, so it is outside both packages."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
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


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, Ref | str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _leaves(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _leaves(getattr(value, field.name))


def _swapped(value: object, mapping: Mapping[Token, Token]) -> object:
    if isinstance(value, Ref | str):
        return mapping.get(value, value)
    if isinstance(value, tuple):
        new = tuple(_swapped(each, mapping) for each in value)
        return value if all(a is b for a, b in zip(new, value, strict=True)) else new
    if is_dataclass(value) and not isinstance(value, type):
        changed = {}
        for field in fields(value):
            old = getattr(value, field.name)
            if (new_value := _swapped(old, mapping)) is not old:
                changed[field.name] = new_value
        return replace(value, **changed) if changed else value
    return value
