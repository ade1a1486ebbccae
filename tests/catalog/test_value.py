"""The grammar of annotation values."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albatross.catalog import value
from albatross.catalog.annotations import ANNOTATIONS, Annotation
from albatross.catalog.problems import PROBLEMS
from albatross.catalog.value import Json, Parsed, decoded

ANYTHING = decoded(lambda root: root.fields("a", "b"), frozenset({"LB110", "LB111"}))


def codes(parsed: Parsed[Any]) -> list[str]:
    return [fault.code for fault in parsed.faults]


@pytest.mark.parametrize("raw", ["1", "t", "T", "TRUE", "true", "True"])
def test_true(raw: str) -> None:
    assert value.boolean(raw).value is True


@pytest.mark.parametrize("raw", ["0", "f", "F", "FALSE", "false", "False"])
def test_false(raw: str) -> None:
    assert value.boolean(raw).value is False


@pytest.mark.parametrize(
    ("raw", "meant"), [("", "false"), ("yes", "true"), (" true", "true"), ("on", "true"), ("no", "false"), ("tRue", "true")]
)
def test_look_alike_booleans_say_what_was_meant(raw: str, meant: str) -> None:
    parsed = value.boolean(raw)
    assert parsed.value is None
    assert dict(parsed.faults[0].args)["meant"] == meant


@pytest.mark.parametrize(
    ("raw", "number"), [("0", 0), ("-0", 0), ("+7", 7), ("-12", -12), ("007", 7), ("2147483647", 2147483647), ("-2147483648", -2147483648)]
)
def test_int32(raw: str, number: int) -> None:
    assert value.int32(raw).value == number


@pytest.mark.parametrize("raw", ["", " 1", "1 ", "1_000", "1.0", "1e3", "0x1", "--1", "٣"])
def test_not_an_integer(raw: str) -> None:
    assert codes(value.int32(raw)) == ["LB102"]


@pytest.mark.parametrize("raw", ["2147483648", "-2147483649", "9" * 5000])
def test_out_of_32_bits(raw: str) -> None:
    assert codes(value.int32(raw)) == ["LB103"]


def test_int64_and_bounds() -> None:
    assert value.int64("9223372036854775807").value == 9223372036854775807
    assert codes(value.int64("9223372036854775808")) == ["LB103"]
    assert codes(value.integer(32, 1, 5)("6")) == ["LB103"]
    assert codes(value.integer(32, 1)("0")) == ["LB103"]


def test_a_choice_is_spelled_exactly() -> None:
    assert value.choice("ip", "instance")("ip").value == "ip"
    assert codes(value.choice("ip", "instance")("IP")) == ["LB104"]


@pytest.mark.parametrize(("raw", "found"), [("", ()), (" a , b,,c ,", ("a", "b", "c")), ("a b", ("a b",)), ("\\,", ("\\",))])
def test_items(raw: str, found: tuple[str, ...]) -> None:
    assert value.items(raw).value == found


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("", {}),
        ("a=1,b=2", {"a": "1", "b": "2"}),
        ("a=1\\,2", {"a": "1,2"}),
        ("a=1,", {"a": "1,"}),
        ("a=1, ", {"a": "1,"}),
        ("a=x=y", {"a": "x=y"}),
        (" a = 1 , b = 2 ", {"a": "1", "b": "2"}),
        ("a=1\\", {"a": "1\\"}),
        ("a=\\=b", {"a": "=b"}),
        ("a=", {"a": ""}),
        ("a=1\x1c", {"a": "1\x1c"}),
    ],
)
def test_mapping(raw: str, found: dict[str, str]) -> None:
    assert dict(value.mapping(raw).value or ()) == found


@pytest.mark.parametrize("raw", ["x", "a=1,b", ",a=1", "=1", "a=1,2,b=3", ",", " "])
def test_not_a_mapping(raw: str) -> None:
    assert codes(value.mapping(raw)) == ["LB106"]


def test_the_last_of_equal_keys_wins() -> None:
    parsed = value.mapping("a=1,a=2")
    assert parsed.value == (("a", "2"),)
    assert codes(parsed) == ["LB107"]


@pytest.mark.parametrize("raw", ["10.0.0.0/8", "10.1.2.3/8", "::/0", "2001:db8::1/128", "0.0.0.0/0", "::ffff:1.2.3.4/128"])
def test_cidr(raw: str) -> None:
    assert value.is_cidr(raw)


@pytest.mark.parametrize(
    "raw", ["10.0.0.0", "10.0.0.0/33", "10.0.0.01/8", "10.0.0/8", "a/8", "10.0.0.0/08", "10.0.0.0/-1", "fe80::1%eth0/64", "::/129"]
)
def test_not_a_cidr(raw: str) -> None:
    assert not value.is_cidr(raw)


def test_cidrs_suggest_what_was_meant() -> None:
    parsed = value.cidrs("10.0.0.0/8, 203.0.113.7, x")
    assert [dict(fault.args)["suggestion"] for fault in parsed.faults] == ["203.0.113.7/32", "203.0.113.0/24"]
    assert value.cidrs("10.0.0.0/8,::/0").value == ("10.0.0.0/8", "::/0")


@pytest.mark.parametrize(
    "raw", ["", "{", "[1,]", "{a: 1}", "{} x", "NaN", '{"a": 1,}', "'a'", '"\n"', "\ufeff{}", "-", "01", "[" * 30_000, '{"a":' * 6_000]
)
def test_not_json(raw: str) -> None:
    assert codes(ANYTHING(raw)) == ["LB108"]


def read(raw: str) -> tuple[dict[str, Json], Parsed[dict[str, Json]]]:
    parsed = ANYTHING(raw)
    return parsed.value or {}, parsed


def test_keys_match_whatever_their_case_and_exact_ones_first() -> None:
    fields, parsed = read('{"A": "1", "b": "2"}')
    assert fields["a"].text() == "1"
    assert fields["b"].text() == "2"
    assert codes(parsed) == []


def test_unknown_and_repeated_keys_are_noted() -> None:
    fields, parsed = read('{"c/~": 1, "a": "1", "A": "2"}')
    assert fields["a"].text() == "2"
    assert [(fault.code, fault.pointer) for fault in parsed.faults] == [("LB110", "/c~1~0"), ("LB111", "/A")]


def test_null_takes_nothing_back() -> None:
    fields, parsed = read('{"a": "1", "A": null}')
    assert fields["a"].text() == "1"
    assert codes(parsed) == ["LB111"]


def test_null_is_absent() -> None:
    fields, parsed = read('{"a": null}')
    assert (fields["a"].text(), fields["a"].texts(), fields["a"].elements(), fields["a"].entries()) == (None, (), [], [])
    assert not fields["a"].given
    assert codes(parsed) == []


def test_lone_surrogates_are_replaced() -> None:
    fields, _ = read('{"a": "\\ud800", "b": ["\\udfff"]}')
    assert fields["a"].text() == "\ufffd"
    assert fields["b"].texts() == ("\ufffd",)


@pytest.mark.parametrize(
    ("raw", "method", "found"),
    [
        ("1", "text", "the number 1"),
        ("[]", "text", "an array"),
        ("{}", "text", "an object"),
        ("true", "text", "true"),
        ('"x"', "boolean", 'the string "x"'),
        ("1", "boolean", "the number 1"),
        ('"1"', "int32", 'the string "1"'),
        ("1.0", "int32", "the number 1.0"),
        ("2147483648", "int32", "the number 2147483648"),
        ("{}", "elements", "an object"),
        ("[]", "entries", "an array"),
        ("false", "int_or_text", "false"),
    ],
)
def test_wrong_types_are_said(raw: str, method: str, found: str) -> None:
    parsed = decoded(lambda root: getattr(root, method)(), frozenset())(raw)
    assert [dict(fault.args)["found"] for fault in parsed.faults] == [found]


def test_int_or_text() -> None:
    assert decoded(lambda root: root.int_or_text(), frozenset())("80").value == 80
    assert decoded(lambda root: root.int_or_text(), frozenset())('"80"').value == "80"
    assert decoded(lambda root: root.boolean(), frozenset())("true").value is True


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
KEYS = st.sampled_from(["type", "field", "port", "mode", "values"]) | st.text()
NESTED = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(KEYS, SCALARS)
JSONS = NESTED | st.lists(NESTED, max_size=3) | st.dictionaries(st.sampled_from(["forwardConfig", "hostHeaderConfig", "HTTP"]), NESTED)


@given(raw=st.text() | JSONS.map(json.dumps))
def test_no_text_makes_a_parser_raise(raw: str) -> None:
    for row in ANNOTATIONS.values():
        parsed = row.parse(raw)
        assert parsed.value is not None or parsed.faults
        assert all(fault.code in PROBLEMS for fault in parsed.faults)


@pytest.mark.parametrize("row", [row for row in ANNOTATIONS.values() if row.example], ids=lambda row: row.name)
def test_every_example_parses(row: Annotation[Any]) -> None:
    assert row.parse(row.example).value is not None
    assert not row.parse(row.example).faults
