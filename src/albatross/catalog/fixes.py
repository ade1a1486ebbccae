"""One row for each problem that `lint --fix` may correct: a pure function returns the correct text, or None if it is not sure.

A fix is safe if the text was refused or ignored, and only one correction is possible. Values that work are not changed, with one exception:
`/a/*` with Prefix becomes `/a`, because that is the meaning of the path type for every other controller; then `/a` itself matches too.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from albatross.catalog import annotations
from albatross.catalog.annotations import ANNOTATIONS, ingress
from albatross.catalog.problems.example import WEB_ACL, action, annotated, path, spec, swapped
from albatross.catalog.problems.row import Example
from albatross.catalog.value import mapping
from albatross.model.problem import Problem

Part = Literal["value", "key", "quote", "json", "field", "list"]
"""The part that is rewritten: a whole value, its key, its quotes; in JSON: a value, the name of a field, a value that becomes a list."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A problem, the value at its place, and the object that contains it, both as JSON."""

    problem: Problem
    value: Any
    object: Mapping[str, Any]

    @property
    def annotation(self) -> str:
        """The annotation's key; empty elsewhere."""
        found = re.fullmatch(r'metadata\.annotations\["(.*)"\]', self.problem.origin.field)
        return found[1] if found else ""

    def said(self, name: str) -> str:
        """An argument of the problem, by name; empty if it has no argument with this name."""
        return dict(self.problem.args).get(name, "")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The new text for the place of the problem. For `json` and `field` the text is JSON, and the pointer names the place in the value."""

    part: Part
    text: str = ""
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """One kind of safe fix. Each example has the problem that is fixed."""

    code: str
    about: str
    rewrite: Callable[[Spot], Rewrite | None]
    examples: tuple[Example, ...]


# What was meant ----------------------------------------------------------------------------------------------------


def meant(word: str, known: Iterable[str]) -> str:
    """The only known word that equals this one except for case, blanks, separators, or one or two letters; empty if several do."""
    choices = list(known)
    alike = [choice for choice in choices if _bare(choice) == _bare(word)]
    if alike or len(word) < 3:
        return alike[0] if len(alike) == 1 else ""
    ranked = sorted((_distance(word.strip().casefold(), choice.casefold()), choice) for choice in choices)
    close = bool(ranked) and ranked[0][0] <= max(1, min(2, len(word) // 6))
    alone = len(ranked) < 2 or ranked[1][0] - ranked[0][0] >= 2
    return ranked[0][1] if close and alone else ""


def _bare(word: str) -> str:
    return re.sub(r"[\s_.-]", "", word).casefold()


def _distance(one: str, other: str) -> int:
    """The Levenshtein distance: the number of letters to insert, delete or change."""
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one, 1):
        previous, row[0] = row[0], n
        for m, wanted in enumerate(other, 1):
            previous, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, previous + (letter != wanted))
    return row[-1]


def _spelled(word: str, known: Iterable[str]) -> str:
    """The only known word that differs just in case, blanks or separators; empty if several do."""
    alike = [choice for choice in known if _bare(choice) == _bare(word)]
    return alike[0] if len(alike) == 1 else ""


# Whole values ------------------------------------------------------------------------------------------------------

_TRUE = frozenset({"1", "t", "true", "y", "yes", "on", "enable", "enabled"})
_FALSE = frozenset({"0", "f", "false", "n", "no", "off", "disable", "disabled"})
_SECONDS = re.compile(r"([0-9]+) ?s(?:ec(?:onds?)?)?", re.ASCII)


def _settled(spot: Spot, text: str) -> Rewrite | None:
    """The new value of the annotation, if the annotation accepts it."""
    row = annotations.find(spot.annotation)
    fits = row is not None and bool(text) and row.parse(text).value is not None
    return Rewrite("value", text) if fits and text != spot.value else None


def _boolean(spot: Spot) -> Rewrite | None:
    word = str(spot.value).strip().casefold()
    return _settled(spot, "true" if word in _TRUE else "false" if word in _FALSE else "")


def _integer(spot: Spot) -> Rewrite | None:
    row, word = annotations.find(spot.annotation), str(spot.value).strip()
    seconds = _SECONDS.fullmatch(word) if row and row.unit == "s" else None
    return _settled(spot, seconds[1] if seconds else word)


def _choice(spot: Spot) -> Rewrite | None:
    if spot.value != spot.said("value"):
        return None
    return _settled(spot, _spelled(str(spot.value), spot.problem.hint.known))


def _cidr(spot: Spot) -> Rewrite | None:
    """A single address gets its full prefix length. An address that ends with 0 may be a network of unknown size, so it is not changed."""
    item = spot.said("value")
    try:
        address = ipaddress.ip_address(item)
    except ValueError:
        return None
    if not spot.annotation or address.packed[-1] == 0:
        return None
    network = f"{item}/{address.max_prefixlen}"
    parts = re.split(r"(\s*,\s*)", str(spot.value))
    # other items of the list may be wrong too, so the whole list is not parsed here
    return Rewrite("value", "".join(network if part.strip() == item else part for part in parts))


def _once(spot: Spot) -> Rewrite | None:
    """The map with only the last of equal keys."""
    raw = str(spot.value)
    pairs = {part.partition("=")[0].strip(): part for part in re.split(r"(?<!\\),", raw)}
    last: dict[str, str] = {}
    for part in re.split(r"(?<!\\),", raw):
        name = part.partition("=")[0].strip()
        last.pop(name, None)
        last[name] = pairs[name]
    text = ",".join(last.values()).strip()
    same = mapping(text).value == mapping(raw).value and not mapping(text).faults
    return _settled(spot, text if same else "")


def _pattern(spot: Spot) -> Rewrite | None:
    stem = str(spot.value).removesuffix("/*")
    return None if stem == spot.value or "*" in stem or "?" in stem else Rewrite("value", stem or "/")


def _path_type(spot: Spot) -> Rewrite | None:
    text = meant(str(spot.value), ("Exact", "Prefix", "ImplementationSpecific"))
    return Rewrite("value", text) if text else None


def _quotes(spot: Spot) -> Rewrite | None:
    """Quotes for a number or boolean where a string is needed. A list or map is quoted only in an annotation, where it is JSON."""
    plain = isinstance(spot.value, bool | int | float)
    nested = bool(spot.annotation) and isinstance(spot.value, list | dict)
    return Rewrite("quote") if spot.problem.hint.type == "text" and (plain or nested) else None


# Keys --------------------------------------------------------------------------------------------------------------


def _names(prefix: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of a prefix that users write, and the stems of names with a part that the user chooses."""
    rows = [row for row in ANNOTATIONS.values() if row.prefix == prefix and not row.deprecated and row != ingress.DRY_RUN_PLAN]
    plain = tuple(row.name for row in rows if row.stem == row.key)
    return plain, tuple(row.stem.removeprefix(prefix) for row in rows if row.stem != row.key)


