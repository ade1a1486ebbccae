"""Attributes of load balancers, listeners and target groups, compared with the table of AWS."""

import difflib
from collections.abc import Iterable, Mapping

from albatross.catalog import attributes as table
from albatross.catalog.attributes import Attribute, Family
from albatross.catalog.notes import Notes
from albatross.model.intent import Intent, Keyed, Listen

_ANY = "<protocol>-<port>"
"""The end of the name listener-attributes, if no listener is known."""

_ELSEWHERE: tuple[tuple[Mapping[str, Attribute], str], ...] = (
    (table.LOAD_BALANCER, "load balancers, so write it in load-balancer-attributes"),
    (table.LISTENER, f"listeners, so write it in listener-attributes.{_ANY}"),
    (table.TARGET_GROUP, "target groups, so write it in target-group-attributes"),
)
"""Where an attribute belongs, by the table that has it."""


def check(intent: Intent, notes: Notes) -> None:
    """Note unknown attributes, attributes of another family, and values that AWS does not accept."""
    for balancer in intent.balancers:
        family = balancer.family
        for share in balancer.shares:
            for given in (share.settings.attributes or {}, share.overrides.attributes):
                _each("load balancer", table.LOAD_BALANCER, family, given, notes, share.listens)
            for listen in share.formed:
                _each("listener", table.LISTENER, family, listen.attributes, notes)
                _secure(listen.protocol, listen.attributes, notes)
        for backend in balancer.backends:
            _each("target group", table.TARGET_GROUP, family, backend.settings.attributes, notes)


def _listener(key: str, listens: Iterable[Listen]) -> str:
    """The first listener of a member that can have the attribute, as in the name of its annotation."""
    found = (f"{each.protocol}-{each.port}" for each in listens if each.protocol == "HTTPS" or key not in table.SECURE_ONLY)
    return next(found, _ANY)


def _each(kind: str, rows: Mapping[str, Attribute], family: Family, given: Keyed, notes: Notes, listens: Iterable[Listen] = ()) -> None:
    for key, setting in given.items():
        row, value, at = rows.get(key), setting.value, setting.origin
        if row is None or family not in row.families:
            notes.add("LB403", at, kind=kind, key=key, hint=_hint(key, rows, family).replace(_ANY, _listener(key, listens)))
        elif not row.takes(value):
            notes.add("LB404", at, kind=kind, key=key, value=value, expected=row.expected)
        elif key == "stickiness.type" and value not in table.STICKINESS[family]:
            notes.add("LB404", at, kind=kind, key=key, value=value, expected=" or ".join(sorted(table.STICKINESS[family])))


def _hint(key: str, rows: Mapping[str, Attribute], family: Family) -> str:
    known = [name for name, row in rows.items() if family in row.families]
    other = next((words for place, words in _ELSEWHERE if place is not rows and key in place and family in place[key].families), "")
    if other:
        return f"; it is an attribute of {other}"
    near = [name for name in known if name.startswith(key)] or difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _secure(protocol: str, given: Keyed, notes: Notes) -> None:
    for key, setting in given.items():
        if protocol != "HTTPS" and key in table.SECURE_ONLY:
            notes.add("LB403", setting.origin, kind="HTTP listener", key=key, hint="; it is only for HTTPS listeners")
