"""AWS globs, CIDRs and regular expressions as RE2, which is what Envoy matches with; pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

# "do not support lookaheads, lookbehinds, backreferences, atomic groups, possessive quantifiers, subroutines, recursion":
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html; RE2 refuses the same.
_BEYOND = (
    (re.compile(r"\(\?(?:=|!|<=|<!)"), "lookaround"),
    (re.compile(r"\(\?>"), "an atomic group"),
    (re.compile(r"\(\?(?:R|\d|&|P>)"), "recursion"),
    (re.compile(r"(?<!\\)(?:\\\\)*\\(?:[1-9]|k<|g[{<\d])"), "a backreference"),
    (re.compile(r"(?<!\\)[*+?}]\+"), "a possessive quantifier"),
)


def glob(text: str, one: str = ".") -> str:
    """RE2 for an AWS glob: `*` any run, `?` one; `one` is what a wildcard may stand for."""
    return "".join({"*": f"{one}*", "?": one}.get(char) or re.escape(char) for char in text)


def encoded(text: str, one: str) -> str:
    """RE2 for a glob over part of a query string, where characters may be percent-encoded and `\\` takes the next one literally."""
    words = {"*": f"(?:{one})*", "?": f"(?:%[0-9a-f]{{2}}|{one})"}
    found = re.findall(r"\\.|.", text, re.DOTALL)
    return "".join(words.get(each) or _percent(each[-1]) for each in found)


def _percent(char: str) -> str:
    if char.isascii() and char.isalnum():
        return char
    plain = {" ": r"\+", "+": ""}.get(char, re.escape(char))
    code = "".join(f"%{byte:02X}" for byte in char.encode())
    return f"(?:{plain}|{code})" if plain else code


def either(parts: Iterable[str]) -> str:
    """RE2 that matches any of these."""
    return "(?:" + "|".join(parts) + ")"


def within(regex: str) -> str:
    """RE2 that, matched whole as Envoy does, finds `regex` anywhere as AWS does."""
    return f".*(?:{regex}).*"


def beyond(regex: str) -> str | None:
    """What RE2 cannot do in this expression, or None."""
    for found, name in _BEYOND:
        if found.search(regex):
            return name
    try:
        re.compile(regex)
    except re.error as error:
        return f"a mistake ({error})"
    return None


def cidr(text: str) -> str | None:
    """RE2 for the addresses of an IPv4 CIDR in dotted form; None for IPv6, which no peer on IPv4 loopback has."""
    network = ipaddress.ip_network(text, strict=False)
    if not isinstance(network, ipaddress.IPv4Network):
        return None
    low, high = network.network_address.packed, network.broadcast_address.packed
    return r"\.".join(_octet(first, last) for first, last in zip(low, high, strict=True))


def _octet(low: int, high: int) -> str:
    if low == high:
        return str(low)
    return r"\d+" if (low, high) == (0, 255) else either(str(n) for n in range(low, high + 1))


def rewrite(regex: str, replace: str) -> tuple[str, str]:
    """Pattern and substitution that, replacing all as Envoy does, replace the first match as AWS does.

    Anchoring leaves one match; what stands before it and the match itself become groups 1 and 2, so `$1` becomes `\\3`.
    """
    shifted = re.sub(r"\$([0-7])", lambda found: f"\\{int(found[1]) + 2}", replace.replace("\\", r"\\"))
    return f"^(.*?)({regex})", r"\1" + shifted
