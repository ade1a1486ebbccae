"""One row for each AWS action: the feature that needs it, and its condition. The IAM policy and its page are generated from this table.

A test compares the rows with the code: every operation that the `aws` package can call has a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from albatross.catalog.tracking import CLUSTER

Feature = Literal[
    "core", "security-groups", "certificates", "certificate-creation", "wafv2", "waf-regional", "shield", "cognito", "cross-account"
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

    `service` is the name in botocore of the service with an operation of the same name. It is empty if no call of ours has this name
    (`implied`): then AWS checks the action for another call of ours. `why` is for readers of the policy.
    """

    action: str
    service: str = ""
    resources: tuple[str, ...] = ANY
    condition: Condition = field(default_factory=dict)
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


_PREFIXES = {"elbv2": "elasticloadbalancing"}


def _rows(
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
            action=f"{prefix}:{operation}",
            service=service,
            resources=resources,
            condition=condition or {},
            feature=feature,
            why=why,
        )
        for operation in operations
    )


def _implied(why: str, *actions: str, feature: Feature = "core", condition: Condition | None = None) -> tuple[CallPermission, ...]:
    return tuple(CallPermission(action=action, condition=condition or {}, feature=feature, why=why) for action in actions)


_READ = (
    *_rows(
        "ec2",
        "the network of load balancers and targets",
        "DescribeAvailabilityZones",
        "DescribeInstances",
        "DescribeNetworkInterfaces",
        "DescribeRouteTables",
        "DescribeSecurityGroups",
        "DescribeSubnets",
        "DescribeVpcs",
    ),
    *_rows(
        "elbv2",
        "the existing load balancers",
        "DescribeCapacityReservation",
        "DescribeListenerAttributes",
        "DescribeListenerCertificates",
        "DescribeListeners",
        "DescribeLoadBalancerAttributes",
        "DescribeLoadBalancers",
        "DescribeRules",
        "DescribeTags",
        "DescribeTargetGroupAttributes",
        "DescribeTargetGroups",
        "DescribeTargetHealth",
        "DescribeTrustStores",
    ),
    *_rows("sts", "the id of the account; AWS allows it without a policy", "GetCallerIdentity"),
)

_BALANCING = (
    *_rows("elbv2", "only with our tag", "CreateLoadBalancer", "CreateTargetGroup", condition=TAGGED_REQUEST),
    *_rows(
        "elbv2",
        "listeners and rules",
        "AddListenerCertificates",
        "CreateListener",
        "CreateRule",
        "DeleteListener",
        "DeleteRule",
        "ModifyListener",
        "ModifyRule",
        "RemoveListenerCertificates",
        "SetRulePriorities",
    ),
    *_rows(
        "elbv2",
        "only for resources with our tag",
        "DeleteLoadBalancer",
        "DeleteTargetGroup",
        "ModifyCapacityReservation",
        "ModifyIpPools",
        "ModifyListenerAttributes",
        "ModifyLoadBalancerAttributes",
        "ModifyTargetGroup",
        "ModifyTargetGroupAttributes",
        "SetIpAddressType",
        "SetSecurityGroups",
        "SetSubnets",
        condition=TAGGED_RESOURCE,
    ),
    *_rows("elbv2", "targets", "DeregisterTargets", "RegisterTargets", resources=TARGET_GROUPS),
    *_rows("elbv2", "tags of resources that already have our tag", "AddTags", "RemoveTags", resources=BALANCERS, condition=OTHER_TAGS),
    *_rows("elbv2", "tags of listeners and rules", "AddTags", "RemoveTags", resources=LISTENERS),
    *_rows(
        "elbv2",
        "tags given at creation",
        "AddTags",
        resources=BALANCERS,
        condition={
            "StringEquals": {"elasticloadbalancing:CreateAction": ("CreateTargetGroup", "CreateLoadBalancer")},
            **TAGGED_REQUEST,
        },
    ),
    *_implied(
        "elbv2 creates its service-linked role with the first load balancer",
        "iam:CreateServiceLinkedRole",
        condition={"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}},
    ),
    *_implied(
        "elbv2 checks these for the caller when a load balancer is created or changed",
        "ec2:DescribeAccountAttributes",
        "ec2:DescribeAddresses",
        "ec2:DescribeCoipPools",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeIpamPools",
        "ec2:DescribeTags",
        "ec2:DescribeVpcPeeringConnections",
        "ec2:GetCoipPoolUsage",
        "ec2:GetSecurityGroupsForVpc",
    ),
)

_GROUPS = (
    *_rows(
        "ec2",
        "rules of our security groups, and of the security groups of nodes and pods",
        "AuthorizeSecurityGroupIngress",
        "RevokeSecurityGroupIngress",
        feature="security-groups",
    ),
    *_rows("ec2", "the frontend and backend security groups", "CreateSecurityGroup", feature="security-groups"),
    *_rows("ec2", "only for resources with our tag", "DeleteSecurityGroup", feature="security-groups", condition=TAGGED_RESOURCE),
    *_rows(
        "ec2",
        "tags given at creation",
        "CreateTags",
        feature="security-groups",
        resources=SECURITY_GROUPS,
        condition={"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"}, **TAGGED_REQUEST},
    ),
    *_rows(
        "ec2",
        "tags of resources that already have our tag",
        "CreateTags",
        "DeleteTags",
        feature="security-groups",
        resources=SECURITY_GROUPS,
        condition=OTHER_TAGS,
    ),
)

