"""Services and their endpoints."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from albatross.model.snapshot.core import Key, Metadata
from albatross.model.snapshot.ingress import LoadBalancerIngress


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One of `spec.ports[]`; `target_port` is a number or the name of a container port; `node_port` is 0 if not allocated."""

    name: str
    port: int
    target_port: int | str
    protocol: str = "TCP"
    node_port: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """v1 Service. Its class and `allocate_node_ports` are None if not written; `health_check_node_port` is 0 if not allocated."""

    metadata: Metadata
    type: str = "ClusterIP"
    ports: tuple[ServicePort, ...] = ()
    selector: Mapping[str, str] = field(default_factory=dict)
    cluster_ip: str = ""
    ip_families: tuple[str, ...] = ()
    external_traffic_policy: str = ""
    load_balancer_class: str | None = None
    load_balancer_source_ranges: tuple[str, ...] = ()
    health_check_node_port: int = 0
    allocate_node_ports: bool | None = None
    status: tuple[LoadBalancerIngress, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint of an EndpointSlice, with its first address only. `ready` is None if not written."""

    address: str
    pod: Key | None
    node_name: str = ""
    ready: bool | None = None
    terminating: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSlice:
    """discovery.k8s.io/v1 EndpointSlice; `ports` are (name, number or None)."""

    namespace: str
    name: str
    service: str
    address_type: str = "IPv4"
    ports: tuple[tuple[str, int | None], ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
