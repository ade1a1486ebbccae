"""The values that an object of a cluster keeps when a file is applied to it: those that the API server gives, and the status."""

from collections.abc import Iterator, Mapping
from typing import Any

SERVERS = frozenset(("uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "finalizers"))
"""Fields of `metadata` that an apply does not change."""
ADDRESSES = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
PORTED = ("NodePort", "LoadBalancer")
"""The types of Services with node ports."""

Object = Mapping[str, Any]


def kept(there: Object, obj: Object) -> Object:
    """The object as the API server stores it when it is applied over `there`. Only values that the file does not name are kept.

    Source: `patchAllocatedValues` in pkg/registry/core/service/storage of Kubernetes.
    """
    own = {name: value for name, value in there.get("metadata", {}).items() if name in SERVERS}
    status = {"status": there["status"]} if "status" in there else {}
    found = {**obj, **status, "metadata": {**obj["metadata"], **own}}
    return {**found, "spec": _service(there.get("spec") or {}, obj.get("spec") or {})} if obj["kind"] == "Service" else found


def _service(there: Object, spec: Object) -> Object:
    kind, before = spec.get("type") or "ClusterIP", there.get("type") or "ClusterIP"
    own: dict[str, Any] = {}
    if "ExternalName" not in (kind, before):
        own |= {name: there[name] for name in ADDRESSES if name in there}
    if _local(spec, kind) and _local(there, before) and "healthCheckNodePort" in there:
        own["healthCheckNodePort"] = there["healthCheckNodePort"]
    if kind in PORTED and before in PORTED and spec.get("ports"):
        given = {_port(each): each["nodePort"] for each in there.get("ports") or () if each.get("nodePort")}
        return {**own, **spec, "ports": list(_ports(spec["ports"], given))}
    return {**own, **spec}


def _ports(ports: list[Object], given: Mapping[tuple[object, object], int]) -> Iterator[Object]:
    for each in ports:
        known = given.get(_port(each))
        yield {**each, "nodePort": known} if known and not each.get("nodePort") else each


def _port(port: Object) -> tuple[object, object]:
    return port.get("protocol") or "TCP", port.get("port")


def _local(spec: Object, kind: str) -> bool:
    """Whether the API server gives the Service a node port for health checks."""
    return kind == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"
