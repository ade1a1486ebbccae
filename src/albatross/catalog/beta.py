"""Ingresses of the beta versions, as API servers up to Kubernetes 1.21 stored them: in the form of v1.

Source: `Convert_v1beta1_…_To_networking_…` in pkg/apis/networking/v1beta1/conversion.go and defaults.go of Kubernetes 1.21.
"""

from collections.abc import Mapping
from typing import Any

WITHDRAWN: Mapping[tuple[str, str], str] = {
    ("extensions/v1beta1", "Ingress"): "networking.k8s.io/v1",
    ("networking.k8s.io/v1beta1", "Ingress"): "networking.k8s.io/v1",
    ("networking.k8s.io/v1beta1", "IngressClass"): "networking.k8s.io/v1",
}
"""The version that replaces a beta version, by version and kind."""


def converted(obj: Mapping[str, Any]) -> dict[str, Any]:
    """The same object in the form of v1. Parts that are no longer known are kept as they are."""
    found = {**obj, "apiVersion": WITHDRAWN[str(obj["apiVersion"]), str(obj["kind"])]}
    spec = obj.get("spec")
    if obj["kind"] == "Ingress" and isinstance(spec, Mapping):
        found["spec"] = _spec(spec)
    return found


def _spec(spec: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in spec.items() if name != "backend"}
    if "backend" in spec:
        found["defaultBackend"] = _backend(spec["backend"])
    if isinstance(spec.get("rules"), list):
        found["rules"] = [_rule(each) for each in spec["rules"]]
    return found


def _rule(rule: Any) -> Any:
    http = rule.get("http") if isinstance(rule, Mapping) else None
    if not isinstance(http, Mapping) or not isinstance(http.get("paths"), list):
        return rule
    return {**rule, "http": {**http, "paths": [_path(each) for each in http["paths"]]}}


def _path(path: Any) -> Any:
    if not isinstance(path, Mapping):
        return path
    backend = {"backend": _backend(path["backend"])} if "backend" in path else {}
    return {"pathType": "ImplementationSpecific", **path, **backend}


def _backend(backend: Any) -> Any:
    if not isinstance(backend, Mapping) or "serviceName" not in backend:
        return backend
    port = backend.get("servicePort")
    written = {} if port is None else {"port": {"number" if isinstance(port, int) else "name": port}}
    rest = {name: value for name, value in backend.items() if name not in ("serviceName", "servicePort")}
    return {**rest, "service": {"name": backend["serviceName"], **written}}