def _named(prefix: str, name: str) -> str:
    plain, stems = _names(prefix)
    head, dot, rest = name.partition(".")
    stem = meant(head + dot, stems) if rest else ""
    return f"{stem}{rest}" if stem and meant(name, plain) == "" else meant(name, plain)


def _key(spot: Spot) -> Rewrite | None:
    prefix, written = annotations.split(spot.annotation)
    name = _named(prefix, written)
    row = annotations.find(prefix + name) if name else None
    if row is None or prefix + name in (spot.object.get("metadata") or {}).get("annotations", {}):
        return None
    fits = spot.problem.origin.kind in row.kinds and not row.parse(str(spot.value)).faults
    return Rewrite("key", prefix + name) if fits else None


def _web_acl(spot: Spot) -> Rewrite | None:
    """The ARN of a regional WAFv2 web ACL belongs in the annotation of WAFv2."""
    there = ingress.WAFV2_ACL_ARN.key in (spot.object.get("metadata") or {}).get("annotations", {})
    return None if there or ":regional/webacl/" not in str(spot.value) else Rewrite("key", ingress.WAFV2_ACL_ARN.key)


# Inside JSON -------------------------------------------------------------------------------------------------------

_MISSING = object()
_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*")|(?P<single>'(?:[^'\\"]|\\.)*')|(?P<name>[A-Za-z_][\w.-]*)(?=\s*:)|(?P<comma>,)(?=\s*[\]}])|.""",
    re.DOTALL,
)


