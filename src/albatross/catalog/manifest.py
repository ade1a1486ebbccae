"""Nouns → manifests: the opposite of the readers in `catalog/kinds.py`. Only what these readers read is written."""

from collections.abc import Mapping
from typing import Any, assert_never

from albatross.catalog.kinds import KINDS
from albatross.model.snapshot import Ingress, IngressBackend, IngressPath, IngressRule, Metadata, Service, ServicePort

Object = Mapping[str, Any]


def manifest(noun: Ingress | Service) -> dict[str, Any]:
    """The object as a user applies it: without its status and without the metadata that the API server gives."""
    row = KINDS[type(noun).__name__]
    return {"apiVersion": row.api_version, "kind": row.kind, "metadata": _metadata(noun.metadata), "spec": _spec(noun)}


def _metadata(found: Metadata) -> Object:
    maps = {"labels": dict(found.labels), "annotations": dict(found.annotations)}
    return {"namespace": found.namespace, "name": found.name, **{name: each for name, each in maps.items() if each}}


def _spec(noun: Ingress | Service) -> Object:
    match noun:
        case Ingress():
            return _ingress(noun)
        case Service():
            return _service(noun)
        case _:
            assert_never(noun)


def _ingress(noun: Ingress) -> Object:
    tls = [{"hosts": list(each.hosts), **_written(secretName=each.secret_name)} for each in noun.tls]
    return _written(
        ingressClassName=noun.ingress_class_name,
        defaultBackend=_backend(noun.default_backend) if noun.default_backend else None,
        rules=[_rule(each) for each in noun.rules],
        tls=tls,
    )


def _rule(rule: IngressRule) -> Object:
    http = {} if rule.paths is None else {"http": {"paths": [_path(each) for each in rule.paths]}}
    return {**_written(host=rule.host), **http}


def _path(path: IngressPath) -> Object:
    return {**_written(path=path.path, pathType=path.path_type), "backend": _backend(path.backend)}


def _backend(backend: IngressBackend) -> Object:
    """A backend that is not a Service is only a mark, because its fields are not read."""
    if backend.service is None:
        return {"resource": {}}
    port = {"name" if isinstance(backend.port, str) else "number": backend.port} if backend.port is not None else {}
    return {"service": {"name": backend.service, **_written(port=port)}}


def _service(noun: Service) -> Object:
    spec = _written(
        type=noun.type,
        ports=[_port(each) for each in noun.ports],
        selector=dict(noun.selector),
        clusterIP=noun.cluster_ip,
        ipFamilies=list(noun.ip_families),
        externalTrafficPolicy=noun.external_traffic_policy,
        loadBalancerClass=noun.load_balancer_class,
        loadBalancerSourceRanges=list(noun.load_balancer_source_ranges),
        healthCheckNodePort=noun.health_check_node_port,
    )
    return spec if noun.allocate_node_ports is None else {**spec, "allocateLoadBalancerNodePorts": noun.allocate_node_ports}


def _port(port: ServicePort) -> Object:
    known = _written(name=port.name, protocol=port.protocol, nodePort=port.node_port)
    return {**known, "port": port.port, "targetPort": port.target_port}


def _written(**fields: Any) -> dict[str, Any]:
    """The fields that have a value. An empty text of an optional field is one."""
    return {name: value for name, value in fields.items() if value or (value == "" and name in _OPTIONAL)}


_OPTIONAL = frozenset({"ingressClassName", "pathType", "loadBalancerClass"})
"""Fields for which an empty text and no value differ."""
