"""AWS globs, CIDRs and regular expressions as RE2, which is what Envoy matches with; pure."""

import ipaddress
import re
from collections.abc import Iterable

# "do not support lookaheads, lookbehinds, backreferences, atomic groups, possessive quantifiers, subroutines, recursion, and
# Unicode character classes": https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html.
# RE2 refuses the same, and what it does not know: https://github.com/google/re2/wiki/Syntax.
_TOKEN = re.compile(r"\\(?P<escape>.|$)|\(\?(?P<group>P?<[A-Za-z_]|[^)])|(?P<many>[*+?}]\+)|\{(?P<count>\d+)", re.DOTALL)
_ESCAPES = frozenset("aftnrvdDwWsSbBAzx")
_GROUPS = {"=": "lookaround", "!": "lookaround", "<": "lookaround", ">": "an atomic group"}
_MOST = 1000  # RE2's limit of a counted repetition
_FLAGS = re.compile(r"\(\?[imsU-]+\)")


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
    for token in _TOKEN.finditer(regex):
        if why := _strange(token):
            return why
    # Python knows the rest alike, but for these spellings.
    known = _FLAGS.sub("", regex).replace("(?<", "(?P<").replace(r"\z", r"\Z")
    try:
        re.compile(known)
    except re.error as error:
        return f"a mistake ({error})"
    return None


def _strange(token: re.Match[str]) -> str | None:
    escape, group, count = token["escape"], token["group"], token["count"]
    if escape is not None and escape.isalnum() and escape not in _ESCAPES:
        return {"p": "a Unicode class", "P": "a Unicode class"}.get(escape, "a backreference" if escape in "123456789kg" else f"\\{escape}")
    if group is not None and group[0] not in ":imsU-" and len(group) == 1:
        return _GROUPS.get(group, "recursion")
    if token["many"] is not None:
        return "a possessive quantifier"
    return f"a repetition above {_MOST}" if count is not None and int(count) > _MOST else None


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
