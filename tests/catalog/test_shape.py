import pytest

from albatross.catalog.shape import at, without


def test_a_field_is_cleared_and_the_rest_is_shared() -> None:
    value = {"spec": {"rules": [{"host": 1}, {"host": "b"}]}, "a": {"x/y.z": 1}}
    assert without(value, "spec.rules[0].host") == {**value, "spec": {"rules": [{"host": None}, {"host": "b"}]}}
    assert without(value, 'a["x/y.z"]') == {**value, "a": {"x/y.z": None}}


def test_a_field_that_is_not_there_changes_nothing() -> None:
    assert without({"a": 1}, "b.c") == {"a": 1}


@pytest.mark.parametrize("key", ["a.b/c", r"a\q", 'b"c', "d]e", ""])
def test_a_key_may_have_every_character(key: str) -> None:
    value = {"metadata": {"annotations": {key: 1, "z": 2}}}
    path = f'metadata.annotations["{key}"]'
    assert at(value, path) == 1
    assert without(value, path) == {"metadata": {"annotations": {key: None, "z": 2}}}
