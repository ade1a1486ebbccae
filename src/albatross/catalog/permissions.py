"""One row for each AWS action: the feature that needs it, and its condition. The IAM policy and its page are generated from this table.

A test holds the rows against the code: every operation that the AWS half can call has one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from albatross.catalog.tracking import CLUSTER

Feature = Literal[
    "core",
    "security-groups",
    "certificates",
    "certificate-creation",
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


_PREFIXES = {"elbv2": "elasticloadbalancing"}


def _rows(
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


def _bound(scoped: Condition, rows: tuple[CallPermission, ...]) -> tuple[CallPermission, ...]:
    """The rows with the condition that limits them to one cluster."""
    return tuple(replace(row, scoped=scoped) for row in rows)


def _implied(
    sid: str, why: str, *actions: str, feature: Feature = "core", condition: Condition | None = None
) -> tuple[CallPermission, ...]:
    return tuple(CallPermission(sid=sid, action=action, condition=condition or {}, feature=feature, why=why) for action in actions)


_READ = (
    *_rows(
        "ReadNetwork",
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
        "ReadLoadBalancers",
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
    *_rows("ReadAccount", "sts", "the id of the account; AWS allows it without a policy", "GetCallerIdentity"),
)

_BALANCING = (
    *_rows("CreateTagged", "elbv2", "only with our tag", "CreateLoadBalancer", "CreateTargetGroup", condition=TAGGED_REQUEST),
    *_bound(
        OWN_RESOURCE,
        _rows(
            "ChangeListeners",
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
    ),
    *_rows(
        "ChangeTagged",
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
    *_bound(OWN_RESOURCE, _rows("ChangeTargets", "elbv2", "targets", "DeregisterTargets", "RegisterTargets", resources=TARGET_GROUPS)),
    *_rows(
        "TagOwn", "elbv2", "tags of resources that already have our tag", "AddTags", "RemoveTags", resources=BALANCERS, condition=OTHER_TAGS
    ),
    *_bound(OWN_RESOURCE, _rows("TagListeners", "elbv2", "tags of listeners and rules", "AddTags", "RemoveTags", resources=LISTENERS)),
    *_rows(
        "TagListenersAtCreation",
        "elbv2",
        "tags given at creation",
        "AddTags",
        resources=LISTENERS,
        condition={"StringEquals": {"elasticloadbalancing:CreateAction": ("CreateListener", "CreateRule")}, **TAGGED_REQUEST},
    ),
    *_rows(
        "TagAtCreation",
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
        "MakeServiceLinkedRole",
        "elbv2 creates its service-linked role with the first load balancer",
        "iam:CreateServiceLinkedRole",
        condition={"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}},
    ),
    *_implied(
        "ReadForLoadBalancers",
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
    *_bound(
        OWN_RESOURCE,
        _rows(
            "OpenOwnPorts",
            "ec2",
            "rules of our security groups",
            "AuthorizeSecurityGroupIngress",
            "RevokeSecurityGroupIngress",
            feature="security-groups",
        ),
    ),
    *_bound(
        CLUSTER_RESOURCE,
        _rows(
            "OpenTargetPorts",
            "ec2",
            "rules of the security groups of nodes and pods, which have the Kubernetes tag of the cluster",
            "AuthorizeSecurityGroupIngress",
            "RevokeSecurityGroupIngress",
            feature="security-groups",
        ),
    ),
    *_rows("CreateSecurityGroups", "ec2", "the frontend and backend security groups", "CreateSecurityGroup", feature="security-groups"),
    *_rows(
        "DeleteSecurityGroups",
        "ec2",
        "only for resources with our tag",
        "DeleteSecurityGroup",
        feature="security-groups",
        condition=TAGGED_RESOURCE,
    ),
    *_rows(
        "TagSecurityGroupsAtCreation",
        "ec2",
        "tags given at creation",
        "CreateTags",
        feature="security-groups",
        resources=SECURITY_GROUPS,
        condition={"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"}, **TAGGED_REQUEST},
    ),
    *_rows(
        "TagSecurityGroups",
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
    *_rows(
        "FindCertificates", "acm", "discovery of certificates by host", "DescribeCertificate", "ListCertificates", feature="certificates"
    ),
    *_implied(
        "FindServerCertificates",
        "certificates in IAM",
        "iam:GetServerCertificate",
        "iam:ListServerCertificates",
        feature="certificates",
    ),
    *_rows(
        "TagCertificates",
        "acm",
        "tags of our certificates",
        "AddTagsToCertificate",
        "ListTagsForCertificate",
        feature="certificate-creation",
    ),
    *_rows(
        "RequestCertificates", "acm", "only with our tag", "RequestCertificate", feature="certificate-creation", condition=TAGGED_REQUEST
    ),
    *_rows(
        "DeleteCertificates",
        "acm",
        "only for resources with our tag",
        "DeleteCertificate",
        feature="certificate-creation",
        condition=TAGGED_RESOURCE,
    ),
    *_rows(
        "ProveDomains",
        "route53",
        "DNS records that validate a domain",
        "ChangeResourceRecordSets",
        "ListHostedZones",
        feature="certificate-creation",
    ),
    *_implied(
        "IssuePrivateCertificates",
        "ACM needs these for certificates of a private CA",
        "acm-pca:GetCertificate",
        "acm-pca:IssueCertificate",
        "acm-pca:ListPermissions",
        feature="certificate-creation",
    ),
)

_ADDONS = (
    *_rows(
        "AssociateWebAcls",
        "wafv2",
        "web ACLs",
        "AssociateWebACL",
        "DisassociateWebACL",
        "GetWebACLForResource",
        "ListWebACLs",
        feature="wafv2",
    ),
    *_implied(
        "AssociateWebAclsImplied", "AWS checks it for an association", "wafv2:GetWebACL", "elasticloadbalancing:SetWebAcl", feature="wafv2"
    ),
    *_rows(
        "AssociateClassicWebAcls",
        "waf-regional",
        "classic web ACLs",
        "AssociateWebACL",
        "DisassociateWebACL",
        "GetWebACLForResource",
        feature="waf-regional",
    ),
    *_implied("AssociateClassicWebAclsImplied", "AWS checks it for an association", "waf-regional:GetWebACL", feature="waf-regional"),
    *_rows(
        "Protect",
        "shield",
        "Shield Advanced",
        "CreateProtection",
        "DeleteProtection",
        "DescribeProtection",
        "GetSubscriptionState",
        feature="shield",
    ),
    *_implied(
        "AuthenticateCognito", "AWS checks it for an authenticate-cognito action", "cognito-idp:DescribeUserPoolClient", feature="cognito"
    ),
)

_ACCOUNTS = _rows(
    "AssumeRoles",
    "sts",
    "target groups of other accounts; limit it to the roles that bindings name",
    "AssumeRole",
    feature="cross-account",
)

_GIVEN = _rows(
    "ChangeGivenTargets",
    "elbv2",
    "targets of target groups that TargetGroupBindings name and this cluster did not create",
    "DeregisterTargets",
    "RegisterTargets",
    resources=TARGET_GROUPS,
    feature="given-target-groups",
)

_COMMANDS = _rows(
    "CompareRoles",
    "iam",
    "`albatross iam diff`, with the credentials of the user",
    "GetPolicy",
    "GetPolicyVersion",
    "GetRolePolicy",
    "ListAttachedRolePolicies",
    "ListRolePolicies",
    feature="command-line",
)

PERMISSIONS: tuple[CallPermission, ...] = (*_READ, *_BALANCING, *_GROUPS, *_CERTIFICATES, *_ADDONS, *_ACCOUNTS, *_GIVEN, *_COMMANDS)
"""Every action. An action can occur several times, with other resources or another condition."""

OPERATIONS: frozenset[tuple[str, str]] = frozenset((row.service, row.operation) for row in PERMISSIONS if row.service)
"""(service, operation) pairs that have a row."""


UNASKED = frozenset({"sts:GetCallerIdentity"})
"""Actions that AWS allows for everybody, without a policy."""


def needed(service: str, operation: str) -> tuple[CallPermission, ...]:
    """The rows of one call: the actions to name if AWS denies it."""
    return tuple(row for row in PERMISSIONS if (row.service, row.operation) == (service, operation))
