"""One row for each RBAC rule of the controller. The roles of an installation, the check at start and the documentation use these rows.

A row has only verbs that a request of the controller needs. Everybody may ask for the version, for discovery and for reviews of the own
access (`system:discovery`, `system:basic-user`), so these have no row.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from albatross.catalog import crds, webhooks
from albatross.catalog.kinds import KINDS

Feature = Literal[
    "core",
    "leader-election",
    "events",
    "nodes",
    "class-params",
    "readiness-gates",
    "multi-cluster",
    "services",
    "identity",
    "last-state",
    "webhooks",
    "manage-crds",
    "secrets",
]
"""The feature that a rule serves; `core` is always needed."""

Scope = Literal["cluster", "home", "named"]
"""Where a rule applies: in the whole cluster; in the namespace of the controller; or for objects that users name, in their namespaces."""

CORE, NETWORKING, DISCOVERY, ELBV2 = "", "networking.k8s.io", "discovery.k8s.io", crds.GROUP
COORDINATION, ADMISSION, EXTENSIONS = "coordination.k8s.io", "admissionregistration.k8s.io", "apiextensions.k8s.io"

LEASE = "{lease}"
"""Replaced by the name of the leader election Lease, which is a setting."""
ACCOUNT = "{account}"
"""Replaced by the name of the controller's ServiceAccount."""

ALONE = frozenset(row.plural for row in KINDS.values() if not row.namespaced)
"""Resources that are in no namespace."""

