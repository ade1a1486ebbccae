"""The result of a plan → the status of a Service, and the event for a Service without a controller."""

from collections.abc import Iterator
from typing import Any

from albatross.frontend.group import Group, Placement
from albatross.frontend.report import Annotations, Line, Standing, Status, listed
from albatross.frontend.service.placement import BALANCED
from albatross.model.resources.ref import Ref
from albatross.model.snapshot import LoadBalancerIngress, Service, Snapshot

DNS_NAME = Ref("LoadBalancer", "LoadBalancer", "dns_name")


def status(snapshot: Snapshot, group: Group, standing: Standing) -> tuple[Status, ...]:
    """The address with every port, once the Service is served for the first time. A Service that leaves loses its address."""
    return (*_addresses(snapshot, group, standing), *_cleared(snapshot, group))


def _addresses(snapshot: Snapshot, group: Group, standing: Standing) -> Iterator[Status]:
    name = standing.ids.get(DNS_NAME, "").lower()
    for ident in group.members:
        service = snapshot.services.get(ident.key)
        # Kubernetes refuses an address of a Service with another type (LB218).
        if not name or service is None or service.type != BALANCED or not standing.shown(ident, (each.hostname for each in service.status)):
            continue
        if _shown(service) != _wanted(service, name):
            yield Status(ident, {"loadBalancer": {"ingress": [_entry(service, name)]}})


def _cleared(snapshot: Snapshot, group: Group) -> Iterator[Status]:
    for ident in group.leaving:
        service = snapshot.services.get(ident.key)
        if service is not None and service.type == BALANCED and service.status:
            yield Status(ident, {"loadBalancer": {"ingress": None}})


def _shown(service: Service) -> list[tuple[str, str, frozenset[int]]]:
    return [_compared(each) for each in service.status]


def _wanted(service: Service, name: str) -> list[tuple[str, str, frozenset[int]]]:
    ports = tuple(port.port for port in service.ports)
    return [_compared(LoadBalancerIngress(hostname=name, ports=ports))]


def _compared(entry: LoadBalancerIngress) -> tuple[str, str, frozenset[int]]:
    """The part of an address that is compared: of the ports only the numbers, as the other controller does."""
    return entry.hostname, entry.ip, frozenset(entry.ports)


def _entry(service: Service, name: str) -> dict[str, Any]:
    ports = [{"port": port.port, "protocol": port.protocol} for port in service.ports]
    return {"hostname": name, **({"ports": ports} if ports else {})}


def annotations(snapshot: Snapshot, group: Group, model: str) -> tuple[Annotations, ...]:
    """None: the model is written on Ingresses only."""
    return ()


def lost(placement: Placement) -> Line:
    """The event for a Service without a controller."""
    return Line(placement.ident, "Warning", "FailedBuildModel", f"no load balancer is created: {listed(placement.problems)}")
