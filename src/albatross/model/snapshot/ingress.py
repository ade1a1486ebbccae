"""Ingresses and their classes."""

from dataclasses import dataclass

from albatross.model.snapshot.core import Metadata


@dataclass(frozen=True, slots=True)
class IngressBackend:
    """`backend`: a Service port, by number or by name. `service` is None for a resource backend; `port` is None if not written."""

    service: str | None = None
    port: int | str | None = None


@dataclass(frozen=True, slots=True)
class IngressPath:
    """One of `spec.rules[].http.paths[]`; `path_type` is None if not written."""

    path: str
    path_type: str | None
    backend: IngressBackend


@dataclass(frozen=True, slots=True)
class IngressRule:
    """One of `spec.rules[]`; `paths` is None if `http` is not written."""

    host: str
    paths: tuple[IngressPath, ...] | None


@dataclass(frozen=True, slots=True)
class IngressTLS:
    """One of `spec.tls[]`."""

    hosts: tuple[str, ...]
    secret_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancerIngress:
    """One of `status.loadBalancer.ingress[]`."""

    hostname: str = ""
    ip: str = ""
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingress:
    """networking.k8s.io/v1 Ingress."""

    metadata: Metadata
    ingress_class_name: str | None = None
    default_backend: IngressBackend | None = None
    rules: tuple[IngressRule, ...] = ()
    tls: tuple[IngressTLS, ...] = ()
    status: tuple[LoadBalancerIngress, ...] = ()


@dataclass(frozen=True, slots=True)
class ParametersReference:
    """IngressClass `spec.parameters`; `api_group` is None if not written."""

    api_group: str | None
    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressClass:
    """networking.k8s.io/v1 IngressClass."""

    metadata: Metadata
    controller: str = ""
    parameters: ParametersReference | None = None