FOLLOW = ("list", "watch")
READ = ("get", "list", "watch")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRule:
    """Verbs for resources of one API group. `names` limits it to objects with these names. `home` rules are in the controller's namespace.

    `without` says what does not work without the rule; empty: the feature cannot work at all (`required`).
    """

    group: str = CORE
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    names: tuple[str, ...] = ()
    scope: Scope = "cluster"
    feature: Feature = "core"
    without: str = ""
    why: str

    @property
    def required(self) -> bool:
        """Whether the controller cannot work without it."""
        return not self.without


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One verb for one resource: what a SelfSubjectAccessReview asks. An empty namespace means all namespaces."""

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""

    @property
    def target(self) -> str:
        """`ingresses/status.networking.k8s.io`."""
        return f"{self.resource}.{self.group}" if self.group else self.resource


RULES: tuple[AccessRule, ...] = (
    # What both loops read
    AccessRule(
        group=NETWORKING,
        resources=("ingresses",),
        verbs=(*READ, "patch"),
        why="Ingresses are read; their finalizers, the annotation with the model and that with the last good version are written",
    ),
    AccessRule(
        group=NETWORKING, resources=("ingresses/status",), verbs=("patch",), why="the address of the load balancer is in the status"
    ),
    AccessRule(group=NETWORKING, resources=("ingressclasses",), verbs=FOLLOW, why="the class decides which Ingresses are ours"),
    AccessRule(resources=("services", "namespaces"), verbs=FOLLOW, why="backends, and labels that IngressClassParams select"),
    AccessRule(resources=("pods",), verbs=FOLLOW, why="the pods behind ip targets, and their readiness gates"),
    AccessRule(group=DISCOVERY, resources=("endpointslices",), verbs=FOLLOW, why="the endpoints of Services become targets"),
    AccessRule(
        group=ELBV2,
        resources=("targetgroupbindings",),
        verbs=(*READ, "create", "patch", "delete"),
        why="one for each target group; users can make their own",
    ),
    AccessRule(
        group=ELBV2, resources=("targetgroupbindings/status",), verbs=("patch",), why="the observed generation and failed deletions"
    ),
    # Optional parts
    AccessRule(
        resources=("nodes",),
        verbs=FOLLOW,
        feature="nodes",
        without="targets of type instance do not change, new pods with a readiness gate get no target, and region and VPC must be set",
        why="the instances behind instance targets; the region and the VPC",
    ),
    AccessRule(
        group=ELBV2,
        resources=("ingressclassparams",),
        verbs=FOLLOW,
        feature="class-params",
        without="Ingresses of a class with parameters do not change",
        why="the parameters of IngressClasses",
    ),
    AccessRule(
        resources=("pods/status",),
        verbs=("patch",),
        feature="readiness-gates",
        without="pods with a readiness gate for a target group do not become ready",
        why="the conditions of readiness gates",
    ),
    AccessRule(
        resources=("events",),
        verbs=("create", "patch"),
        feature="events",
        without="there are no events; problems are only in the log and in metrics",
        why="the results and problems of objects are events; a repeated event increases a count",
    ),
    AccessRule(
        resources=("configmaps",),
        verbs=("get", "create", "patch", "delete"),
        feature="multi-cluster",
        without="TargetGroupBindings with multiClusterTargetGroup fail",
        why="the targets of this cluster in a target group that several clusters share",
    ),
    AccessRule(
        resources=("services",),
        verbs=("get", "patch"),
        feature="services",
        without="Services of type LoadBalancer get no load balancer",
        why="the finalizers of Services with a load balancer",
    ),
    AccessRule(
        resources=("services/status",),
        verbs=("patch",),
        feature="services",
        without="Services of type LoadBalancer get no load balancer",
        why="the address of the load balancer is in the status",
    ),
    # The controller itself
    AccessRule(
        group=COORDINATION,
        resources=("leases",),
        verbs=("create",),
        scope="home",
        feature="leader-election",
        why="only one replica writes; RBAC cannot limit a creation to a name",
    ),
    AccessRule(
        group=COORDINATION,
        resources=("leases",),
        verbs=("get", "update"),
        names=(LEASE,),
        scope="home",
        feature="leader-election",
        why="the leader renews its Lease",
    ),
    AccessRule(
        resources=("configmaps",),
        verbs=("create",),
        scope="home",
        feature="last-state",
        without="a new leader reads all of AWS before it does what has changed",
        why="digests of what is in place, for the next leader; RBAC cannot limit a creation to a name",
    ),
    AccessRule(
        resources=("configmaps",),
        verbs=("get", "patch"),
        names=(LEASE,),
        scope="home",
        feature="last-state",
        without="a new leader reads all of AWS before it does what has changed",
        why="digests of what is in place, in a ConfigMap with the name of the Lease",
    ),
    AccessRule(
        resources=("serviceaccounts",),
        verbs=("get",),
        names=(ACCOUNT,),
        scope="home",
        feature="identity",
        without="wrong annotations of the ServiceAccount are not found",
        why="the annotations of its own ServiceAccount are checked, and events about its identity are about this object",
    ),
    AccessRule(
        group=EXTENSIONS,
        resources=("customresourcedefinitions",),
        verbs=("create", "patch"),
        names=tuple(str(each["metadata"]["name"]) for each in crds.definitions()),
        feature="manage-crds",
        without="custom resource definitions are not created or updated by the controller",
        why="--manage-crds; a server-side apply of these names only",
    ),
    AccessRule(
        group=ADMISSION,
        resources=("mutatingwebhookconfigurations", "validatingwebhookconfigurations"),
        verbs=("create",),
        feature="webhooks",
        without="the admission webhooks are neither served nor registered",
        why="webhooks are registered after they are served; RBAC cannot limit a creation to a name",
    ),
    AccessRule(
        group=ADMISSION,
        resources=("mutatingwebhookconfigurations", "validatingwebhookconfigurations"),
        verbs=("get", "patch", "delete"),
        names=(webhooks.CONFIGURATION, webhooks.PROBE),
        feature="webhooks",
        without="the admission webhooks are neither served nor registered",
        why="the certificate authority of the webhooks changes",
    ),
    AccessRule(
        resources=("secrets",),
        verbs=("create",),
        scope="home",
        feature="webhooks",
        without="the admission webhooks are neither served nor registered",
        why="the serving certificate of the webhooks; RBAC cannot limit a creation to a name",
    ),
    AccessRule(
        resources=("secrets",),
        verbs=(*READ, "patch"),
        names=(webhooks.SECRET,),
        scope="home",
        feature="webhooks",
        without="the admission webhooks are neither served nor registered",
        why="the serving certificate of the webhooks is renewed, and all replicas follow it",
    ),
    AccessRule(
        resources=("configmaps",),
        verbs=("create",),
        scope="home",
        feature="webhooks",
        without="the admission webhooks are neither served nor registered",
        why="a dry run, which the probe of the webhooks refuses: so the controller knows that the API server reaches it",
    ),
    AccessRule(
        resources=("services",),
        verbs=("get",),
        names=(webhooks.SERVICE,),
        scope="home",
        feature="webhooks",
        without="the admission webhooks are neither served nor registered",
        why="without a Service in front, the webhooks are not served",
    ),
    # What only users can grant
    AccessRule(
        resources=("secrets",),
        verbs=FOLLOW,
        scope="named",
        feature="secrets",
        without="Ingresses with OIDC authentication have no client secret",
        why="the Secret of an OIDC client, by name; nothing allows it by default",
    ),
)
"""Every rule."""

FEATURES: frozenset[Feature] = frozenset(rule.feature for rule in RULES)
"""Every feature."""
DEFAULT: frozenset[Feature] = FEATURES - {"manage-crds", "secrets"}
"""The features of an installation without options: the installer creates the custom resource definitions."""


def of(features: Iterable[Feature], scope: Scope) -> tuple[AccessRule, ...]:
    """The rules of these features with this scope; `core` is always one of them."""
    wanted = {"core", *features}
    return tuple(rule for rule in RULES if rule.feature in wanted and rule.scope == scope)


def named(rule: AccessRule, *, lease: str, account: str) -> tuple[str, ...]:
    """The names of a rule, with the names that are settings."""
    return tuple(name.format(lease=lease, account=account) for name in rule.names)


def accesses(rule: AccessRule, home: str, names: tuple[str, ...]) -> Iterator[Grant]:
    """What a rule allows, one by one. `home` is the namespace of the controller, `names` are those of `named`."""
    namespace = home if rule.scope == "home" else ""
    for resource in rule.resources:
        for verb in rule.verbs:
            for name in names or ("",):
                yield Grant(verb, rule.group, resource, namespace, name)


def secret(name: str) -> AccessRule:
    """The rule for one Secret of an OIDC client."""
    (rule,) = of(("secrets",), "named")
    return replace(rule, names=(name,))


def snippet(rule: AccessRule) -> str:
    """A rule as YAML, to add to the `rules` of a role."""
    names = [("resourceNames", rule.names)] if rule.names else []
    lines = (("apiGroups", (rule.group,)), ("resources", rule.resources), *names, ("verbs", rule.verbs))
    return "\n".join(f"{'  ' if at else '- '}{name}: {json.dumps(list(values))}" for at, (name, values) in enumerate(lines))
