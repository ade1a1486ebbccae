"""Conditions and transforms of routes: numbers and values that AWS accepts."""

import re
from collections.abc import Iterator, Sequence

from albatross.catalog.limits import HEADER_NAME, LENGTHS, METHOD, PATH, QUOTAS, fits
from albatross.catalog.notes import Notes
from albatross.catalog.placeholder import placeholder
from albatross.catalog.value import is_cidr
from albatross.model.intent import Intent, Route
from albatross.model.problem import Origin
from albatross.model.resources.rule import Condition

VALUES = QUOTAS["condition values per rule"]
WILDCARDS = QUOTAS["condition wildcards per rule"]
_WILD = re.compile(r"[*?]")
_HOST = re.compile(r"[A-Za-z0-9.*?_-]+")


def check(intent: Intent, notes: Notes) -> None:
    """Note rules with more condition values or wildcards than AWS allows, and values that it does not accept."""
    for share in intent.shares:
        for route in share.routes:
            _counts(route, notes)
            _transforms(route, notes)
            for condition in route.conditions:
                _values(condition, route.origin, notes)


def _counts(route: Route, notes: Notes) -> None:
    texts = [text for condition in route.conditions for text in _texts(condition)]
    count = sum(len(condition.values) + len(condition.regex_values) + len(condition.query) for condition in route.conditions)
    if count > VALUES.value:
        notes.add("LB401", route.origin, what=VALUES.name, count=str(count), limit=str(VALUES.value), adjustable="")
    wild = sum(len(_WILD.findall(text)) for text in texts)
    if wild > WILDCARDS.value:
        notes.add("LB401", route.origin, what=WILDCARDS.name, count=str(wild), limit=str(WILDCARDS.value), adjustable="")


def _transforms(route: Route, notes: Notes) -> None:
    """A rule can have one transform of each type, with one rewrite: elbv2 API_RuleTransform, API_RewriteConfigObject."""
    types = [transform.type for transform in route.transforms]
    twice = [name for name in dict.fromkeys(types) if types.count(name) > 1]
    many = [transform.type for transform in route.transforms if len(transform.rewrites) > 1]
    for name in dict.fromkeys([*twice, *many]):
        notes.add("LB407", route.origin, what="transform", value=name, expected="one transform of each type, with one rewrite")


def _texts(condition: Condition) -> Iterator[str]:
    yield from condition.values
    for key, value in condition.query:
        yield from (key or "", value)


def _values(condition: Condition, at: Origin, notes: Notes) -> None:
    _fit("regular expression", condition.regex_values, at, notes)
    match condition.field:
        case "host-header":
            _fit("host-header value", condition.values, at, notes)
            _match("host", condition.values, _HOST, "letters, digits, - . and the wildcards * and ?", at, notes)
        case "path-pattern":
            _fit("path-pattern value", condition.values, at, notes)
            _match("path", condition.values, PATH, "letters, digits, _-.$/~\"'@:+& and the wildcards * and ?", at, notes)
        case "http-header":
            _fit("http-header name", (condition.header,), at, notes)
            _match("header name", (condition.header,), HEADER_NAME, "a header name without wildcards", at, notes)
            _fit("http-header value", condition.values, at, notes)
        case "http-request-method":
            _match("method", condition.values, METHOD, "a method in upper case", at, notes)
        case "source-ip":
            for value in condition.values:
                if not is_cidr(value):
                    notes.add("LB407", at, what="source IP", value=value, expected="a CIDR such as 203.0.113.0/24")


def _fit(name: str, values: Sequence[str], at: Origin, notes: Notes) -> None:
    row = LENGTHS[name]
    for value in values:
        if not fits(name, value):
            notes.add("LB402", at, what=f'{row.name} "{value[:40]}"', length=str(len(value)), low=str(row.low), high=str(row.high))


def _match(what: str, values: Sequence[str], wanted: re.Pattern[str], expected: str, at: Origin, notes: Notes) -> None:
    for value in values:
        if value and not wanted.fullmatch(value) and not placeholder(value):
            notes.add("LB407", at, what=what, value=value, expected=expected)
