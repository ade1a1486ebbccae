"""What a new cluster has from the start, and what each new namespace gets."""

from albatross_sandbox.kube.cluster import Cluster
from albatross_sandbox.kube.fault import Fault
from albatross_sandbox.kube.value import Obj

_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
_RBAC = "rbac.authorization.k8s.io"
_EVERYTHING = [
    {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
    {"nonResourceURLs": ["*"], "verbs": ["*"]},
]


def _objects() -> list[Obj]:
    role = {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": "cluster-admin"}, "rules": _EVERYTHING}
    binding = {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "cluster-admin"},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": _RBAC, "kind": "Group", "name": "system:masters"}],
    }
    ports = [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 443}]
    labels = {"component": "apiserver", "provider": "kubernetes"}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": labels},
        "spec": {"clusterIP": "10.96.0.1", "ports": ports},
    }
    spaces: list[Obj] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in _NAMESPACES]
    return [*spaces, service, role, binding]


async def fill(cluster: Cluster) -> None:
    """Create what is missing of the namespaces, the `kubernetes` Service and the administrator's role."""
    for obj in _objects():
        await _ensure(cluster, obj)


async def keep(cluster: Cluster) -> None:
    """Make the `kubernetes` Service anew whenever someone deletes it, as kube-apiserver does; runs until cancelled."""
    await fill(cluster)
    async for kind, _, obj in cluster.watch("services"):
        if kind == "DELETED" and (obj["metadata"]["namespace"], obj["metadata"]["name"]) == ("default", "kubernetes"):
            await fill(cluster)


async def _ensure(cluster: Cluster, obj: Obj) -> None:
    try:
        await cluster.create(obj)
    except Fault as problem:
        if problem.code not in (403, 404, 409):  # it is there already, or its namespace is going
            raise


async def furnish(cluster: Cluster, authority: str) -> None:
    """Give every namespace, now and later, its default service account and the CA certificate; runs until cancelled."""
    async for kind, _, obj in cluster.watch("namespaces"):
        if kind != "ADDED" or "deletionTimestamp" in obj["metadata"]:
            continue
        name = obj["metadata"]["name"]
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}}
        trust = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kube-root-ca.crt", "namespace": name}}
        for item in (account, {**trust, "data": {"ca.crt": authority}}):
            await _ensure(cluster, item)
