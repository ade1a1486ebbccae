"""A row a problem that `lint --fix` may rewrite: a pure function says what should stand there instead, or nothing where it is not sure.

Safe means: what is rewritten was refused or ignored, and only one thing can have been meant. What works stays as it is, but for one:
`/a/*` with Prefix becomes `/a`, as the path type promises and every other reader of the manifest takes it; then `/a` itself matches too.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from albatross.catalog import annotations
from albatross.catalog.annotations import ANNOTATIONS, ingress
from albatross.catalog.problems.example import action, annotated, path, spec, swapped
from albatross.catalog.problems.row import Example
from albatross.catalog.value import mapping
from albatross.model.problem import Problem

Part = Literal["value", "key", "quote", "json", "field", "list"]
"""What is rewritten: a whole value, its key, its quotes; inside a JSON text a value, a field's name, or a value made a list of one."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A problem, the value that stands at its place, and the object around it, both as JSON."""

    problem: Problem
    value: Any
    object: Mapping[str, Any]

    @property
    def annotation(self) -> str:
        """The annotation's key; empty elsewhere."""
        found = re.fullmatch(r'metadata\.annotations\["(.*)"\]', self.problem.origin.field)
        return found[1] if found else ""

    def said(self, name: str) -> str:
        """A word of the problem."""
        return dict(self.problem.args).get(name, "")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What shall stand at the problem's place. For `json` and `field` the text is JSON, and the pointer says where in the value."""

    part: Part
    text: str = ""
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Mend:
    """One kind of safe rewrite. Each example is broken in the way that is mended."""

    code: str
    about: str
    rewrite: Callable[[Spot], Rewrite | None]
    examples: tuple[Example, ...]


# What was meant ----------------------------------------------------------------------------------------------------


def meant(word: str, known: Iterable[str]) -> str:
    """The one known word that this is, but for case, blanks and separators, or a letter or two; nothing where several could be."""
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
    """Levenshtein's: letters to put in, take out or change."""
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one, 1):
        previous, row[0] = row[0], n
        for m, wanted in enumerate(other, 1):
            previous, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, previous + (letter != wanted))
    return row[-1]


def _spelled(word: str, known: Iterable[str]) -> str:
    """The one known word that differs in case, blanks or separators only."""
    alike = [choice for choice in known if _bare(choice) == _bare(word)]
    return alike[0] if len(alike) == 1 else ""


# Whole values ------------------------------------------------------------------------------------------------------

_TRUE = frozenset({"1", "t", "true", "y", "yes", "on", "enable", "enabled"})
_FALSE = frozenset({"0", "f", "false", "n", "no", "off", "disable", "disabled"})
_SECONDS = re.compile(r"([0-9]+) ?s(?:ec(?:onds?)?)?", re.ASCII)


def _settled(spot: Spot, text: str) -> Rewrite | None:
    """The annotation's new value, if it is one that the annotation takes."""
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
    return _settled(spot, _spelled(str(spot.value), (each for each in spot.said("allowed").split(", ") if " " not in each)))


def _cidr(spot: Spot) -> Rewrite | None:
    """A single address becomes a network of itself; one that ends in 0 may be meant as a network of unknown size."""
    item = spot.said("value")
    try:
        address = ipaddress.ip_address(item)
    except ValueError:
        return None
    if not spot.annotation or address.packed[-1] == 0:
        return None
    network = f"{item}/{address.max_prefixlen}"
    parts = re.split(r"(\s*,\s*)", str(spot.value))
    # other items of the list may be wrong too, so the whole is not parsed here
    return Rewrite("value", "".join(network if part.strip() == item else part for part in parts))


def _once(spot: Spot) -> Rewrite | None:
    """Of a map's equal keys the last."""
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
    """A bare number or boolean where a text is needed; a list or map only as an annotation, which then is JSON."""
    plain = isinstance(spot.value, bool | int | float)
    nested = bool(spot.annotation) and isinstance(spot.value, list | dict)
    return Rewrite("quote") if spot.said("expected") == "a string" and (plain or nested) else None


# Keys --------------------------------------------------------------------------------------------------------------


def _names(prefix: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of a prefix that users write, and the stems of those that they fill in."""
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


# Inside JSON -------------------------------------------------------------------------------------------------------

_MISSING = object()
_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*")|(?P<single>'(?:[^'\\"]|\\.)*')|(?P<name>[A-Za-z_][\w.-]*)(?=\s*:)|(?P<comma>,)(?=\s*[\]}])|.""",
    re.DOTALL,
)


