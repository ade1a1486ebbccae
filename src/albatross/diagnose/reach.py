"""The way to the Kubernetes API: the kubeconfig, the answer of the server, its version."""

import re
from collections.abc import Iterator

from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import Evidence, Origin

LEAST = (1, 22)
"""The first version without the old Ingress APIs: https://kubernetes.io/docs/reference/using-api/deprecation-guide/#v1-22."""


def kubeconfig(evidence: Evidence) -> Iterator[Cause]:
    """No usable kubeconfig."""
    if said := evidence.unseen.get("kubeconfig"):
        command = f"aws eks update-kubeconfig --name {evidence.config.cluster_name}"
        yield cause("LB630", Origin("kubeconfig", "", "current-context"), command, said=said, way=f"`{command}`; or pass --kubeconfig FILE")


def api(evidence: Evidence) -> Iterator[Cause]:
    """The server does not answer, or refuses."""
    if said := evidence.unseen.get("cluster"):
        command = "kubectl version"
        way = f"check the network and the credentials: `{command}`; a private endpoint answers only inside of the VPC"
        yield cause("LB630", Origin("Cluster", "", evidence.server or "API"), command, said=said, way=way)


def version(evidence: Evidence) -> Iterator[Cause]:
    """A Kubernetes version that is too old."""
    found = re.match(r"v?(\d+)\.(\d+)", evidence.version)
    if found and (int(found[1]), int(found[2])) < LEAST:
        words = {"least": ".".join(map(str, LEAST)), "cluster": evidence.config.cluster_name, "next": f"{found[1]}.{int(found[2]) + 1}"}
        command = f"aws eks update-cluster-version --name {words['cluster']} --kubernetes-version {words['next']}"
        yield cause("LB631", Origin("Cluster", "", evidence.server), command, version=evidence.version, **words)


def remark(evidence: Evidence) -> str:
    """Where the API is, and its version."""
    return f"{evidence.server} runs Kubernetes {evidence.version}" if evidence.version else ""
