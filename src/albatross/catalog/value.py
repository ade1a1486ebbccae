"""The grammar of one value: text → typed value, or why not. No parser raises, whatever the text.

The grammar is the one annotations of Kubernetes load balancer controllers have: Go's `strconv`, comma-separated lists and maps, and
`encoding/json` with its case-insensitive keys.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")

TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_LOOKS_TRUE = frozenset({"yes", "y", "on", "enabled", "enable"})
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOTHING = object()
_SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""What Go's `strings.TrimSpace` takes off; Python's `strip` takes four control characters more."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value is refused, or what was noticed in it: a row of the problem table, and where in the value (RFC 6901)."""

    code: str
    args: tuple[tuple[str, str], ...] = ()
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """A value, or None with the faults that refused it; faults beside a value are remarks."""

    value: T | None
    faults: tuple[Fault, ...] = ()


Parser = Callable[[str], Parsed[T]]


def refused(code: str, **args: str) -> Parsed[T]:
    """No value, for one reason."""
    return Parsed(None, (Fault(code, tuple(sorted(args.items()))),))


def text(raw: str) -> Parsed[str]:
    """The text, verbatim."""
    return Parsed(raw)


def boolean(raw: str) -> Parsed[bool]:
    """Exactly Go's spellings of a boolean; `yes`, ` true` and the like are refused, with what was meant."""
    if raw in TRUE or raw in FALSE:
        return Parsed(raw in TRUE)
    meant = raw.strip().lower()
    return refused("LB101", value=raw, meant="true" if meant in _LOOKS_TRUE or meant in TRUE else "false")


def integer(bits: int, low: int | None = None, high: int | None = None) -> Parser[int]:
    """A base 10 integer of `bits` bits; outside `low`..`high` is refused too."""
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
    """One of `allowed`, spelled exactly."""

    def parse(raw: str) -> Parsed[str]:
        return Parsed(raw) if raw in allowed else refused("LB104", value=raw, allowed=", ".join(allowed))

    return parse


def items(raw: str) -> Parsed[tuple[str, ...]]:
    """Comma-separated, each trimmed, empty ones dropped; there is no escape."""
    return Parsed(tuple(part.strip(_SPACE) for part in raw.split(",") if part.strip(_SPACE)))


def cidrs(raw: str) -> Parsed[tuple[str, ...]]:
    """A list of CIDRs, kept as written."""
    listed = items(raw).value or ()
    wrong = [item for item in listed if not is_cidr(item)]
    faults = tuple(Fault("LB105", (("suggestion", _cidr_meant(item)), ("value", item))) for item in wrong)
    return Parsed(None if wrong else listed, faults)


def is_cidr(item: str) -> bool:
    """Whether Go's `net.ParseCIDR` takes it: an address and a prefix length, host bits allowed, leading zeros not."""
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
    r"""`key=value` pairs, comma-separated, `\` taking the next character as it is; sorted by key, the last of equal keys wins.

    A comma with nothing after it belongs to the value, and the first `=` splits.
    """
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
    return Parsed(tuple(sorted(found.items())), tuple(twice))


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
    """A JSON number as it was written."""


class _Object(tuple[tuple[str, object], ...]):
    """A JSON object with every key as it was written."""


class Json:
    """A place inside a decoded JSON value; wrong types are noted with their pointer and read as None, like `null` and what is absent."""

    __slots__ = ("_faults", "_raw", "pointer")

    def __init__(self, raw: object, pointer: str, faults: list[Fault]) -> None:
        self._raw = raw
        self.pointer = pointer
        self._faults = faults

    @property
    def given(self) -> bool:
        """Whether there is a value that is not null."""
        return self._raw is not None and self._raw is not _NOTHING

    def fault(self, code: str, **args: str) -> None:
        """Note a fault at this place."""
        self._faults.append(Fault(code, tuple(sorted(args.items())), self.pointer))

    def fields(self, *names: str) -> dict[str, "Json"]:
        """The fields of an object by canonical name, every one present.

        Keys match case-insensitively; unknown and repeated ones are noted.
        """
        found = {name: Json(_NOTHING, f"{self.pointer}/{name}", self._faults) for name in names}
        folded = {name.casefold(): name for name in names}
        for key, raw in self._pairs():
            name = key if key in found else folded.get(key.casefold())
            at = Json(raw, f"{self.pointer}/{_escaped(key)}", self._faults)
            if name is None:
                at.fault("LB110", key=key, known=", ".join(names))
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
            self._mistyped("an array")
            return []
        return [Json(raw, f"{self.pointer}/{index}", self._faults) for index, raw in enumerate(self._raw)]

    def text(self) -> str | None:
        """A string."""
        return self._raw if self._is(str, "a string") and isinstance(self._raw, str) else None

    def texts(self) -> tuple[str, ...]:
        """An array of strings."""
        return tuple(element.text() or "" for element in self.elements())

    def boolean(self) -> bool | None:
        """true or false."""
        return self._raw if self._is(bool, "true or false") and isinstance(self._raw, bool) else None

    def int32(self) -> int | None:
        """A whole number of 32 bits."""
        if not self._is(_Number, "a whole number"):
            return None
        parsed = int32(str(self._raw))
        if parsed.value is None:
            self._mistyped("a whole number of 32 bits")
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

    def _is(self, wanted: type, expected: str) -> bool:
        if not self.given:
            return False
        if type(self._raw) is wanted:
            return True
        self._mistyped(expected)
        return False

    def _mistyped(self, expected: str) -> None:
        self.fault("LB109", expected=expected, found=_kind(self._raw))


def decoded(decode: Callable[[Json], U | None], remarks: frozenset[str]) -> Parser[U]:
    """A parser of JSON text; faults whose code is in `remarks` do not refuse the value."""

    def parse(raw: str) -> Parsed[U]:
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
    """Lone surrogates become U+FFFD, as Go reads them."""
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
