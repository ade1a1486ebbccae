"""The grammar of one value: text → typed value, or the reason why not. No parser raises an exception.

The grammar is that of annotations of Kubernetes load balancer controllers: `strconv` of Go, comma-separated lists and maps, and
`encoding/json` with its case-insensitive keys.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from albatross.catalog.bounds import ITEMS, LONGEST, PAIRS
from albatross.model.problem import NO_HINT, Hint, JsonType

T = TypeVar("T")
U = TypeVar("U")

TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_LOOKS_TRUE = frozenset({"yes", "y", "on", "enabled", "enable"})
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOTHING = object()
_SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""The characters that `strings.TrimSpace` of Go removes; `strip` of Python removes four more control characters."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A reason to refuse a value, or a remark about it: the code of a problem row, and the place in the value (RFC 6901)."""

    code: str
    args: tuple[tuple[str, str], ...] = ()
    pointer: str = ""
    hint: Hint = NO_HINT


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """A value with remarks, or None with the faults that are the reason."""

    value: T | None
    faults: tuple[Fault, ...] = ()


Parser = Callable[[str], Parsed[T]]


def refused(code: str, hint: Hint = NO_HINT, **args: str) -> Parsed[T]:
    """No value, with one fault."""
    return Parsed(None, (Fault(code, tuple(sorted(args.items())), hint=hint),))


def unlisted(raw: str, allowed: Sequence[str]) -> Parsed[T]:
    """No value, because it is not one of the allowed words."""
    return refused("LB104", Hint(known=tuple(allowed)), value=raw, allowed=", ".join(allowed))


def overlong(raw: str) -> tuple[Fault, ...]:
    """The fault of a text that is too long to be parsed."""
    return () if len(raw) <= LONGEST else (Fault("LB766", (("length", str(len(raw))), ("most", str(LONGEST)))),)


def _overfull(count: int, most: int) -> tuple[Fault, ...]:
    return () if count <= most else (Fault("LB767", (("count", str(count)), ("most", str(most)))),)


def text(raw: str) -> Parsed[str]:
    """The text, verbatim."""
    return Parsed(raw)


def boolean(raw: str) -> Parsed[bool]:
    """A boolean in a spelling of Go. Others, such as `yes` and ` true`, are refused with the probable meaning."""
    if raw in TRUE or raw in FALSE:
        return Parsed(raw in TRUE)
    meant = raw.strip().lower()
    return refused("LB101", value=raw, meant="true" if meant in _LOOKS_TRUE or meant in TRUE else "false")


def integer(bits: int, low: int | None = None, high: int | None = None) -> Parser[int]:
    """A decimal integer of `bits` bits in the range `low`..`high`."""
    least, most = -(1 << (bits - 1)), (1 << (bits - 1)) - 1

    def parse(raw: str) -> Parsed[int]:
        if not _INTEGER.fullmatch(raw):
            return refused("LB102", value=raw)
        digits = raw.lstrip("+-").lstrip("0") or "0"
        number = int(digits) * (-1 if raw[0] == "-" else 1) if len(digits) < 20 else most + 1
        if not least <= number <= most:
            return refused("LB103", value=raw, low=str(least), high=str(most))
        if (low is not None and number < low) or (high is not None and number > high):
            return refused("LB103", value=raw, low=str(low), high=str(high))
        return Parsed(number)

    return parse


int32 = integer(32)
int64 = integer(64)


def choice(*allowed: str) -> Parser[str]:
    """One of `allowed`, with exactly this spelling."""

    def parse(raw: str) -> Parsed[str]:
        return Parsed(raw) if raw in allowed else unlisted(raw, allowed)

    return parse


def items(raw: str) -> Parsed[tuple[str, ...]]:
    """Comma-separated items, without blanks around them and without empty ones. There is no escape character."""
    if faults := overlong(raw):
        return Parsed(None, faults)
    found = tuple(part.strip(_SPACE) for part in raw.split(",") if part.strip(_SPACE))
    faults = _overfull(len(found), ITEMS)
    return Parsed(None if faults else found, faults)


