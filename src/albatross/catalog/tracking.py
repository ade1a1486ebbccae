"""Every tag, label, finalizer and annotation that marks objects and resources as ours. No other module writes their names.

The controller has no state: the tags of a resource say which stack it belongs to. The names are those of
kubernetes-sigs/aws-load-balancer-controller (`pkg/deploy/tracking/provider.go`, `pkg/ingress/finalizer.go`), so both find the
same resources.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

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
    """A source of stacks. `prefix` is the start of their tags and labels, and the `owner` of their ids.

    `finalizer` is on each object of an unnamed stack. `group` is the start of the finalizer of a named stack, or empty.
    `output` is the start of the key of a stack in output with stacks of several owners. `chains`: a stack can have a load balancer in front
    of another, and its document always lists the targets of those. `controller` is the source of events about its objects.
    """

    prefix: str
    finalizer: str
    group: str = ""
    output: str = ""
    chains: bool = False
    controller: str


OWNERS: Mapping[str, Owner] = {
    each.prefix: each
    for each in (
        Owner(prefix=INGRESS, finalizer="ingress.k8s.aws/resources", group="group.ingress.k8s.aws/", chains=True, controller="ingress"),
        Owner(prefix=SERVICE, finalizer="service.k8s.aws/resources", output="service:", controller="service"),
        Owner(prefix=GATEWAY_ALB, finalizer="gateway.k8s.aws/alb", output="gateway:", controller="gateway"),
        Owner(prefix=GATEWAY_NLB, finalizer="gateway.k8s.aws/nlb", output="gateway:", controller="gateway"),
    )
}
"""By prefix."""

CLUSTER = "elbv2.k8s.aws/cluster"
"""The tag of every resource of a cluster, whichever controller made it."""
RESOURCE = "elbv2.k8s.aws/resource"
"""The tag for the purpose of a resource that belongs to no stack: `backend-sg`."""
BINDING_FINALIZER = "elbv2.k8s.aws/resources"
"""The finalizer of a TargetGroupBinding. It is removed after the targets are deregistered."""
CLUSTER_TAGS = (CLUSTER, f"{INGRESS}/cluster")
"""Tags with the name of the cluster: the current one, and that of the first controller."""
NAMED = "albatross.dev/dns"
"""The tag of a load balancer that has, or had, DNS records. The controller looks for the records of a stack only if it is there."""
REPLACED = "albatross.dev/replaced"
"""The tag of a load balancer that another one has replaced: when the address of its objects moved. Some time later it is deleted."""
LAST_GOOD = "albatross.dev/last-good"
"""The annotation of an object with an error: its last version that had none (`catalog/good.py`)."""
TROUBLE = "albatross.dev/problems"
"""The annotation of an object after a pass that failed: why. An object that is served has no such annotation, so that an object
without problems costs no write. Argo CD and `kubectl wait` read it (docs/argocd.md)."""
MARKS = frozenset({LAST_GOOD, TROUBLE})
"""Annotations that only the controller writes. They leave with the finalizer."""
STACK_TAGS = frozenset({CLUSTER, RESOURCE} | {f"{prefix}/{what}" for prefix in OWNERS for what in ("stack", "resource")})
"""Tag keys that mark resources as ours. No setting may use them."""
RESERVED = ("elbv2.k8s.aws/", f"{INGRESS}/", f"{SERVICE}/", "gateway.k8s.aws/", "albatross.dev/")
"""Prefixes of tag keys that only the controller may use."""
REQUESTED = frozenset({CLUSTER, f"{INGRESS}/stack"})
"""Tag keys of certificates that the controller requested."""


def tags(config: Config, stack: StackId, resource: str = "") -> Mapping[str, str]:
    """The tracking tags of a stack, or of one of its resources."""
    own = {CLUSTER: config.cluster_name, f"{stack.owner}/stack": str(stack)}
    return own | ({f"{stack.owner}/resource": resource} if resource else {})


def cluster(config: Config) -> str:
    """The key of the tag that EKS and installers write on the security groups of nodes and pods."""
    return f"kubernetes.io/cluster/{config.cluster_name}"


def backend_group(config: Config) -> Mapping[str, str]:
    """The tracking tags of the shared backend security group."""
    return {CLUSTER: config.cluster_name, RESOURCE: "backend-sg"}


def owns(found: Mapping[str, str], config: Config, stack: StackId) -> bool:
    """Whether a resource with these tags belongs to the stack, by the current tags or by those of the first controller."""
    if found.get(f"{stack.owner}/stack") != str(stack):
        return False
    return config.cluster_name in (found.get(CLUSTER), found.get(f"{stack.owner}/cluster"))


def tagged(found: Mapping[str, str]) -> StackId | None:
    """The stack in the tags of a resource; None if there is none."""
    for owner in OWNERS:
        if stack := found.get(f"{owner}/stack"):
            return StackId.of(owner, stack)
    return None


def resource(found: Mapping[str, str], stack: StackId) -> str:
    """The resource id in the tags; empty if there is none."""
    return found.get(f"{stack.owner}/resource", "")


def written(found: Pairs, stack: StackId) -> Pairs:
    """The tags of the user: all tags except our tracking tags and the tags of AWS."""
    ours = (f"{stack.owner}/", CLUSTER, "aws:")
    return tuple(pair for pair in found if not pair[0].startswith(ours))


def legacy(config: Config, stack: StackId) -> frozenset[str]:
    """Tag keys of the first controller. They are kept on load balancers, target groups and security groups."""
    old = ("cluster-name", "namespace", "ingress-name", "service-name", "service-port", f"cluster/{config.cluster_name}")
    return frozenset({f"kubernetes.io/{name}" for name in old} | {f"{stack.owner}/cluster"})


def stamp(at: datetime) -> str:
    """The value of the tag REPLACED."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moved(found: Pairs) -> float | None:
    """When the address moved away from a load balancer with these tags, in seconds since 1970; None if it has not moved."""
    text = dict(found).get(REPLACED)
    try:
        return None if text is None else datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0  # somebody has written another text: the address has moved, but nobody knows when


