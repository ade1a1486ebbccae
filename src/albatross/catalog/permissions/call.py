"""The form of a row, and the conditions and resources that rows share."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from albatross.catalog.tracking import CLUSTER

Feature = Literal[
    "core",
    "security-groups",
    "certificates",
    "certificate-creation",
    "dns",
    "wafv2",
    "waf-regional",
    "shield",
    "cognito",
    "cross-account",
    "given-target-groups",
    "command-line",
]
"""The feature that needs the action; `core` and `security-groups` are always needed."""

Condition = Mapping[str, Mapping[str, str | tuple[str, ...]]]

REQUEST_TAG = f"aws:RequestTag/{CLUSTER}"
RESOURCE_TAG = f"aws:ResourceTag/{CLUSTER}"

TAGGED_REQUEST: Condition = {"Null": {REQUEST_TAG: "false"}}
"""Only if the request has our cluster tag."""
TAGGED_RESOURCE: Condition = {"Null": {RESOURCE_TAG: "false"}}
"""Only for resources with our cluster tag."""
OTHER_TAGS: Condition = {"Null": {REQUEST_TAG: "true", RESOURCE_TAG: "false"}}
"""Only for resources with our cluster tag, and never that tag itself, so that nobody can add our tag to other resources."""
OWN_RESOURCE: Condition = {"StringEquals": {RESOURCE_TAG: "{cluster}"}}
"""Only for resources with the tag of this cluster; `{cluster}` is its name."""
CLUSTER_RESOURCE: Condition = {"StringEquals": {"aws:ResourceTag/kubernetes.io/cluster/{cluster}": ("owned", "shared")}}
"""Only for resources with the tag that Kubernetes itself uses for the cluster. Security groups of nodes and pods have it."""

ANY = ("*",)
BALANCERS = (
    "arn:{partition}:elasticloadbalancing:*:*:targetgroup/*/*",
    "arn:{partition}:elasticloadbalancing:*:*:loadbalancer/net/*/*",
    "arn:{partition}:elasticloadbalancing:*:*:loadbalancer/app/*/*",
)
LISTENERS = (
    "arn:{partition}:elasticloadbalancing:*:*:listener/net/*/*/*",
    "arn:{partition}:elasticloadbalancing:*:*:listener/app/*/*/*",
    "arn:{partition}:elasticloadbalancing:*:*:listener-rule/net/*/*/*",
    "arn:{partition}:elasticloadbalancing:*:*:listener-rule/app/*/*/*",
)
TARGET_GROUPS = BALANCERS[:1]
SECURITY_GROUPS = ("arn:{partition}:ec2:*:*:security-group/*",)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPermission:
    """One IAM action on some resources (`{partition}` is aws, aws-cn, …) under a condition.

    `sid` is the name of the action's statement: all rows of one statement have the same resources and conditions. `scoped` is the
    condition that is added if the policy is limited to one cluster. `service` is the name in botocore of the service with an operation of
    the same name. It is empty if no call of ours has this name (`implied`): then AWS checks the action for another call of ours. `why` is
    for readers of the policy.
    """

    sid: str
    action: str
    service: str = ""
    resources: tuple[str, ...] = ANY
    condition: Condition = field(default_factory=dict)
    scoped: Condition = field(default_factory=dict)
    feature: Feature = "core"
    why: str

    @property
    def operation(self) -> str:
        """The name of the operation: the action without its prefix."""
        return self.action.partition(":")[2]

    @property
    def implied(self) -> bool:
        """Whether no call of ours has this name."""
        return not self.service

    @property
    def required(self) -> bool:
        """Whether the controller cannot work without it."""
        return self.feature in ("core", "security-groups")


_PREFIXES = {"elbv2": "elasticloadbalancing", "service-quotas": "servicequotas"}


def rows(
    sid: str,
    service: str,
    why: str,
    *operations: str,
    feature: Feature = "core",
    resources: tuple[str, ...] = ANY,
    condition: Condition | None = None,
) -> tuple[CallPermission, ...]:
    prefix = _PREFIXES.get(service, service)
    return tuple(
        CallPermission(
            sid=sid,
            action=f"{prefix}:{operation}",
            service=service,
            resources=resources,
            condition=condition or {},
            feature=feature,
            why=why,
        )
        for operation in operations
    )


def bound(scoped: Condition, rows: tuple[CallPermission, ...]) -> tuple[CallPermission, ...]:
    """The rows with the condition that limits them to one cluster."""
    return tuple(replace(row, scoped=scoped) for row in rows)


def implied(sid: str, why: str, *actions: str, feature: Feature = "core", condition: Condition | None = None) -> tuple[CallPermission, ...]:
    return tuple(CallPermission(sid=sid, action=action, condition=condition or {}, feature=feature, why=why) for action in actions)
