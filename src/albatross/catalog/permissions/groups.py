"""Security groups."""

from albatross.catalog.permissions.call import (
    CLUSTER_RESOURCE,
    OTHER_TAGS,
    OWN_RESOURCE,
    SECURITY_GROUPS,
    TAGGED_REQUEST,
    TAGGED_RESOURCE,
    bound,
    rows,
)

ROWS = (
    *bound(
        OWN_RESOURCE,
        rows(
            "OpenOwnPorts",
            "ec2",
            "rules of our security groups",
            "AuthorizeSecurityGroupIngress",
            "RevokeSecurityGroupIngress",
            feature="security-groups",
        ),
    ),
    *bound(
        CLUSTER_RESOURCE,
        rows(
            "OpenTargetPorts",
            "ec2",
            "rules of the security groups of nodes and pods, which have the Kubernetes tag of the cluster",
            "AuthorizeSecurityGroupIngress",
            "RevokeSecurityGroupIngress",
            feature="security-groups",
        ),
    ),
    *rows("CreateSecurityGroups", "ec2", "the frontend and backend security groups", "CreateSecurityGroup", feature="security-groups"),
    *rows(
        "DeleteSecurityGroups",
        "ec2",
        "only for resources with our tag",
        "DeleteSecurityGroup",
        feature="security-groups",
        condition=TAGGED_RESOURCE,
    ),
    *rows(
        "TagSecurityGroupsAtCreation",
        "ec2",
        "tags given at creation",
        "CreateTags",
        feature="security-groups",
        resources=SECURITY_GROUPS,
        condition={"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"}, **TAGGED_REQUEST},
    ),
    *rows(
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
