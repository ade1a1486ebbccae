"""Other accounts, target groups that we did not create, and commands."""

from albatross.catalog.permissions.call import TARGET_GROUPS, rows

ACCOUNTS = rows(
    "AssumeRoles",
    "sts",
    "target groups of other accounts; limit it to the roles that bindings name",
    "AssumeRole",
    feature="cross-account",
)

GIVEN = rows(
    "ChangeGivenTargets",
    "elbv2",
    "targets of target groups that TargetGroupBindings name and this cluster did not create",
    "DeregisterTargets",
    "RegisterTargets",
    resources=TARGET_GROUPS,
    feature="given-target-groups",
)

COMMANDS = rows(
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

CLUSTER = rows(
    "ReadCluster",
    "eks",
    "`albatross install`, with the credentials of the user: the region, the VPC and the address of the cluster",
    "DescribeCluster",
    feature="command-line",
)

DOCTOR = (
    *rows(
        "DiagnoseIdentity",
        "iam",
        "`albatross doctor`, with the credentials of the user: the OIDC providers, and the trust policy of the role",
        "GetRole",
        "ListOpenIDConnectProviders",
        feature="command-line",
    ),
    *rows(
        "DiagnosePodIdentity",
        "eks",
        "`albatross doctor`, with the credentials of the user: the EKS Pod Identity association of the controller",
        "DescribePodIdentityAssociation",
        "ListPodIdentityAssociations",
        feature="command-line",
    ),
    *rows(
        "DiagnoseQuotas",
        "elbv2",
        "`albatross doctor`, with the credentials of the user: the quotas of load balancing",
        "DescribeAccountLimits",
        feature="command-line",
    ),
    *rows(
        "DiagnoseVpcQuotas",
        "service-quotas",
        "`albatross doctor`, with the credentials of the user: the quotas of security groups; without it, they are left out",
        "GetServiceQuota",
        feature="command-line",
    ),
)

ROWS = (*ACCOUNTS, *GIVEN, *COMMANDS, *CLUSTER, *DOCTOR)