def _once_only(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a field occurs twice, so the pointer is ambiguous")
    return dict(pairs)


def _inside(spot: Spot, pointer: str) -> Any:
    """The value at the pointer, in the JSON of the annotation."""
    try:
        found = json.loads(spot.value, object_pairs_hook=_once_only)
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            found = found[int(name)] if isinstance(found, list) else found[name]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return _MISSING
    return found


def _typed(spot: Spot) -> Rewrite | None:
    at, expected = spot.problem.origin.pointer, spot.problem.hint.type
    match _inside(spot, at):
        case str() as found if expected == "integer" and re.fullmatch(r"0|[1-9][0-9]{0,8}", found.strip(), re.ASCII):
            return Rewrite("json", found.strip(), at)
        case str() as found if expected == "boolean" and found.strip().casefold() in ("true", "false"):
            return Rewrite("json", found.strip().casefold(), at)
        case bool():
            return None
        case int() as found if expected == "text":
            return Rewrite("json", json.dumps(str(found)), at)
        case str() | dict() as found if expected == "list" and "," not in (found if isinstance(found, str) else ""):
            return Rewrite("list", "", at)
    return None


def _word(spot: Spot) -> Rewrite | None:
    """A value or a name from a fixed set: it is the value at the place, the name of that place, or the `type` of the object."""
    at, wrong = spot.problem.origin.pointer, spot.said("value")
    right = _spelled(wrong, spot.problem.hint.known)
    if not right or not wrong:
        return None
    found = _inside(spot, at)
    if found == wrong:
        return Rewrite("json", json.dumps(right), at)
    if isinstance(found, dict):
        field = next((name for name, value in found.items() if name.casefold() == "type" and value == wrong), "")
        return Rewrite("json", json.dumps(right), f"{at}/{field}") if field else None
    return Rewrite("field", json.dumps(right), at) if found is not _MISSING and at.rpartition("/")[2] == wrong else None


def _field(spot: Spot) -> Rewrite | None:
    at = spot.problem.origin.pointer
    around, right = _inside(spot, at.rpartition("/")[0]), meant(spot.said("key"), spot.problem.hint.known)
    if not right or not isinstance(around, dict) or right.casefold() in (name.casefold() for name in around):
        return None
    return Rewrite("field", json.dumps(right), at)


def _json(spot: Spot) -> Rewrite | None:
    """Quotes for names, double instead of single quotes, and no comma before a closing bracket."""

    def tidy(found: re.Match[str]) -> str:
        if found["single"]:
            return json.dumps(found["single"][1:-1].replace("\\'", "'"), ensure_ascii=False)
        return f'"{found["name"]}"' if found["name"] else "" if found["comma"] else found[0]

    text = _TOKEN.sub(tidy, str(spot.value))
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    return Rewrite("value", text) if spot.annotation else None


# The table ---------------------------------------------------------------------------------------------------------

_OK = '{"type": "fixed-response", "fixedResponseConfig": {"statusCode": "503"}}'
_SAID = _OK.replace("}}", ', "messageBody": "x"}}')
_HTTP = '[{"HTTP": 80}]'
_COND = '[{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X-Canary", "values": ["1"]}}]'
_BARE = "kind: Ingress\nmetadata:\n  name: app\n  annotations:\n    " + ingress.PREFIX

ROWS: tuple[Fix, ...] = (
    Fix(
        "LB101", "writes true or false for words such as yes or off", _boolean,
        (annotated("shield-advanced-protection", "yes", "true"), annotated("multi-cluster-target-group", " True ", "true")),
    ),
    Fix(
        "LB102", "removes spaces around a number, and the unit s after seconds", _integer,
        (annotated("healthcheck-interval-seconds", "30s", "30"), annotated("group.order", " 7", "7")),
    ),
    Fix(
        "LB104", "writes the correct case and separators", _choice,
        (annotated("target-type", "IP", "ip"), annotated("scheme", "Internet_Facing", "internet-facing")),
    ),
    Fix("LB105", "adds the prefix length to a single address", _cidr, (annotated("inbound-cidrs", "203.0.113.7", "203.0.113.7/32"),)),
    Fix("LB107", "keeps the last of equal keys, which is the one that is used", _once, (annotated("tags", "team=a,team=b", "team=b"),)),
    Fix(
        "LB108", "writes double quotes around names and strings, and removes commas before a closing bracket", _json,
        (annotated("listen-ports", "[{HTTP: 80}]", _HTTP), annotated("listen-ports", "[{'HTTP': 80},]", _HTTP)),
    ),
    Fix(
        "LB109", "converts numbers and strings, and makes a list of a single value where a list is needed", _typed,
        (
            annotated("listen-ports", '[{"HTTP": "80"}]', _HTTP),
            annotated("listen-ports", '{"HTTP": 80}', _HTTP),
            action(_OK.replace('"503"', "503"), _OK),
            annotated("conditions.web", _COND.replace('["1"]', '"1"'), _COND),
        ),
    ),
    Fix("LB110", "renames a misspelled field", _field, (action(_SAID.replace("messageBody", "message_body"), _SAID),)),
    Fix(
        "LB112", "writes the correct case", _word,
        (annotated("listen-ports", '[{"http": 80}]', _HTTP), action(_OK.replace("fixed-response", "Fixed-Response"), _OK)),
    ),
    Fix("LB119", "writes the correct case", _word, (annotated("conditions.web", _COND.replace("http-header", "HTTP-Header"), _COND),)),
    Fix(
        "LB131", "renames a misspelled annotation, if only one name is possible and accepts the value", _key,
        (swapped({"target-typ": "ip"}, {"target-type": "ip"}), swapped({"group-name": "team"}, {"group.name": "team"})),
    ),
    Fix(
        "LB142", "removes /* from the prefix", _pattern,
        (replace(spec(path('"/a/*"'), path("/a")), flags=("--strict-paths=true",)),),
    ),
    Fix(
        "LB143", "removes /* from the prefix, which then also matches the path without it", _pattern,
        (spec(path('"/a/*"'), path("/a")), spec(path('"/*"'), path("/"))),
    ),
    Fix("LB144", "writes the correct case", _path_type, (spec(path("/a", "prefix"), path("/a", "Prefix")),)),
    Fix(
        "LB194", "writes quotes around a number, a boolean or JSON where a string is needed", _quotes,
        (
            Example(f"{_BARE}group.order: 7\n", f"{_BARE}group.order: '7'\n"),
            Example(f"{_BARE}listen-ports: {_HTTP}\n", f"{_BARE}listen-ports: '{_HTTP}'\n"),
        ),
    ),
    Fix(
        "LB437", "moves the ARN of a WAFv2 web ACL to wafv2-acl-arn", _web_acl,
        (swapped({"waf-acl-id": WEB_ACL}, {"wafv2-acl-arn": WEB_ACL}),),
    ),
)  # fmt: skip

FIXES: Mapping[str, Fix] = {row.code: row for row in ROWS}
"""Every row by the code of its problem."""
