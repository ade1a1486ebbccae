"""The status of a Service."""

from typing import Any

from albatross.catalog.tracking import SERVICE
from albatross.frontend.group import Group
from albatross.frontend.report import Standing, Status
from albatross.frontend.service import report
from albatross.model.ident import Ident
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import Stack, StackId
from albatross.model.snapshot import LoadBalancerIngress, Metadata, Service, ServicePort, Snapshot

STACK = Stack(id=StackId(SERVICE, "shop", "net"))
NET = Ident("Service", "shop", "net")
IDS = {Ref("LoadBalancer", "LoadBalancer", "dns_name"): "K8s-Net.elb"}
SERVED = {"served": frozenset({NET})}
PORTS = (ServicePort("http", 80, 8080), ServicePort("dns", 53, 8053, "UDP"))
BODY = {
    "loadBalancer": {
        "ingress": [{"hostname": "k8s-net.elb", "ports": [{"port": 80, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]}],
    }
}


def status(*found: LoadBalancerIngress, ids: Any = IDS, leaving: bool = False, standing: Any = SERVED, **more: Any) -> tuple[Status, ...]:
    """What is to be written to a Service that says this, beside one that does not exist."""
    service = Service(metadata=Metadata(namespace="shop", name="net"), status=found, **{"type": "LoadBalancer", "ports": PORTS, **more})
    idents = (NET, Ident("Service", "shop", "gone"))
    group = Group(STACK.id, leaving=idents) if leaving else Group(STACK.id, idents)
    return report.status(Snapshot(services={NET.key: service}), group, Standing(STACK, ids, **standing))


def test_an_address_waits_until_its_service_is_served() -> None:
    assert status(standing={}) == status(LoadBalancerIngress(hostname="old"), standing={"known": frozenset({"k8s-net.elb"})}) == ()
    old = LoadBalancerIngress(hostname="k8s-net.elb")
    assert status(old, standing={"known": frozenset({"k8s-net.elb"})}) == (Status(NET, BODY),)


def test_every_port_is_shown_with_its_protocol() -> None:
    assert status() == (Status(NET, BODY),)
    assert status(ports=()) == (Status(NET, {"loadBalancer": {"ingress": [{"hostname": "k8s-net.elb"}]}}),)


def test_the_right_status_is_not_written_again() -> None:
    right = LoadBalancerIngress(hostname="k8s-net.elb", ports=(53, 80))
    assert status(right) == ()
    assert status(right, right) == status(LoadBalancerIngress(hostname="k8s-net.elb", ports=(80,))) == (Status(NET, BODY),)


def test_nothing_is_written_without_an_address_or_for_another_type() -> None:
    assert status(ids={}) == ()
    assert status(type="NodePort") == ()


def test_a_service_that_leaves_loses_its_address() -> None:
    old = LoadBalancerIngress(hostname="k8s-net.elb")
    assert status(old, leaving=True) == (Status(NET, {"loadBalancer": {"ingress": None}}),)
    assert status(leaving=True) == status(old, leaving=True, type="ClusterIP") == ()


def test_the_model_is_not_written_on_services() -> None:
    assert report.annotations(Snapshot(), Group(STACK.id), "{}") == ()
