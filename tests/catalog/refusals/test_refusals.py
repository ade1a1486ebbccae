"""What is refused, where, and the fix. `tests/kube/test_refused.py` holds the same cases against an API server."""

from typing import Any

import pytest
from tests.catalog.refusals.case import ALL, made

from albatross.catalog import kinds
from albatross.catalog.refusals import refusals
from albatross.catalog.refusals.metadata import LONGEST


@pytest.mark.parametrize(("obj", "fields"), ALL)
def test_fields_that_are_refused(obj: dict[str, Any], fields: list[str]) -> None:
    assert not kinds.malformed(obj)
    found = refusals(obj["kind"], obj)
    assert [each.field for each in found] == fields
    assert all(each.reason and each.fix for each in found)


def test_annotations_have_a_limit() -> None:
    obj = made("Ingress", {"patch": {"metadata": {"annotations": {"a": "x" * LONGEST}}}})
    assert [each.field for each in refusals("Ingress", obj)] == ["metadata.annotations"]


def test_a_controller_name_has_a_limit() -> None:
    obj = made("IngressClass", {"patch": {"spec": {"controller": "a/" + "b" * 250}}})
    assert [each.field for each in refusals("IngressClass", obj)] == ["spec.controller"]


def test_a_long_value_is_cut() -> None:
    (found,) = refusals("Ingress", made("Ingress", {"host": "A" * 90}))
    assert "…" in found.reason


def test_a_kind_without_rules_has_only_those_of_metadata() -> None:
    assert not refusals("Namespace", {"metadata": {"name": "params"}})


@pytest.mark.parametrize(
    ("host", "near"),
    [("App.Example.com", "app.example.com"), ("my_app.example.com", "my-app.example.com"), ("a..b", "example.com")],
)
def test_the_fix_names_the_nearest_right_value(host: str, near: str) -> None:
    (found,) = refusals("Ingress", made("Ingress", {"host": host}))
    assert found.fix.endswith(f"for example {near}")


def test_every_wrong_type_is_found() -> None:
    obj = made("Ingress", {"patch": {"metadata": {"annotations": {"a": 1, "b": True}}, "spec": {"ingressClassName": 7}}})
    obj["spec"]["rules"][0]["host"] = 3
    found = {each.field for each in kinds.malformed(obj)}
    assert found == {'metadata.annotations["a"]', 'metadata.annotations["b"]', "spec.ingressClassName", "spec.rules[0].host"}


def test_a_required_value_of_the_wrong_type_is_found_once() -> None:
    obj = made("Ingress", {"patch": {"metadata": {"finalizers": [1, "a"]}}})
    assert [each.field for each in kinds.malformed(obj)] == ["metadata.finalizers[0]"]


def test_wrong_types_have_a_limit() -> None:
    obj = made("Ingress", {"patch": {"metadata": {"annotations": {f"a{number}": number for number in range(30)}}}})
    assert len(kinds.malformed(obj)) == kinds.MOST_WRONG
