"""Merges the settings of a group's members: the first one is correct; another member with another value has an error.

Members that are served now come first, then the others; within each, the group order decides. So a new member changes no served value.

If the difference affects who may reach what, this member is withheld; if it is harmless, the member is served all the same.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from albatross.model.ident import Ident
from albatross.model.intent import Balancer, Keyed, Setting, Share
from albatross.planner.builders.ledger import Ledger

T = TypeVar("T")

Given = Iterable[tuple[Ident, Setting[T] | None]]
"""Members with their values, in group order."""


def said(balancer: Balancer, field: str) -> list[tuple[Ident, Any]]:
    """The value of each member in one field of its settings (None: not set), in group order."""
    return [(share.member, getattr(share.settings, field)) for share in balancer.shares]


def exclusive(given: Given[T], what: str, ledger: Ledger, same: Callable[[T], object] = lambda value: value) -> Setting[T] | None:
    """The one value of the group; `same` selects the part that must be equal. Members with another value are withheld."""
    return _one(given, what, ledger, same)


def harmless(given: Given[T], what: str, ledger: Ledger) -> Setting[T] | None:
    """The one value of the group, for settings in which a difference does no harm: members with another value are served."""
    return _one(given, what, ledger, None)


def _one(given: Given[T], what: str, ledger: Ledger, same: Callable[[T], object] | None) -> Setting[T] | None:
    first: Setting[T] | None = None
    for member, setting in ledger.ranked(given, _member):
        if setting is None:
            continue
        if first is None:
            first = setting
        elif same is None and setting.value != first.value:
            ledger.blame(member, "LB123", setting.origin, first.origin, **_words(what, setting.value, first))
        elif same is not None and same(setting.value) != same(first.value):
            ledger.withhold(member, "LB123", setting.origin, first.origin, **_words(what, setting.value, first))
    return first


def keyed(given: Iterable[tuple[Ident, Keyed]], what: str, ledger: Ledger, ruling: Keyed | None = None) -> dict[str, Setting[str]]:
    """One value per key; a key in `ruling` has priority over all members, and then their differences are not reported."""
    found: dict[str, Setting[str]] = {}
    for member, pairs in ledger.ranked(given, _member):
        for key, setting in pairs.items():
            known = found.setdefault(key, setting)
            if known.value != setting.value and key not in (ruling or {}):
                ledger.blame(member, "LB123", setting.origin, known.origin, **_words(f"{what} {key}", setting.value, known))
    return {**found, **(ruling or {})}


def whole(balancer: Balancer, what: str, ledger: Ledger) -> dict[str, Setting[str]]:
    """The attributes of the first member that gives any; each later member must give exactly the same ones."""
    first: tuple[Share, Keyed] | None = None
    for share in ledger.ranked(balancer.shares, lambda share: share.member):
        given = share.settings.attributes
        if first is None:
            first = None if given is None else (share, given)
        elif given is None or _pairs(given) != _pairs(first[1]):
            at = next((setting.origin for setting in (given or {}).values()), share.origin)
            words = {"value": _spelled(given), "first": _spelled(first[1]), "by": first[0].origin.object}
            ledger.blame(share.member, "LB123", at, setting=what, **words)
    return dict(first[1]) if first else {}


def _member(given: tuple[Ident, object]) -> Ident:
    return given[0]


def _pairs(found: Keyed) -> list[tuple[str, str]]:
    return [(key, setting.value) for key, setting in found.items()]


def _spelled(found: Keyed | None) -> str:
    return "nothing" if found is None else ",".join(f"{key}={value}" for key, value in _pairs(found))


def values(found: Mapping[str, Setting[str]]) -> tuple[tuple[str, str], ...]:
    """Sorted (key, value) pairs."""
    return tuple(sorted((key, setting.value) for key, setting in found.items()))


def _words(what: str, value: object, first: Setting[T]) -> dict[str, str]:
    at = first.origin
    return {"setting": what, "value": _shown(value), "first": _shown(first.value), "by": at.object}


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(_shown, value)) if isinstance(value, tuple) else str(value)
