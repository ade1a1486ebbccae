"""What wakes which binding."""

from dataclasses import replace
from typing import Any

import pytest

from albatross.controller.bindings import KIND, BindingIndex
from albatross.kube.cache import Cache, Change
from albatross.model.snapshot import EndpointSlice, LabelSelector, Metadata, Node, Pod, Service, ServicePort, TargetGroupBinding
from albatross.model.target import Gate

SERVICE = Service(metadata=Metadata(namespace="shop", name="web"), ports=(ServicePort("http", 80, 8080),))
GATE = "target-health.elbv2.k8s.aws/tgb"
TGB = ("shop", "tgb")


def bound(name: str, kind: str, **more: Any) -> TargetGroupBinding:
    return TargetGroupBinding(metadata=Metadata(namespace="shop", name=name), target_type=kind, service="web", port=80, **more)


@pytest.fixture
def asleep() -> BindingIndex:
    cache = Cache()
    for each in (bound("ip", "ip"), bound("node", "instance"), bound("edge", "instance", node_selector=LabelSelector({"edge": "yes"}))):
        cache.put(KIND, each.metadata.key, each)
    index = BindingIndex(cache)
    cache.listen(index.wakes)  # type: ignore[arg-type]  # what it wakes is asked for below
    return index


NODE = Node(name="n", provider_id="aws:///a/i-1", ready="True")
POD = Pod(namespace="shop", name="p")


@pytest.mark.parametrize(
    ("kind", "old", "new", "woken"),
    [
        (KIND, None, bound("ip", "ip"), {"x"}),
        ("Service", None, SERVICE, {"ip", "node", "edge"}),
        ("Service", SERVICE, replace(SERVICE, metadata=Metadata(namespace="shop", name="web", labels={"a": "b"})), set()),
        ("Service", SERVICE, replace(SERVICE, type="NodePort"), {"ip", "node", "edge"}),
        ("EndpointSlice", None, EndpointSlice(namespace="shop", name="s", service="web"), {"ip"}),
        ("EndpointSlice", None, EndpointSlice(namespace="shop", name="s", service="other"), set()),
        ("Node", NODE, replace(NODE, addresses=(("InternalIP", "10.0.0.1"),)), set()),
        ("Node", NODE, replace(NODE, ready="False"), {"node"}),
        ("Node", NODE, replace(NODE, labels={"edge": "yes"}), {"edge"}),
        ("Node", NODE, None, {"node"}),
        ("Pod", None, POD, set()),
        ("Pod", None, replace(POD, readiness_gates=("other", GATE)), {"tgb"}),
    ],
)
def test_what_wakes_whom(asleep: BindingIndex, kind: str, old: Any, new: Any, woken: set[str]) -> None:
    key = ("shop", "web" if kind == "Service" else "x")
    assert {name for _, name in asleep.wakes(Change(kind, key, old, new))} == woken


def test_a_binding_that_moves_to_another_service_is_found_there(asleep: BindingIndex) -> None:
    asleep.cache.put(KIND, ("shop", "ip"), replace(bound("ip", "ip"), service="other"))
    piece = EndpointSlice(namespace="shop", name="s", service="web")
    assert list(asleep.wakes(Change("EndpointSlice", ("shop", "s"), None, piece))) == []
    other = replace(piece, service="other")
    assert list(asleep.wakes(Change("EndpointSlice", ("shop", "s"), None, other))) == [("shop", "ip")]
    asleep.cache.put(KIND, ("shop", "ip"), None)
    assert list(asleep.wakes(Change("EndpointSlice", ("shop", "s"), None, other))) == []


def test_a_pod_that_is_waited_for_wakes_its_bindings_once(asleep: BindingIndex) -> None:
    asleep.wait([("shop", "p")], TGB)
    change = Change("Pod", ("shop", "p"), None, POD)
    assert (set(asleep.wakes(change)), set(asleep.wakes(change))) == ({TGB}, set())


def test_a_pod_that_is_gone_waits_for_no_gate(asleep: BindingIndex) -> None:
    asleep.waits.note(TGB, Gate(("shop", "p"), "u", GATE, "False"))
    assert asleep.waits.unmet
    asleep.wakes(Change("Pod", ("shop", "p"), POD, None))
    assert not asleep.waits.unmet


def test_what_targets_are_not_made_of_wakes_nobody(asleep: BindingIndex) -> None:
    assert list(asleep.wakes(Change("Ingress", ("shop", "a"), None, None))) == []


def test_bindings_that_open_ports_are_kept(asleep: BindingIndex) -> None:
    opening = bound("ip", "ip", networking="{}")
    asleep.cache.put(KIND, ("shop", "ip"), opening)
    assert asleep.opening == {("shop", "ip")}
    asleep.cache.put(KIND, ("shop", "ip"), replace(opening, metadata=replace(opening.metadata, deletion_timestamp="now")))
    assert asleep.opening == set()