def labels(stack: StackId) -> Pairs:
    """The labels of the bindings of a stack, sorted."""
    if stack.explicit:
        return ((f"{stack.owner}/stack", stack.name),)
    return ((f"{stack.owner}/stack-name", stack.name), (f"{stack.owner}/stack-namespace", stack.namespace))


def labelled(found: Mapping[str, str]) -> StackId | None:
    """The stack in the labels of an object; None if there is none."""
    for owner in OWNERS:
        if (name := found.get(f"{owner}/stack")) is not None:
            return StackId(owner, "", name)
        namespace, own = found.get(f"{owner}/stack-namespace"), found.get(f"{owner}/stack-name")
        if namespace is not None and own is not None:
            return StackId(owner, namespace, own)
    return None


def own_labels(found: Mapping[str, str], stack: StackId) -> Pairs:
    """The labels of an object that belong to the owner of the stack, sorted."""
    return tuple(sorted(pair for pair in found.items() if pair[0].startswith(f"{stack.owner}/")))


def finalizer(stack: StackId) -> str:
    """The finalizer that a stack sets on its members."""
    owner = OWNERS[stack.owner]
    return owner.group + stack.name if stack.explicit else owner.finalizer


def held(prefix: str, key: Key, finalizers: Iterable[str]) -> tuple[StackId, ...]:
    """The stacks of one owner that have their finalizer on the object with that key."""
    owner = OWNERS[prefix]
    found = []
    for name in finalizers:
        if name == owner.finalizer:
            found.append(StackId(prefix, *key))
        elif owner.group and name.startswith(owner.group):
            found.append(StackId(prefix, "", name.removeprefix(owner.group)))
    return tuple(found)


def output(stack: StackId) -> str:
    """The key of a stack in output: its name for a stack of Ingresses; for other owners, their word and the name."""
    return OWNERS[stack.owner].output + str(stack)
