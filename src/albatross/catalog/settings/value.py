"""Parsers of the values of settings, a kind each."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from albatross.catalog import services
from albatross.errors import AlbatrossError
from albatross.model.config import GATES


class Wrong(AlbatrossError, ValueError):
    """A value has the wrong form. The text says which form is correct."""


_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")


def duration(text: str) -> float:
    """A Go duration (`1h30m`, `15s`, `500ms`, `0`) in seconds; ValueError for anything else."""
    if text == "0":
        return 0.0
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise Wrong("a duration such as 15s or 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise Wrong("a whole number, 0 or more")
    return int(text)


def _ratio(text: str) -> float:
    found = float(text) if re.fullmatch(r"[0-9]*\.?[0-9]+", text) else 0.0
    if not 0 < found <= 1:
        raise Wrong("a number above 0, at most 1, such as 0.05")
    return found


def _limit(text: str) -> int | None:
    if text != "all" and not (text.isascii() and text.isdigit()):
        raise Wrong("a whole number, or all")
    return None if text == "all" else int(text)


def on(text: str) -> bool:
    """The value of a flag, as Go's strconv.ParseBool reads it. Errors: Wrong."""
    if text in ("1", "t", "T", "true", "TRUE", "True"):
        return True
    if text in ("0", "f", "F", "false", "FALSE", "False"):
        return False
    raise Wrong("true or false")


def _map(text: str) -> dict[str, str]:
    found = {}
    for pair in filter(None, text.split(",")):
        name, sign, value = pair.partition("=")
        if not sign or not name.strip():
            raise Wrong("key=value, separated by commas")
        found[name.strip()] = value.strip()
    return found


def _endpoints(text: str) -> dict[str, str]:
    found = {}
    for service, url in _map(text).items():
        if (name := services.name(service)) is None:
            raise Wrong(f"service=URL, separated by commas; {services.unknown(service)}")
        if not url.startswith(("https://", "http://")):
            raise Wrong(f"service=URL, separated by commas; {url!r} does not start with https://")
        found[name] = url
    return found


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _gates(text: str) -> dict[str, bool]:
    found = dict(GATES)
    for name, value in _map(text).items():
        if name not in GATES:
            near = get_close_matches(name, GATES, 1)
            raise Wrong(f"existing feature gates; {name} does not exist" + (f" (did you mean {near[0]}?)" if near else ""))
        found[name] = on(value)
    return found


READ: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "choice": str,
    "number": _number,
    "limit": _limit,
    "ratio": _ratio,
    "flag": on,
    "duration": duration,
    "map": _map,
    "endpoints": _endpoints,
    "list": _list,
    "gates": _gates,
}
