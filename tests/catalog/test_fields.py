"""The fields of each kind, beside the schemas of Kubernetes itself."""

from typing import Any

import pytest

from albatross.catalog import kinds
from albatross.catalog.fields import UnknownField, tree, unknown
from albatross_sandbox.kube import schema

GROUPS = {"Ingress": "networking.k8s.io", "IngressClass": "networking.k8s.io"}
BUILT_IN = ("Ingress", "IngressClass", "Namespace", "Secret", "Service", "ServiceAccount")
INGRESS = {"spec": {"rules": [{"http": {"paths": [{"path": "/"}, {"pth": "/", "backend": {"service": {"nme": "web"}}}]}}]}}


def _known(node: dict[str, Any]) -> dict[str, Any] | None:
    node = schema.resolve(node)
    if node.get("type") == "array" or (isinstance(node.get("type"), list) and "array" in node["type"]):
        return _known(node["items"])
    fields = node.get("properties")
    return {name: _known(each) for name, each in fields.items()} if fields else None


def _same(ours: Any, theirs: Any, path: str) -> list[str]:
    """Paths of fields that only one of them has. What is a leaf for us can have fields there, which we do not judge."""
    if ours is None:
        return []
    differing = [f"{path}.{name}" for name in set(ours) ^ set(theirs or {})]
    return differing + [each for name in set(ours) & set(theirs or {}) for each in _same(ours[name], theirs[name], f"{path}.{name}")]


@pytest.mark.parametrize("kind", BUILT_IN)
def test_the_fields_are_those_of_kubernetes(kind: str) -> None:
    theirs = _known(schema.definitions()[schema.definition_name(GROUPS.get(kind, ""), "v1", kind)])
    assert theirs is not None
    assert _same(tree(kind), {"status": None, **theirs}, kind) == []


def test_custom_kinds_have_the_fields_of_their_schemas() -> None:
    binding = {"spec": {"serviceRef": {"name": "web", "prt": 80}, "networking": {"ingress": [{"form": []}]}}}
    assert list(unknown("TargetGroupBinding", binding)) == [
        UnknownField("spec.serviceRef.prt", "prt", "; did you mean port?"),
        UnknownField("spec.networking.ingress[0].form", "form", "; did you mean from?"),
    ]
    params = {"spec": {"schema": "internal"}}
    assert list(unknown("IngressClassParams", params)) == [UnknownField("spec.schema", "schema", "; did you mean scheme?")]


def test_each_unknown_field_has_its_place_and_a_similar_name() -> None:
    assert list(unknown("Ingress", INGRESS)) == [
        UnknownField("spec.rules[0].http.paths[1].pth", "pth", "; did you mean path?"),
        UnknownField("spec.rules[0].http.paths[1].backend.service.nme", "nme", "; did you mean name?"),
    ]
    (found,) = unknown("Service", {"metadata": {"annotation": {"a": "b"}}})
    assert found == UnknownField("metadata.annotation", "annotation", "; did you mean annotations?")


def test_keys_of_maps_and_the_status_are_free() -> None:
    free = {"metadata": {"labels": {"x": "y"}}, "spec": {"selector": {"app": "web"}}, "status": {"odd": 1}}
    assert list(unknown("Service", free)) == []
    assert list(unknown("Secret", {"data": {"clientID": "eA=="}})) == []


def test_an_annotation_that_is_not_indented() -> None:
    (found,) = unknown("Ingress", {"metadata": {"alb.ingress.kubernetes.io/scheme": "internal"}})
    assert found.path == 'metadata["alb.ingress.kubernetes.io/scheme"]'
    assert found.hint == "; if it is an annotation, indent it below metadata.annotations"


def test_a_field_in_another_place() -> None:
    (found,) = unknown("Ingress", {"metadata": {"ingressClassName": "alb"}})
    assert found.hint == "; did you mean spec.ingressClassName?"
    (found,) = unknown("Ingress", {"spec": {"port": 80}})  # two places
    assert found.hint == ""


def test_a_value_of_a_wrong_type_is_judged_elsewhere() -> None:
    assert list(unknown("Ingress", {"metadata": "web", "spec": [1, None, {1: 2}]})) == []


def test_only_the_first_fields_get_a_hint() -> None:
    found = [each.hint for each in unknown("Service", {"spec": {f"type{number}": 1 for number in range(300)}})]
    assert (found.count("; did you mean type?"), found.count("")) == (200, 100)


def test_kinds_that_nobody_writes_are_not_judged() -> None:
    assert {kind for kind in kinds.KINDS if tree(kind) is None} == {"Node", "Pod", "EndpointSlice"}
