from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from albatross_sandbox.kube import fields

Obj = dict[str, Any]
SERVICE: Obj = {"$ref": "#/$defs/io.k8s.api.core.v1.Service"}


def service(*ports: int, **spec: Any) -> Obj:
    return {"spec": {"ports": [{"port": port, "name": f"p{port}", "protocol": "TCP"} for port in ports], **spec}}


def test_the_written_form() -> None:
    key = 'k:{"port":80,"protocol":"TCP"}'
    port: Obj = {".": {}, "f:name": {}, "f:port": {}, "f:protocol": {}}
    assert fields.encode(fields.of(service(80), SERVICE)) == {"f:spec": {"f:ports": {".": {}, key: port}}}


def test_difference_names_only_what_changed() -> None:
    changed, gone = fields.differ(service(80, type="ClusterIP"), service(80, 443, type="NodePort"), SERVICE)
    assert set(fields.paths(changed)) == {
        ".spec.type",
        '.spec.ports[port=443,protocol="TCP"]',
        '.spec.ports[port=443,protocol="TCP"].name',
        '.spec.ports[port=443,protocol="TCP"].port',
        '.spec.ports[port=443,protocol="TCP"].protocol',
    }
    assert gone == {}


def test_cutting_an_item_takes_it_out() -> None:
    both, one = service(80, 443), service(443)
    _, gone = fields.differ(both, one, SERVICE)
    assert fields.cut(both, gone, SERVICE) == one


def test_laying_merges_items_by_key() -> None:
    found = fields.lay(service(80), {"spec": {"ports": [{"port": 80, "targetPort": 1}, {"port": 81}]}}, SERVICE)
    assert found["spec"]["ports"] == [{"port": 80, "name": "p80", "protocol": "TCP", "targetPort": 1}, {"port": 81}]


values = st.recursive(st.integers(0, 2), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=8)
objects = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


@given(objects)
def test_an_object_does_not_differ_from_itself(obj: Obj) -> None:
    assert fields.differ(obj, obj, {}) == ({}, {})


@given(objects)
def test_writing_and_reading_a_set_keeps_it(obj: Obj) -> None:
    tree = fields.of(obj, {}) if obj else {}
    assert fields.decode(fields.encode(tree)) == tree


@given(objects, objects)
def test_sets_add_and_subtract(one: Obj, other: Obj) -> None:
    first, second = fields.of(one, {}), fields.of(other, {})
    assert fields.minus(fields.union(first, second), second) == fields.minus(first, second)
    assert fields.both(fields.minus(first, second), second) == {}
