"""EC2 and IAM, whose operations are too many for a row each: resources are told by what their parameters are called."""

from collections.abc import Mapping

from albatross_sandbox.aws.iam.asked import Asked, Tags
from albatross_sandbox.aws.iam.row import Implied, Row, both, given, listed, named, present

# Parameter → resource type, of EC2's operations that are about one resource.
_IDS = {
    "GroupId": "security-group",
    "InstanceId": "instance",
    "InternetGatewayId": "internet-gateway",
    "NetworkInterfaceId": "network-interface",
    "RouteTableId": "route-table",
    "SubnetId": "subnet",
    "VpcId": "vpc",
    "AllocationId": "elastic-ip",
    "PoolId": "coip-pool",
}
# The beginning of an id → resource type, for CreateTags and DeleteTags.
_PREFIXES = {
    "acl": "network-acl",
    "ami": "image",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "i": "instance",
    "igw": "internet-gateway",
    "ipv4pool-coip": "coip-pool",
    "nat": "natgateway",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vol": "volume",
    "vpc": "vpc",
}


def _resources(asked: Asked) -> tuple[str, ...]:
    if asked.operation.startswith("Describe"):
        return ("*",)
    found = [asked.place.arn("ec2", f"{kind}/{value}") for path, kind in _IDS.items() for value in asked.values(path)]
    return (*found, *_made(asked)) or ("*",)


def _made(asked: Asked) -> tuple[str, ...]:
    """What a call makes: the types that it brings tags for."""
    return tuple(asked.place.arn("ec2", f"{kind}/*") for kind in asked.values("TagSpecification.ResourceType"))


def _tagged(asked: Asked) -> tuple[str, ...]:
    return tuple(asked.place.arn("ec2", f"{_PREFIXES.get(each.rpartition('-')[0], '*')}/{each}") for each in asked.values("ResourceId"))


def _specified(asked: Asked) -> Tags:
    """The tags of TagSpecification."""
    rows = asked.given.get("TagSpecification")
    tags = [tag for row in rows if isinstance(row, dict) for tag in row.get("Tag") or []] if isinstance(rows, list) else []
    return {str(tag["Key"]): str(tag.get("Value") or "") for tag in tags if isinstance(tag, dict) and tag.get("Key")}


def _creates_tags(operation: str) -> Implied:
    return Implied("ec2:CreateTags", _made, present("TagSpecification.Tag.Key"), True, {"ec2:CreateAction": operation})


def _security_group(operation: str) -> Row:
    """Rules of a group; the tags are those of the rules."""
    return Row(named("ec2", "security-group/{GroupId}"), _specified, implied=(_creates_tags(operation),), tagged=_made)


_NEW_GROUP = named("ec2", "security-group/*")
_IN_VPC = named("ec2", "vpc/{VpcId}")
_PROFILE = Implied("iam:PassRole", named("iam", "role/*"), keys={"iam:PassedToService": "ec2.amazonaws.com"})

NETWORK: Mapping[str, Row] = {
    "AssociateIamInstanceProfile": Row(named("ec2", "instance/{InstanceId}"), implied=(_PROFILE,)),
    "AuthorizeSecurityGroupEgress": _security_group("AuthorizeSecurityGroupEgress"),
    "AuthorizeSecurityGroupIngress": _security_group("AuthorizeSecurityGroupIngress"),
    "CreateSecurityGroup": Row(both(_NEW_GROUP, _IN_VPC), _specified, implied=(_creates_tags("CreateSecurityGroup"),), tagged=_NEW_GROUP),
    "CreateTags": Row(_tagged, listed("Tag")),
    "DeleteTags": Row(_tagged, tag_keys=lambda asked: asked.values("Tag.Key")),
    "RevokeSecurityGroupEgress": Row(named("ec2", "security-group/{GroupId}")),
    "RevokeSecurityGroupIngress": Row(named("ec2", "security-group/{GroupId}")),
}
"""What the table says of EC2 beyond the rule."""


def network(operation: str) -> Row:
    """The rule for every other operation of EC2."""
    return Row(_resources, _specified, implied=(_creates_tags(operation),), tagged=_made)


# Parameter → resource type of IAM; the first that a request has counts.
_NAMES = {"RoleName": "role", "InstanceProfileName": "instance-profile", "UserName": "user", "GroupName": "group", "PolicyName": "policy"}


def _identity(asked: Asked) -> tuple[str, ...]:
    for path in ("PolicyArn", "OpenIDConnectProviderArn"):
        if asked.values(path) and not asked.values("RoleName") + asked.values("UserName") + asked.values("GroupName"):
            return (asked.one(path),)
    for path, kind in _NAMES.items():
        if name := asked.one(path):
            return (asked.place.arn("iam", f"{kind}{asked.one('Path', '/')}{name}"),)
    return ("*",)


_LINKED = "role/aws-service-role/{AWSServiceName}/*"
_KEYS = {"iam:PolicyARN": "PolicyArn", "iam:PermissionsBoundary": "PermissionsBoundary"}

IDENTITY: Mapping[str, Row] = {
    "AddRoleToInstanceProfile": Row(
        named("iam", "instance-profile/{InstanceProfileName}"), implied=(Implied("iam:PassRole", named("iam", "role/{RoleName}")),)
    ),
    "CreateOpenIDConnectProvider": Row(
        lambda asked: (asked.place.arn("iam", f"oidc-provider/{asked.one('Url').partition('://')[2]}"),), listed("Tags")
    ),
    "CreateServiceLinkedRole": Row(named("iam", _LINKED), keys={"iam:AWSServiceName": "AWSServiceName"}),
    "GetServerCertificate": Row(named("iam", "server-certificate/{ServerCertificateName}")),
    "ListServerCertificates": Row(),
    "SimulatePrincipalPolicy": Row(given("PolicySourceArn")),
}
"""What the table says of IAM beyond the rule."""


def identity(_: str) -> Row:
    """The rule for every other operation of IAM."""
    return Row(_identity, listed("Tags"), keys=_KEYS)
