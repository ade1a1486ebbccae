from typing import Any

import pytest

from albatross_sandbox.kube import patch, schema, strategic
from albatross_sandbox.kube.fault import Fault

Obj = dict[str, Any]
SERVICE = {"$ref": "#/$defs/io.k8s.api.core.v1.Service"}
POD = {"$ref": "#/$defs/io.k8s.api.core.v1.Pod"}


def test_merge_patch_deletes_with_null() -> None:
    assert patch.merge({"a": 1, "b": {"c": 2, "d": 3}}, {"a": None, "b": {"c": 4}}) == {"b": {"c": 4, "d": 3}}


def test_json_patch_refuses_what_does_not_fit() -> None:
    with pytest.raises(Fault) as caught:
        patch.operations({}, [{"op": "remove", "path": "/a"}])
    assert caught.value.code == 422


def containers(*items: Obj) -> Obj:
    return {"spec": {"containers": list(items)}}


def names(pod: Obj) -> list[str]:
    return [item["name"] for item in pod["spec"]["containers"]]


def test_strategic_merges_by_key() -> None:
    target = containers({"name": "a", "image": "1"}, {"name": "b", "image": "1"})
    found = strategic.merge(target, containers({"name": "b", "image": "2"}), POD)
    assert found == containers({"name": "a", "image": "1"}, {"name": "b", "image": "2"})


def test_strategic_deletes_an_item() -> None:
    target = containers({"name": "a"}, {"name": "b"})
    assert names(strategic.merge(target, containers({"name": "a", "$patch": "delete"}), POD)) == ["b"]


def test_strategic_replaces_a_list() -> None:
    target = containers({"name": "a"}, {"name": "b"})
    assert names(strategic.merge(target, containers({"$patch": "replace"}, {"name": "c"}), POD)) == ["c"]


def test_strategic_keeps_the_order_asked_for() -> None:
    change: Obj = {"spec": {"$setElementOrder/containers": [{"name": "c"}, {"name": "a"}], "containers": [{"name": "c"}]}}
    assert names(strategic.merge(containers({"name": "a"}, {"name": "b"}), change, POD)) == ["c", "a", "b"]


def test_strategic_removes_from_primitive_lists() -> None:
    target = {"metadata": {"finalizers": ["a", "b"]}}
    found = strategic.merge(target, {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}}, POD)
    assert found == {"metadata": {"finalizers": ["b"]}}


def test_strategic_retains_keys() -> None:
    change: Obj = {"spec": {"volumes": [{"name": "v", "$retainKeys": ["name", "emptyDir"], "emptyDir": {}}]}}
    target: Obj = {"spec": {"volumes": [{"name": "v", "secret": {"secretName": "s"}}]}}
    assert strategic.merge(target, change, POD) == {"spec": {"volumes": [{"name": "v", "emptyDir": {}}]}}


def test_strategic_replaces_atomic_lists() -> None:
    target = {"spec": {"externalIPs": ["1.1.1.1"], "ports": [{"port": 80}]}}
    found = strategic.merge(target, {"spec": {"externalIPs": ["2.2.2.2"]}}, SERVICE)
    assert found["spec"] == {"externalIPs": ["2.2.2.2"], "ports": [{"port": 80}]}


def test_strategic_wants_the_merge_key() -> None:
    with pytest.raises(Fault):
        strategic.merge({}, containers({"image": "a"}), POD)


def test_the_schemas_have_what_merging_needs() -> None:
    ports = schema.child(schema.resolve({"$ref": "#/$defs/io.k8s.api.core.v1.ServiceSpec"}), "ports")
    assert ports
    assert ports["x-kubernetes-patch-merge-key"] == "port"
