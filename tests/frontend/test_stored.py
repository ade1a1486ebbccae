"""Ports that a Service in a file does not have yet."""

from dataclasses import replace

import pytest

from albatross.frontend.stored import TOLD, Offer, check_port, target_port
from albatross.model.snapshot import Metadata, Service, ServicePort

PORT = ServicePort("http", 80, 8080)
GIVEN = "node port of http (given by the cluster)"


def service(kind: str, uid: str = "", allocate: bool | None = None) -> Service:
    return Service(metadata=Metadata(namespace="shop", name="web", uid=uid), type=kind, allocate_node_ports=allocate)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (service("NodePort"), GIVEN),
        (service("LoadBalancer"), GIVEN),
        (service("LoadBalancer", allocate=False), 0),
        (service("ClusterIP"), 0),
        (service("NodePort", uid="1"), 0),
    ],
)
def test_the_cluster_gives_node_ports_to_types_that_have_them(found: Service, wanted: int | str) -> None:
    assert target_port(found, PORT).instance == wanted
    assert target_port(found, replace(PORT, node_port=30080)).instance == 30080


def test_a_port_without_a_name_is_called_by_its_number() -> None:
    assert target_port(service("NodePort"), replace(PORT, name="")).instance == "node port of 80 (given by the cluster)"


def test_the_cluster_gives_the_port_for_health_checks_of_nodes() -> None:
    found = service("LoadBalancer")
    assert check_port(found) == "health check node port (given by the cluster)"
    assert check_port(replace(found, health_check_node_port=32000)) == 32000
    assert check_port(service("LoadBalancer", uid="1")) == 0


def test_the_first_port_with_a_name_or_a_number_is_found() -> None:
    ports = (PORT, replace(PORT, port=81), replace(PORT, name="other"))
    offer = Offer(replace(service("NodePort"), ports=ports))
    assert (offer.find("http"), offer.find(80), offer.find(81), offer.find(82)) == (ports[0], ports[0], ports[1], None)


def test_of_many_ports_a_message_names_the_first() -> None:
    many = tuple(replace(PORT, name="", port=number) for number in range(TOLD + 2))
    assert Offer(replace(service("NodePort"), ports=many)).listed.endswith(f"{TOLD - 1} and 2 more")
    assert Offer(service("NodePort")).listed == "none"