def cidrs(raw: str) -> Parsed[tuple[str, ...]]:
    """A list of CIDRs, as the user wrote them."""
    parsed = items(raw)
    listed = parsed.value or ()
    wrong = [item for item in listed if not is_cidr(item)]
    faults = tuple(Fault("LB105", (("suggestion", _cidr_meant(item)), ("value", item))) for item in wrong)
    return Parsed(None if wrong else parsed.value, (*parsed.faults, *faults))


def is_cidr(item: str) -> bool:
    """Whether `net.ParseCIDR` of Go accepts it: an address and a prefix length. Host bits are allowed; leading zeros are not."""
    address, slash, length = item.partition("/")
    if not slash or not re.fullmatch(r"0|[1-9][0-9]{0,2}", length, re.ASCII) or "%" in address:
        return False
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return int(length) <= parsed.max_prefixlen


def _cidr_meant(item: str) -> str:
    try:
        return str(ipaddress.ip_network(item.strip(), strict=False))
    except ValueError:
        return "203.0.113.0/24"


def mapping(raw: str) -> Parsed[tuple[tuple[str, str], ...]]:
    r"""Comma-separated `key=value` pairs, sorted by key; the last of equal keys is used. `\` escapes the next character.

    A comma at the end belongs to the value. The first `=` separates key and value.
    """
    if faults := overlong(raw):
        return Parsed(None, faults)
    found: dict[str, str] = {}
    twice: list[Fault] = []
    for item in _split(raw):
        key, equals, value = item.partition("=")
        key, value = key.strip(_SPACE), value.strip(_SPACE)
        if not equals or not key:
            return refused("LB106", item=item, value=raw)
        if key in found:
            twice.append(Fault("LB107", (("key", key),)))
        found[key] = value
    faults = _overfull(len(found), PAIRS)
    return Parsed(None if faults else tuple(sorted(found.items())), (*faults, *twice))


def _split(raw: str) -> list[str]:
    last_equals = raw.rfind("=")
    out: list[str] = []
    current: list[str] = []
    index = 0
    while index < len(raw):
        char = raw[index]
        if char == "\\" and index + 1 < len(raw):
            index += 1
            current.append(raw[index])
        elif char != ",":
            current.append(char)
        elif last_equals > index:
            out.append("".join(current).strip(_SPACE))
            current = []
        elif raw[index + 1 :].strip(_SPACE):
            return [*out, "".join(current).strip(_SPACE), raw[index + 1 :].strip(_SPACE)]
        else:
            current.append(char)
        index += 1
    return [*out, "".join(current).strip(_SPACE)] if current else out


# JSON --------------------------------------------------------------------------------------------------------------


class _Number(str):
    """A JSON number, as the user wrote it."""


class _Object(tuple[tuple[str, object], ...]):
    """A JSON object with every key as the user wrote it."""


