"""Differences of objects."""

from typing import Any

import pytest

from albatross.install.change import FieldChange, ObjectChange, compare, stranger


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ({"spec": {"a": 1}}, {"spec": {"a": 1}}, []),
        ({"spec": {"a": 1}}, {"spec": {"a": 2, "b": 3}}, ["spec.a", "spec.b"]),
        ({"spec": {"l": [{"x": 1}, {"x": 2}]}}, {"spec": {"l": [{"x": 1}, {"x": 3}]}}, ["spec.l[1].x"]),
        ({"spec": {"l": [1]}}, {"spec": {"l": [1, 2]}}, ["spec.l"]),
        ({"spec": {"l": "a"}}, {"spec": {"l": "b"}}, ["spec.l"]),
        ({"metadata": {"labels": {"a.b/c": "1"}}}, {"metadata": {"labels": {"a.b/c": "2"}}}, ['metadata.labels["a.b/c"]']),
        ({"metadata": {"resourceVersion": "1", "uid": "x"}, "status": {"a": 1}}, {"metadata": {"resourceVersion": "2"}}, []),
    ],
)
def test_fields(before: dict[str, Any], after: dict[str, Any], paths: list[str]) -> None:
    assert [each.path for each in compare(before, after)] == paths


def test_a_missing_value_is_none() -> None:
    assert compare({}, {"a": 1}) == (FieldChange("a", None, 1),)


def test_names() -> None:
    assert ObjectChange("same", {"kind": "Service", "metadata": {"name": "a", "namespace": "b"}}).name == "Service b/a"
    assert ObjectChange("same", {"kind": "ClusterRole", "metadata": {"name": "a"}}).name == "ClusterRole a"


def test_a_conflict_names_the_managers_once() -> None:
    note = '.spec.replicas: conflict with "helm"; .spec.paused: conflict with "helm"'
    problem = ObjectChange("conflict", {"kind": "Deployment", "metadata": {"name": "a"}}, note=note).conflict()
    assert (problem.code, dict(problem.args)["managers"], dict(problem.args)["fields"]) == (
        "LB739",
        '"helm"',
        ".spec.replicas, .spec.paused",
    )


def test_another_tool() -> None:
    assert stranger({"metadata": {}}) == ""
    assert stranger({"metadata": {"labels": {"app.kubernetes.io/managed-by": "albatross"}}}) == ""
    assert stranger({"metadata": {"labels": {"app.kubernetes.io/managed-by": "Helm"}}}) == "Helm"
