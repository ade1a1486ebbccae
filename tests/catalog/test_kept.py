"""What a Service of a cluster keeps when a file without these values is applied."""

from typing import Any

import pytest

from albatross.catalog.kept import kept

ADDRESSES = {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack"}
PORTS = [{"port": 80, "protocol": "TCP", "nodePort": 30080}, {"port": 53, "protocol": "UDP", "nodePort": 30053}, {"port": 81}]
LOCAL = {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}


def service(**spec: Any) -> dict[str, Any]:
    return {"kind": "Service", "metadata": {"name": "web"}, "spec": spec}


def stored(**spec: Any) -> dict[str, Any]:
    return {"kind": "Service", "metadata": {"name": "web", "uid": "1", "labels": {"old": "1"}}, "spec": spec, "status": {"s": 1}}


def test_addresses_and_node_ports_are_kept() -> None:
    found = kept(stored(type="NodePort", ports=PORTS, selector={"a": "b"}, **ADDRESSES), service(type="NodePort", ports=[{"port": 80}]))
    assert found == {
        "kind": "Service",
        "metadata": {"name": "web", "uid": "1"},
        "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}], **ADDRESSES},
        "status": {"s": 1},
    }


@pytest.mark.parametrize(
    ("port", "wanted"),
    [
        ({"port": 53}, {"port": 53}),
        ({"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "UDP", "nodePort": 30053}),
        ({"port": 81}, {"port": 81}),
        ({"port": 80, "nodePort": 31000}, {"port": 80, "nodePort": 31000}),
    ],
)
def test_a_port_is_the_same_if_number_and_protocol_are(port: dict[str, Any], wanted: dict[str, Any]) -> None:
    found = kept(stored(type="NodePort", ports=PORTS), service(type="LoadBalancer", ports=[port]))
    assert found["spec"]["ports"] == [wanted]


@pytest.mark.parametrize(("before", "after"), [("ClusterIP", "NodePort"), ("NodePort", "ClusterIP"), ("NodePort", "ExternalName")])
def test_another_type_keeps_no_node_ports(before: str, after: str) -> None:
    found = kept(stored(type=before, ports=PORTS, **ADDRESSES), service(type=after, ports=[{"port": 80}]))
    assert found["spec"]["ports"] == [{"port": 80}]
    assert ("clusterIP" in found["spec"]) == (after != "ExternalName")


@pytest.mark.parametrize(
    ("spec", "wanted"), [(LOCAL, 32000), ({**LOCAL, "healthCheckNodePort": 32001}, 32001), ({"type": "NodePort"}, None)]
)
def test_the_health_check_port_is_kept(spec: dict[str, Any], wanted: int | None) -> None:
    assert kept(stored(**LOCAL, healthCheckNodePort=32000), service(**spec))["spec"].get("healthCheckNodePort") == wanted
    assert "healthCheckNodePort" not in kept(stored(**LOCAL), service(**LOCAL))["spec"]


def test_an_object_that_is_new_or_of_another_kind_is_as_in_the_file() -> None:
    assert kept({}, service(ports=[{"port": 80}])) == service(ports=[{"port": 80}])
    other = {"kind": "Ingress", "metadata": {"name": "web"}}
    assert kept({"kind": "Ingress", "metadata": {"uid": "1"}, "spec": {"rules": []}}, other) == {
        **other,
        "metadata": {"name": "web", "uid": "1"},
    }