def _once_only(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a field stands twice, so that a pointer does not tell which")
    return dict(pairs)


def _inside(spot: Spot, pointer: str) -> Any:
    """What the pointer names in the value's JSON."""
    try:
        found = json.loads(spot.value, object_pairs_hook=_once_only)
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            found = found[int(name)] if isinstance(found, list) else found[name]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return _MISSING
    return found


def _typed(spot: Spot) -> Rewrite | None:
    at, expected = spot.problem.origin.pointer, spot.said("expected")
    match _inside(spot, at):
        case str() as found if expected.startswith("a whole number") and re.fullmatch(r"0|[1-9][0-9]{0,8}", found.strip(), re.ASCII):
            return Rewrite("json", found.strip(), at)
        case str() as found if expected == "true or false" and found.strip().casefold() in ("true", "false"):
            return Rewrite("json", found.strip().casefold(), at)
        case bool():
            return None
        case int() as found if expected == "a string":
            return Rewrite("json", json.dumps(str(found)), at)
        case str() | dict() as found if expected == "an array" and "," not in (found if isinstance(found, str) else ""):
            return Rewrite("list", "", at)
    return None


def _word(spot: Spot) -> Rewrite | None:
    """A value or a name from a fixed set: it stands at the place itself, is its name, or is the object's `type`."""
    at, wrong = spot.problem.origin.pointer, spot.said("value")
    right = _spelled(wrong, spot.said("known").split(", "))
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
    around, right = _inside(spot, at.rpartition("/")[0]), meant(spot.said("key"), spot.said("known").split(", "))
    if not right or not isinstance(around, dict) or right.casefold() in (name.casefold() for name in around):
        return None
    return Rewrite("field", json.dumps(right), at)


def _json(spot: Spot) -> Rewrite | None:
    """Names without quotes, single quotes and commas before a closing bracket."""

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
_HTTP = '[{"HTTP": 80}]'
_COND = '[{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X-Canary", "values": ["1"]}}]'
_BARE = "kind: Ingress\nmetadata:\n  name: app\n  annotations:\n    " + ingress.PREFIX

ROWS: tuple[Mend, ...] = (
    Mend(
        "LB101", "a look-alike becomes the boolean it looks like", _boolean,
        (annotated("shield-advanced-protection", "yes", "true"), annotated("multi-cluster-target-group", " True ", "true")),
    ),
    Mend(
        "LB102", "blanks around a number go, and an s after seconds", _integer,
        (annotated("healthcheck-interval-seconds", "30s", "30"), annotated("group.order", " 7", "7")),
    ),
    Mend(
        "LB104", "the right case and separators", _choice,
        (annotated("target-type", "IP", "ip"), annotated("scheme", "Internet_Facing", "internet-facing")),
    ),
    Mend("LB105", "a single address becomes a network of itself", _cidr, (annotated("inbound-cidrs", "203.0.113.7", "203.0.113.7/32"),)),
    Mend("LB107", "of equal keys only the last, which counts, stays", _once, (annotated("tags", "team=a,team=b", "team=b"),)),
    Mend(
        "LB108", "names get quotes, single quotes become double ones, commas before a bracket go", _json,
        (annotated("listen-ports", "[{HTTP: 80}]", _HTTP), annotated("listen-ports", "[{'HTTP': 80},]", _HTTP)),
    ),
    Mend(
        "LB109", "numbers as text, text as numbers, and single values where a list is needed", _typed,
        (
            annotated("listen-ports", '[{"HTTP": "80"}]', _HTTP),
            annotated("listen-ports", '{"HTTP": 80}', _HTTP),
            action(_OK.replace('"503"', "503"), _OK),
            annotated("conditions.web", _COND.replace('["1"]', '"1"'), _COND),
        ),
    ),
    Mend("LB110", "a misspelt field is renamed", _field, (action(_OK.replace("}}", ', "message_body": "x"}}'), _OK),)),
    Mend(
        "LB112", "the right case", _word,
        (annotated("listen-ports", '[{"http": 80}]', _HTTP), action(_OK.replace("fixed-response", "Fixed-Response"), _OK)),
    ),
    Mend("LB119", "the right case", _word, (annotated("conditions.web", _COND.replace("http-header", "HTTP-Header"), _COND),)),
    Mend(
        "LB131", "a misspelt annotation is renamed, where only one can be meant and its value fits", _key,
        (swapped({"target-typ": "ip"}, {"target-type": "ip"}), swapped({"group-name": "team"}, {"group.name": "team"})),
    ),
    Mend("LB142", "a prefix needs no /*", _pattern, ()),
    Mend("LB143", "a prefix needs no /* and matches itself", _pattern, (spec(path('"/a/*"'), path("/a")), spec(path('"/*"'), path("/")))),
    Mend("LB144", "the right case", _path_type, (spec(path("/a", "prefix"), path("/a", "Prefix")),)),
    Mend(
        "LB194", "a number, a boolean or JSON where text is needed gets quotes", _quotes,
        (
            Example(f"{_BARE}group.order: 7\n", f"{_BARE}group.order: '7'\n"),
            Example(f"{_BARE}listen-ports: {_HTTP}\n", f"{_BARE}listen-ports: '{_HTTP}'\n"),
        ),
    ),
)  # fmt: skip

MENDS: Mapping[str, Mend] = {row.code: row for row in ROWS}
"""Every row by its problem's code."""