class Json:
    """A place in a decoded JSON value. A wrong type is noted with its pointer, and read as None, like `null` and absent values."""

    __slots__ = ("_faults", "_raw", "pointer")

    def __init__(self, raw: object, pointer: str, faults: list[Fault]) -> None:
        self._raw = raw
        self.pointer = pointer
        self._faults = faults

    @property
    def given(self) -> bool:
        """Whether there is a value that is not null."""
        return self._raw is not None and self._raw is not _NOTHING

    def fault(self, code: str, hint: Hint = NO_HINT, **args: str) -> None:
        """Note a fault at this place."""
        self._faults.append(Fault(code, tuple(sorted(args.items())), self.pointer, hint))

    def unlisted(self, code: str, known: Sequence[str], **args: str) -> None:
        """Note a word at this place that is not one of the known words."""
        self.fault(code, Hint(known=tuple(known)), known=", ".join(known), **args)

    def fields(self, *names: str) -> dict[str, "Json"]:
        """All fields of an object, by canonical name.

        Keys match case-insensitively; unknown and repeated keys are noted.
        """
        found = {name: Json(_NOTHING, f"{self.pointer}/{name}", self._faults) for name in names}
        folded = {name.casefold(): name for name in names}
        for key, raw in self._pairs():
            name = key if key in found else folded.get(key.casefold())
            at = Json(raw, f"{self.pointer}/{_escaped(key)}", self._faults)
            if name is None:
                at.unlisted("LB110", names, key=key)
                continue
            if found[name].given:
                at.fault("LB111", key=key)
            if at.given or not found[name].given:
                found[name] = at
        return found

    def entries(self) -> list[tuple[str, "Json"]]:
        """Key and value of an object, as written and in order."""
        return [(key, Json(raw, f"{self.pointer}/{_escaped(key)}", self._faults)) for key, raw in self._pairs()]

    def elements(self) -> list["Json"]:
        """The elements of an array."""
        if not self.given:
            return []
        if not isinstance(self._raw, list):
            self._mistyped("an array", "list")
            return []
        return [Json(raw, f"{self.pointer}/{index}", self._faults) for index, raw in enumerate(self._raw)]

    def text(self) -> str | None:
        """A string."""
        return self._raw if self._is(str, "a string", "text") and isinstance(self._raw, str) else None

    def texts(self) -> tuple[str, ...]:
        """An array of strings."""
        return tuple(element.text() or "" for element in self.elements())

    def boolean(self) -> bool | None:
        """true or false."""
        return self._raw if self._is(bool, "true or false", "boolean") and isinstance(self._raw, bool) else None

    def int32(self) -> int | None:
        """A whole number of 32 bits."""
        if not self._is(_Number, "a whole number", "integer"):
            return None
        parsed = int32(str(self._raw))
        if parsed.value is None:
            self._mistyped("a whole number of 32 bits", "integer")
        return parsed.value

    def int_or_text(self) -> int | str | None:
        """A number or a string, as Kubernetes' IntOrString."""
        return self.int32() if isinstance(self._raw, _Number) else self.text()

    def _pairs(self) -> Sequence[tuple[str, object]]:
        if not self.given:
            return ()
        if not isinstance(self._raw, _Object):
            self._mistyped("an object")
            return ()
        return self._raw

    def _is(self, wanted: type, expected: str, kind: JsonType) -> bool:
        if not self.given:
            return False
        if type(self._raw) is wanted:
            return True
        self._mistyped(expected, kind)
        return False

    def _mistyped(self, expected: str, kind: JsonType = "") -> None:
        self.fault("LB109", Hint(kind), expected=expected, found=_kind(self._raw))


def decoded(decode: Callable[[Json], U | None], remarks: frozenset[str]) -> Parser[U]:
    """A parser of JSON text. Faults with a code in `remarks` do not make the value invalid."""

    def parse(raw: str) -> Parsed[U]:
        if long := overlong(raw):
            return Parsed(None, long)
        try:
            root = json.loads(raw, object_pairs_hook=_object, parse_int=_Number, parse_float=_Number, parse_constant=_constant)
        except ValueError as error:
            return refused("LB108", reason=_reason(error), value=raw)
        except RecursionError:
            return refused("LB108", reason="the nesting is too deep", value=raw[:60] + "…")
        faults: list[Fault] = []
        value = decode(Json(_clean(root), "", faults))
        broken = any(fault.code not in remarks for fault in faults)
        return Parsed(None if broken else value, tuple(faults))

    return parse


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg[:1].lower()}{error.msg[1:]} at character {error.pos + 1}"
    return str(error)


def _object(pairs: list[tuple[str, object]]) -> _Object:
    return _Object((_valid(key), _clean(value)) for key, value in pairs)


def _clean(value: object) -> object:
    if type(value) is str:
        return _valid(value)
    if isinstance(value, list):
        return [_clean(element) if type(element) is str else element for element in value]
    return value


def _valid(chars: str) -> str:
    """The text with U+FFFD instead of lone surrogates, as in Go."""
    return _SURROGATE.sub("\ufffd", chars)


def _constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _kind(raw: object) -> str:
    if isinstance(raw, _Object):
        return "an object"
    if isinstance(raw, list):
        return "an array"
    if isinstance(raw, _Number):
        return f"the number {raw}"
    return {True: "true", False: "false"}[raw] if isinstance(raw, bool) else f'the string "{raw}"'
