"""Every tag, label and finalizer by which objects and resources are known as ours; no other module spells one.

The controller keeps no state of its own: what a resource belongs to is read from its tags. Spellings are those of
kubernetes-sigs/aws-load-balancer-controller (`pkg/deploy/tracking/provider.go`, `pkg/ingress/finalizer.go`), so that both find the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from albatross.model.config import Config
from albatross.model.resources.ref import Pairs
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Key

INGRESS = "ingress.k8s.aws"
SERVICE = "service.k8s.aws"
GATEWAY_ALB = "gateway.k8s.aws.alb"
GATEWAY_NLB = "gateway.k8s.aws.nlb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """What makes stacks: `prefix` begins their tags and labels and is the `owner` of their ids.

    `finalizer` is on each object of an unnamed stack; `group` begins the finalizer of a named one, and is empty where no stack is named.
    `output` begins the stack's key in output that may hold stacks of several owners.
    """

    prefix: str
    finalizer: str
    group: str = ""
    output: str = ""


OWNERS: Mapping[str, Owner] = {
    each.prefix: each
    for each in (
        Owner(prefix=INGRESS, finalizer="ingress.k8s.aws/resources", group="group.ingress.k8s.aws/"),
        Owner(prefix=SERVICE, finalizer="service.k8s.aws/resources", output="service:"),
        Owner(prefix=GATEWAY_ALB, finalizer="gateway.k8s.aws/alb", output="gateway:"),
        Owner(prefix=GATEWAY_NLB, finalizer="gateway.k8s.aws/nlb", output="gateway:"),
    )
}
"""By prefix."""

CLUSTER = "elbv2.k8s.aws/cluster"
"""The tag of every resource of a cluster, whichever controller made it."""
RESOURCE = "elbv2.k8s.aws/resource"
"""The tag that says what a resource outside of any stack is: `backend-sg`."""
BINDING_FINALIZER = "elbv2.k8s.aws/resources"
"""The finalizer of a TargetGroupBinding: its targets are deregistered first."""
CLUSTER_TAGS = (CLUSTER, f"{INGRESS}/cluster")
"""Tags that hold the cluster's name: today's, and that of the first controller."""
STACK_TAGS = frozenset({CLUSTER, RESOURCE} | {f"{prefix}/{what}" for prefix in OWNERS for what in ("stack", "resource")})
"""Tag keys by which resources are known as ours; no setting may put them on anything."""
RESERVED = ("elbv2.k8s.aws/", f"{INGRESS}/", f"{SERVICE}/", "gateway.k8s.aws/")
"""Prefixes of tag keys that users leave to the controller."""
REQUESTED = frozenset({CLUSTER, f"{INGRESS}/stack"})
"""Tag keys of a certificate that we requested ourselves."""


def tags(config: Config, stack: StackId, resource: str = "") -> Mapping[str, str]:
    """The tracking tags of a stack, or of one of its resources."""
    own = {CLUSTER: config.cluster_name, f"{stack.owner}/stack": str(stack)}
    return own | ({f"{stack.owner}/resource": resource} if resource else {})


def backend_group(config: Config) -> Mapping[str, str]:
    """The tracking tags of the shared backend security group."""
    return {CLUSTER: config.cluster_name, RESOURCE: "backend-sg"}


def owns(found: Mapping[str, str], config: Config, stack: StackId) -> bool:
    """Whether a resource with these tags is the stack's: by today's tags, or by those of the first controller."""
    if found.get(f"{stack.owner}/stack") != str(stack):
        return False
    return config.cluster_name in (found.get(CLUSTER), found.get(f"{stack.owner}/cluster"))


def resource(found: Mapping[str, str], stack: StackId) -> str:
    """The resource id that the tags tell, or nothing."""
    return found.get(f"{stack.owner}/resource", "")


def written(found: Pairs, stack: StackId) -> Pairs:
    """The tags that the user wrote: all but those by which the resource is known as ours, and AWS' own."""
    ours = (f"{stack.owner}/", CLUSTER, "aws:")
    return tuple(pair for pair in found if not pair[0].startswith(ours))


def legacy(config: Config, stack: StackId) -> frozenset[str]:
    """Tag keys of the first controller, which stay on load balancers, target groups and security groups."""
    old = ("cluster-name", "namespace", "ingress-name", "service-name", "service-port", f"cluster/{config.cluster_name}")
    return frozenset({f"kubernetes.io/{name}" for name in old} | {f"{stack.owner}/cluster"})


def labels(stack: StackId) -> Pairs:
    """The labels by which a stack's bindings are found, sorted."""
    if stack.explicit:
        return ((f"{stack.owner}/stack", stack.name),)
    return ((f"{stack.owner}/stack-name", stack.name), (f"{stack.owner}/stack-namespace", stack.namespace))


def labelled(found: Mapping[str, str]) -> StackId | None:
    """The stack whose labels an object carries."""
    for owner in OWNERS:
        if (name := found.get(f"{owner}/stack")) is not None:
            return StackId(owner, "", name)
        namespace, own = found.get(f"{owner}/stack-namespace"), found.get(f"{owner}/stack-name")
        if namespace is not None and own is not None:
            return StackId(owner, namespace, own)
    return None


def own_labels(found: Mapping[str, str], stack: StackId) -> Pairs:
    """Those of an object's labels that are the owner's, sorted."""
    return tuple(sorted(pair for pair in found.items() if pair[0].startswith(f"{stack.owner}/")))


def finalizer(stack: StackId) -> str:
    """The finalizer by which a stack holds its members."""
    owner = OWNERS[stack.owner]
    return owner.group + stack.name if stack.explicit else owner.finalizer


def held(prefix: str, key: Key, finalizers: Iterable[str]) -> tuple[StackId, ...]:
    """The stacks of one owner whose finalizers the object of that key carries."""
    owner = OWNERS[prefix]
    found = []
    for name in finalizers:
        if name == owner.finalizer:
            found.append(StackId(prefix, *key))
        elif owner.group and name.startswith(owner.group):
            found.append(StackId(prefix, "", name.removeprefix(owner.group)))
    return tuple(found)


def output(stack: StackId) -> str:
    """The stack's key in output: its own name for a stack of Ingresses, with its owner's word before it for any other."""
    return OWNERS[stack.owner].output + str(stack)
