"""The tags by which a resource is known as ours: the controller keeps no state of its own."""

from collections.abc import Mapping

from albatross.model.config import Config

CLUSTER = "elbv2.k8s.aws/cluster"
"""Every resource of a cluster, whichever controller made it."""
BACKEND = "elbv2.k8s.aws/resource"
"""What a resource outside of any stack is: `backend-sg`."""
INGRESS = "ingress.k8s.aws"
"""The prefix of Ingress stacks' tags."""


def tags(config: Config, stack: str, resource: str = "", prefix: str = INGRESS) -> Mapping[str, str]:
    """The tracking tags of a stack, or of one of its resources."""
    own = {CLUSTER: config.cluster_name, f"{prefix}/stack": stack}
    return own | ({f"{prefix}/resource": resource} if resource else {})


def backend_group(config: Config) -> Mapping[str, str]:
    """The tracking tags of the shared backend security group."""
    return {CLUSTER: config.cluster_name, BACKEND: "backend-sg"}


def owns(found: Mapping[str, str], config: Config, stack: str, prefix: str = INGRESS) -> bool:
    """Whether a resource with these tags is the stack's: by today's tags, or by those of the first controller."""
    if found.get(f"{prefix}/stack") != stack:
        return False
    return config.cluster_name in (found.get(CLUSTER), found.get(f"{prefix}/cluster"))


def resource(found: Mapping[str, str], prefix: str = INGRESS) -> str:
    """The resource id that the tags tell, or nothing."""
    return found.get(f"{prefix}/resource", "")


def legacy(config: Config, prefix: str = INGRESS) -> frozenset[str]:
    """Tag keys of the first controller, which stay on load balancers, target groups and security groups."""
    old = ("cluster-name", "namespace", "ingress-name", "service-name", "service-port", f"cluster/{config.cluster_name}")
    return frozenset({f"kubernetes.io/{name}" for name in old} | {f"{prefix}/cluster"})