_CERTIFICATES = (
    *_rows("acm", "discovery of certificates by host", "DescribeCertificate", "ListCertificates", feature="certificates"),
    *_implied("certificates in IAM", "iam:GetServerCertificate", "iam:ListServerCertificates", feature="certificates"),
    *_rows("acm", "tags of our certificates", "AddTagsToCertificate", "ListTagsForCertificate", feature="certificate-creation"),
    *_rows("acm", "only with our tag", "RequestCertificate", feature="certificate-creation", condition=TAGGED_REQUEST),
    *_rows("acm", "only for resources with our tag", "DeleteCertificate", feature="certificate-creation", condition=TAGGED_RESOURCE),
    *_rows("route53", "DNS records that validate a domain", "ChangeResourceRecordSets", "ListHostedZones", feature="certificate-creation"),
    *_implied(
        "ACM needs these for certificates of a private CA",
        "acm-pca:GetCertificate",
        "acm-pca:IssueCertificate",
        "acm-pca:ListPermissions",
        feature="certificate-creation",
    ),
)

_ADDONS = (
    *_rows("wafv2", "web ACLs", "AssociateWebACL", "DisassociateWebACL", "GetWebACLForResource", "ListWebACLs", feature="wafv2"),
    *_implied("AWS checks it for an association", "wafv2:GetWebACL", "elasticloadbalancing:SetWebAcl", feature="wafv2"),
    *_rows("waf-regional", "classic web ACLs", "AssociateWebACL", "DisassociateWebACL", "GetWebACLForResource", feature="waf-regional"),
    *_implied("AWS checks it for an association", "waf-regional:GetWebACL", feature="waf-regional"),
    *_rows(
        "shield",
        "Shield Advanced",
        "CreateProtection",
        "DeleteProtection",
        "DescribeProtection",
        "GetSubscriptionState",
        feature="shield",
    ),
    *_implied("AWS checks it for an authenticate-cognito action", "cognito-idp:DescribeUserPoolClient", feature="cognito"),
)

_ACCOUNTS = _rows("sts", "target groups of other accounts; limit it to the roles that bindings name", "AssumeRole", feature="cross-account")

PERMISSIONS: tuple[CallPermission, ...] = (*_READ, *_BALANCING, *_GROUPS, *_CERTIFICATES, *_ADDONS, *_ACCOUNTS)
"""Every action. An action can occur several times, with other resources or another condition."""

OPERATIONS: frozenset[tuple[str, str]] = frozenset((row.service, row.operation) for row in PERMISSIONS if row.service)
"""(service, operation) pairs that have a row."""


def needed(service: str, operation: str) -> tuple[CallPermission, ...]:
    """The rows of one call: the actions to name if AWS denies it."""
    return tuple(row for row in PERMISSIONS if (row.service, row.operation) == (service, operation))
