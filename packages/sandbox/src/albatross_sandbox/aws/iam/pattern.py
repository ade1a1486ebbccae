"""Patterns of policies: the wildcards `*` and `?`, policy variables, and ARNs compared part by part."""

import re
from collections.abc import Mapping
from functools import lru_cache

Context = Mapping[str, tuple[str, ...]]
"""What a request tells of itself: condition keys in lower case, for AWS tells no case of theirs apart, and their values."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DEFAULT = re.compile(r"\s*([^,]+?)\s*,\s*'([^']*)'\s*")
# What a variable brings in is no wildcard and no separator: these characters of no script stand for them until they are matched.
_PLAIN = {"*": "\ue000", "?": "\ue001", ":": "\ue002", "$": "\ue003"}
_SHOWN = {hidden: shown for shown, hidden in _PLAIN.items()}
_HIDE, _SHOW = str.maketrans(_PLAIN), str.maketrans(_SHOWN)


def resolved(pattern: str, context: Context) -> str | None:
    """The pattern with its variables replaced; None where the request has no value, or several, for one of them."""
    if "${" not in pattern:
        return pattern
    values = [_value(name, context) for name in _VARIABLE.findall(pattern)]
    if any(value is None for value in values):
        return None
    following = iter(values)
    return _VARIABLE.sub(lambda _: str(next(following)).translate(_HIDE), pattern)


def _value(name: str, context: Context) -> str | None:
    if name in ("*", "?", "$"):
        return name
    default = _DEFAULT.fullmatch(name)
    key, other = default.groups() if default else (name, None)
    given = context.get(key.lower(), ())
    return given[0] if len(given) == 1 else other


def literal(pattern: str) -> str:
    """The pattern with its variables as mere text."""
    return pattern.replace("${", _PLAIN["$"] + "{")


def text(pattern: str) -> str:
    """A resolved pattern where it is no pattern but the text itself."""
    return pattern.translate(_SHOW)


def like(pattern: str, value: str) -> bool:
    """Whether a value matches a resolved pattern."""
    return _compiled(pattern).fullmatch(value) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = [".*" if each == "*" else "." if each == "?" else re.escape(each.translate(_SHOW)) for each in pattern]
    return re.compile("".join(parts), re.DOTALL)


def arn(pattern: str, value: str) -> bool:
    """Whether an ARN matches a resolved pattern, each of its six parts by itself; no text that is no ARN does."""
    wanted, given = pattern.split(":", 5), value.split(":", 5)
    return len(wanted) == len(given) == 6 and all(like(one, other) for one, other in zip(wanted, given, strict=True))


def resource(pattern: str, value: str) -> bool:
    """Whether a resource matches a resolved pattern of a policy's Resource; one that ends early goes on with wildcards."""
    if pattern == "*":
        return True
    wanted = pattern.split(":", 5)
    if wanted[-1].endswith("*"):
        wanted += ["*"] * (6 - len(wanted))
    return arn(":".join(wanted), value)
