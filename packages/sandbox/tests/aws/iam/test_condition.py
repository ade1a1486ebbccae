"""Every operator: the key present, absent, with several values; plain, IfExists, ForAllValues, ForAnyValue."""

import pytest

from albatross_sandbox.aws.iam import condition

ROLE = "arn:aws:iam::123456789012:role/path/reader"
# operator → what the policy wants, a value that meets it, one that does not.
POSITIVE = {
    "StringEquals": ("Blue", "Blue", "blue"),
    "StringEqualsIgnoreCase": ("Blue", "bLUE", "red"),
    "StringLike": ("b?u*", "blue sky", "bue"),
    "ArnEquals": ("arn:aws:iam::*:role/*", ROLE, "arn:aws:iam::1:user/x"),
    "ArnLike": ("arn:aws:iam::123456789012:role/*", ROLE, "arn:aws:iam::210987654321:role/path/reader"),
    "Bool": ("true", "TRUE", "false"),
    "BinaryEquals": ("aGk=", "aGk=", "aG8="),
    "NumericEquals": ("10", "10.0", "11"),
    "NumericLessThan": ("10", "9", "10"),
    "NumericLessThanEquals": ("10", "10", "11"),
    "NumericGreaterThan": ("10", "11", "10"),
    "NumericGreaterThanEquals": ("10", "10", "9"),
    "DateEquals": ("2026-01-01T00:00:00Z", "1767225600", "2026-01-02"),
    "DateLessThan": ("2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", "2026-01-01"),
    "DateLessThanEquals": ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-02"),
    "DateGreaterThan": ("2026-01-01T00:00:00Z", "2026-01-02", "2026-01-01"),
    "DateGreaterThanEquals": ("2026-01-01T00:00:00Z", "2026-01-01", "2025-12-31"),
    "IpAddress": ("10.0.0.0/8", "10.1.2.3", "11.1.2.3"),
}
NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}
# form → the verdicts of a positive operator for: absent, met, unmet, met and unmet.
POSITIVE_VERDICTS = {
    "{}": (False, True, False, True),
    "{}IfExists": (True, True, False, True),
    "ForAllValues:{}": (True, True, False, False),
    "ForAnyValue:{}": (False, True, False, True),
    "ForAllValues:{}IfExists": (True, True, False, False),
    "ForAnyValue:{}IfExists": (True, True, False, True),
}
NEGATED_VERDICTS = {
    "{}": (True, False, True, False),
    "{}IfExists": (True, False, True, False),
    "ForAllValues:{}": (True, False, True, False),
    "ForAnyValue:{}": (False, False, True, True),
    "ForAllValues:{}IfExists": (True, False, True, False),
    "ForAnyValue:{}IfExists": (True, False, True, True),
}
CASES = [
    *((name, form, *POSITIVE[name], verdicts) for name in POSITIVE for form, verdicts in POSITIVE_VERDICTS.items()),
    *((name, form, *POSITIVE[other], verdicts) for name, other in NEGATED.items() for form, verdicts in NEGATED_VERDICTS.items()),
]


def holds(operator: str, wanted: object, **given: tuple[str, ...]) -> bool:
    found = condition.read({operator: {"Aws:Key": wanted}})
    return all(each.holds({f"aws:{name}": values for name, values in given.items()}) for each in found)


@pytest.mark.parametrize(("operator", "form", "wanted", "met", "unmet", "verdicts"), CASES)
def test_operators(operator: str, form: str, wanted: str, met: str, unmet: str, verdicts: tuple[bool, ...]) -> None:
    name = form.format(operator)
    given: list[dict[str, tuple[str, ...]]] = [{}, {"key": (met,)}, {"key": (unmet,)}, {"key": (met, unmet)}]
    assert tuple(holds(name, wanted, **each) for each in given) == verdicts
    assert holds(name, wanted, key=()) == verdicts[0], "no value is no key"


@pytest.mark.parametrize(
    ("wanted", "absent", "present"), [("true", True, False), ("false", False, True), (True, True, False), (["true", "false"], True, True)]
)
def test_null(wanted: object, absent: bool, present: bool) -> None:
    assert (holds("Null", wanted), holds("Null", wanted, key=())) == (absent, absent)
    assert (holds("Null", wanted, key=("x",)), holds("Null", wanted, key=("x", "y"))) == (present, present)


def test_several_values_are_alternatives() -> None:
    assert [holds("StringEquals", ["a", "b"], key=(value,)) for value in "abc"] == [True, True, False]
    assert [holds("StringNotEquals", ["a", "b"], key=(value,)) for value in "abc"] == [False, False, True]
    assert holds("ForAllValues:StringEquals", ["a", "b"], key=("a", "b"))
    assert not holds("ForAllValues:StringEquals", ["a", "b"], key=("a", "c"))


def test_operators_and_keys_hold_together() -> None:
    both = condition.read({"StringEquals": {"aws:RequestTag/Team": "a", "aws:RequestTag/env": "b"}, "Null": {"aws:x": "true"}})

    def met(context: dict[str, tuple[str, ...]]) -> bool:
        return all(each.holds(context) for each in both)

    tags: dict[str, tuple[str, ...]] = {"aws:requesttag/team": ("a",), "aws:requesttag/env": ("b",)}
    assert met(tags)
    assert not met({"aws:requesttag/team": ("a",)})
    assert not met({**tags, "aws:x": ("1",)})


@pytest.mark.parametrize("name", ["StringEqual", "NullIfExists", "ForAllValues:Null", "ForSome:StringEquals", "stringequals"])
def test_what_is_no_operator_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no condition operator"):
        condition.read({name: {"aws:x": "y"}})


@pytest.mark.parametrize(
    ("operator", "given"),
    [("NumericEquals", "ten"), ("DateLessThan", "soon"), ("IpAddress", "here"), ("BinaryEquals", "?"), ("ArnLike", "no arn")],
)
def test_malformed_values_meet_nothing(operator: str, given: str) -> None:
    assert not holds(operator, "10", key=(given,))


def test_variables() -> None:
    def met(wanted: str, **context: str) -> bool:
        (clause,) = condition.read({"StringLike": {"s3:prefix": wanted}})
        return clause.holds({"s3:prefix": ("home/ann/x",), **{f"aws:{key}": (value,) for key, value in context.items()}})

    assert met("home/${aws:UserName}/*", username="ann")
    assert not met("home/${aws:username}/*", username="an?")
    assert not met("home/${aws:username}/*")
    assert met("home/${aws:username, 'ann'}/*")
    assert not met("home/${*}")
