"""Objects in files that make pods: their labels, their ports and their readiness probes."""

from collections.abc import Mapping
from typing import Any

from albatross.catalog import pods
from albatross.catalog.shape import Cursor, Malformed
from albatross.model.snapshot import Container, ContainerPort, Probe, Workload

TEMPLATES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("", "Pod"): (),
    ("", "ReplicationController"): ("spec", "template"),
    ("apps", "DaemonSet"): ("spec", "template"),
    ("apps", "Deployment"): ("spec", "template"),
    ("apps", "ReplicaSet"): ("spec", "template"),
    ("apps", "StatefulSet"): ("spec", "template"),
    ("argoproj.io", "Rollout"): ("spec", "template"),
}
"""The path of the pod template, by API group and kind. Source: https://kubernetes.io/docs/concepts/workloads/ and Argo Rollouts."""
PROBES = ("httpGet", "grpc", "tcpSocket", "exec")


def known(obj: Mapping[str, Any]) -> bool:
    """Whether the object makes pods."""
    return _key(obj) in TEMPLATES


def read(obj: Mapping[str, Any]) -> Workload | None:
    """The workload; None for any other object. A workload with an unreadable or missing template has no labels."""
    if not known(obj):
        return None
    meta = obj.get("metadata") or {}
    namespace, name, kind = str(meta.get("namespace") or "default"), str(meta.get("name") or ""), str(obj["kind"])
    unread = Workload(kind=kind, namespace=namespace, name=name)
    try:
        at = Cursor(obj)
        for step in TEMPLATES[_key(obj)]:
            at = at[step]
        if not at["spec"]["containers"].items():
            return unread
        labels, network = at["metadata"]["labels"].strings(), bool(at["spec"]["hostNetwork"].flag())
        containers = tuple(map(_container, pods.running(at["spec"])))
    except Malformed:
        return unread
    return Workload(kind=kind, namespace=namespace, name=name, labels=labels, containers=containers, host_network=network)


def _key(obj: Mapping[str, Any]) -> tuple[str, str]:
    return str(obj.get("apiVersion") or "").rpartition("/")[0], str(obj.get("kind") or "")


def _container(at: Cursor) -> Container:
    return Container(at.path, tuple(_port(port) for port in at["ports"].items()), _probe(at["readinessProbe"]))


def _port(at: Cursor) -> ContainerPort:
    return ContainerPort(at["name"].text(), at["containerPort"].number(), at["hostPort"].number())


def _probe(at: Cursor) -> Probe | None:
    kind = next((each for each in PROBES if at[each].present), "")
    if not kind:
        return None
    found = at[kind]
    http = kind == "httpGet"
    path = (found["path"].text() or "/") if http else ""
    return Probe(kind, found["port"].either() or 0, path, (found["scheme"].text() or "HTTP").upper() if http else "")
