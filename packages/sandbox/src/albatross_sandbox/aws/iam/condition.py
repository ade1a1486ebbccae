"""The Condition of a policy's statement: every operator, its IfExists and its set forms, as AWS documents them.

IAM user guide, "IAM JSON policy elements: Condition operators" and "Single-valued vs. multivalued context keys".
"""

import base64
import binascii
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from albatross_sandbox.aws.iam import pattern
from albatross_sandbox.aws.iam.pattern import Context

Test = Callable[[str, str], bool]
"""Whether a value of the request meets a value of the policy: (given, wanted)."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One operator on one key: `{"StringEquals": {key: wanted}}`."""

    test: Test
    key: str
    wanted: tuple[str, ...]
    negated: bool = False
    quantifier: str = ""
    optional: bool = False

    def holds(self, context: Context) -> bool:
        """Whether the request meets it."""
        given = context.get(self.key, ())
        if not given:
            return self.optional or self.quantifier == "ForAllValues" or (self.negated and not self.quantifier)
        wanted = [each for each in (pattern.resolved(value, context) for value in self.wanted) if each is not None]
        met = [any(self.test(value, each) for each in wanted) != self.negated for value in given]
        every = self.quantifier == "ForAllValues" or (self.negated and not self.quantifier)
        return all(met) if every else any(met)


@dataclass(frozen=True, slots=True)
class Absence:
    """`{"Null": {key: "true"}}`: the request does not tell the key; "false": it does."""

    key: str
    wanted: tuple[str, ...]

    def holds(self, context: Context) -> bool:
        """Whether the request meets it."""
        absent = "false" if context.get(self.key) else "true"
        return absent in (each.lower() for each in self.wanted)


Condition = Clause | Absence


def read(block: Mapping[str, Mapping[str, Any]]) -> tuple[Condition, ...]:
    """All that must hold together; raises ValueError for an operator that there is not."""
    return tuple(_clause(operator, key, texts(wanted)) for operator, keys in block.items() for key, wanted in keys.items())


def texts(value: Any) -> tuple[str, ...]:
    """One JSON value or a list of them, as texts."""
    return tuple(_text(each) for each in (value if isinstance(value, list) else [value]))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _clause(operator: str, key: str, wanted: tuple[str, ...]) -> Condition:
    quantifier, _, name = operator.rpartition(":")
    if name == "Null" and not quantifier:
        return Absence(key.lower(), wanted)
    base = name.removesuffix("IfExists")
    if base not in _TESTS or quantifier not in ("", "ForAllValues", "ForAnyValue"):
        raise ValueError(f"there is no condition operator {operator}")
    test, negated = _TESTS[base]
    return Clause(test, key.lower(), wanted, negated, quantifier, name != base)


def _number(value: str) -> float:
    return float(value)


def _moment(value: str) -> float:
    """Seconds since the epoch of an ISO 8601 date, or of the number itself."""
    try:
        return float(value)
    except ValueError:
        found = datetime.fromisoformat(value.replace("Z", "+00:00"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _ordered(read: Callable[[str], float], compare: Callable[[float, float], bool]) -> Test:
    """A comparison that no malformed value meets."""

    def test(given: str, wanted: str) -> bool:
        try:
            return compare(read(given), read(pattern.text(wanted)))
        except ValueError:
            return False

    return test


def _within(given: str, wanted: str) -> bool:
    try:
        return ipaddress.ip_address(given) in ipaddress.ip_network(pattern.text(wanted), strict=False)
    except ValueError:
        return False


def _binary(given: str, wanted: str) -> bool:
    try:
        return base64.b64decode(given, validate=True) == base64.b64decode(pattern.text(wanted), validate=True)
    except binascii.Error:
        return False


def _equal(given: str, wanted: str) -> bool:
    return given == pattern.text(wanted)


def _same(given: str, wanted: str) -> bool:
    return given.lower() == pattern.text(wanted).lower()


def _like(given: str, wanted: str) -> bool:
    return pattern.like(wanted, given)


def _arn(given: str, wanted: str) -> bool:
    return pattern.arn(wanted, given)


_COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], bool]] = {
    "Equals": (lambda a, b: a == b, False),
    "NotEquals": (lambda a, b: a == b, True),
    "LessThan": (lambda a, b: a < b, False),
    "LessThanEquals": (lambda a, b: a <= b, False),
    "GreaterThan": (lambda a, b: a > b, False),
    "GreaterThanEquals": (lambda a, b: a >= b, False),
}
# Operator → its test, and whether it is the test's negation.
_TESTS: Mapping[str, tuple[Test, bool]] = {
    "StringEquals": (_equal, False),
    "StringNotEquals": (_equal, True),
    "StringEqualsIgnoreCase": (_same, False),
    "StringNotEqualsIgnoreCase": (_same, True),
    "StringLike": (_like, False),
    "StringNotLike": (_like, True),
    "ArnEquals": (_arn, False),
    "ArnNotEquals": (_arn, True),
    "ArnLike": (_arn, False),
    "ArnNotLike": (_arn, True),
    "Bool": (_same, False),
    "BinaryEquals": (_binary, False),
    "IpAddress": (_within, False),
    "NotIpAddress": (_within, True),
    **{f"Numeric{name}": (_ordered(_number, compare), negated) for name, (compare, negated) in _COMPARISONS.items()},
    **{f"Date{name}": (_ordered(_moment, compare), negated) for name, (compare, negated) in _COMPARISONS.items()},
}
