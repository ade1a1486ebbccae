"""What IAM is asked for each operation: a row an operation, and a rule for all others of EC2 and IAM.

Source: the Service Authorization Reference, and each service's pages on the permissions that its calls need. An operation without a
row asks for the action of its own name on `*`.
"""

from collections.abc import Callable, Mapping

from albatross_sandbox.aws.iam import general
from albatross_sandbox.aws.iam.asked import Asked
from albatross_sandbox.aws.iam.row import Implied, Resources, Row, both, given, listed, named, present, star

PREFIXES = {"elbv2": "elasticloadbalancing", "elb": "elasticloadbalancing", "resourcegroupstaggingapi": "tag"}
"""The prefix of a service's actions where it is not botocore's name."""

_ELB = "elasticloadbalancing"
_TAGS = listed("Tags")
_KINDS = {"application": "app", "network": "net", "gateway": "gwy"}


def _new_balancer(asked: Asked) -> tuple[str, ...]:
    kind = _KINDS.get(asked.one("Type", "application"), "app")
    return (asked.place.arn(_ELB, f"loadbalancer/{kind}/{asked.one('Name')}/*"),)


def _below(parent: str, kind: str) -> Resources:
    """What the call makes inside the resource at a path: its ARN is the parent's, of another kind and longer."""

    def found(asked: Asked) -> tuple[str, ...]:
        head, _, rest = asked.one(parent).partition("/")
        return (f"{head.rpartition(':')[0]}:{kind}/{rest}/*",)

    return found


def _added(operation: str, resources: Resources) -> Implied:
    """The tags that a creation brings are asked for like AddTags."""
    keys = {"elasticloadbalancing:CreateAction": operation}
    return Implied("elasticloadbalancing:AddTags", resources, present("Tags.Key"), True, keys)


def _reads(action: str, *paths: str) -> Implied:
    """What load balancing looks up with the caller's rights; only with one of the parameters, if any is named."""
    return Implied(f"ec2:{action}", star, present(*paths) if paths else lambda _: True)


def _slr(asked: Asked) -> tuple[str, ...]:
    return (asked.place.arn("iam", "role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing"),)


_LINK = Implied(
    "iam:CreateServiceLinkedRole", _slr, lambda asked: not asked.linked, False, {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}
)


def _pools(path: str) -> Resources:
    return given(f"{path}.AuthenticateCognitoConfig.UserPoolArn")


def _cognito(path: str) -> Implied:
    return Implied("cognito-idp:DescribeUserPoolClient", _pools(path), present(f"{path}.AuthenticateCognitoConfig.UserPoolArn"))


_LOOKS = (
    _reads("DescribeAccountAttributes"),
    _reads("DescribeInternetGateways"),
    _reads("DescribeSubnets"),
    _reads("DescribeVpcs"),
    _reads("DescribeSecurityGroups", "SecurityGroups"),
    _reads("DescribeAddresses", "SubnetMappings.AllocationId"),
    _reads("DescribeCoipPools", "CustomerOwnedIpv4Pool"),
    _reads("GetCoipPoolUsage", "CustomerOwnedIpv4Pool"),
    _reads("DescribeIpamPools", "IpamPools.Ipv4IpamPoolId"),
)
_SECURE = {"elasticloadbalancing:ListenerProtocol": "Protocol", "elasticloadbalancing:SecurityPolicy": "SslPolicy"}
_WITHIN = {
    "elasticloadbalancing:Scheme": "Scheme",
    "elasticloadbalancing:Subnet": "Subnets",
    "elasticloadbalancing:SecurityGroup": "SecurityGroups",
}
_BALANCER, _LISTENER, _RULE = given("LoadBalancerArn"), given("ListenerArn"), given("RuleArn")
_GROUP, _STORE = given("TargetGroupArn"), given("TrustStoreArn")
_NEW_GROUP, _NEW_STORE = named(_ELB, "targetgroup/{Name}/*"), named(_ELB, "truststore/{Name}/*")
_NEW_LISTENER, _NEW_RULE = _below("LoadBalancerArn", "listener"), _below("ListenerArn", "listener-rule")

_BALANCING: Mapping[str, Row] = {
    "AddListenerCertificates": Row(_LISTENER),
    "AddTags": Row(given("ResourceArns"), _TAGS),
    "AddTrustStoreRevocations": Row(_STORE),
    "CreateListener": Row(_BALANCER, _TAGS, keys=_SECURE, implied=(_added("CreateListener", _NEW_LISTENER), _cognito("DefaultActions"))),
    "CreateLoadBalancer": Row(_new_balancer, _TAGS, keys=_WITHIN, implied=(_added("CreateLoadBalancer", _new_balancer), _LINK, *_LOOKS)),
    "CreateRule": Row(_LISTENER, _TAGS, implied=(_added("CreateRule", _NEW_RULE), _cognito("Actions"))),
    "CreateTargetGroup": Row(_NEW_GROUP, _TAGS, implied=(_added("CreateTargetGroup", _NEW_GROUP),)),
    "CreateTrustStore": Row(_NEW_STORE, _TAGS, implied=(_added("CreateTrustStore", _NEW_STORE),)),
    "DeleteListener": Row(_LISTENER),
    "DeleteLoadBalancer": Row(_BALANCER),
    "DeleteRule": Row(_RULE),
    "DeleteTargetGroup": Row(_GROUP),
    "DeleteTrustStore": Row(_STORE),
    "DeregisterTargets": Row(_GROUP),
    "GetTrustStoreCaCertificatesBundle": Row(_STORE),
    "ModifyCapacityReservation": Row(_BALANCER),
    "ModifyIpPools": Row(_BALANCER),
    "ModifyListener": Row(_LISTENER, keys=_SECURE, implied=(_cognito("DefaultActions"),)),
    "ModifyListenerAttributes": Row(_LISTENER),
    "ModifyLoadBalancerAttributes": Row(_BALANCER),
    "ModifyRule": Row(_RULE, implied=(_cognito("Actions"),)),
    "ModifyTargetGroup": Row(_GROUP),
    "ModifyTargetGroupAttributes": Row(_GROUP),
    "ModifyTrustStore": Row(_STORE),
    "RegisterTargets": Row(_GROUP),
    "RemoveListenerCertificates": Row(_LISTENER),
    "RemoveTags": Row(given("ResourceArns"), tag_keys=lambda asked: asked.values("TagKeys")),
    "RemoveTrustStoreRevocations": Row(_STORE),
    "SetIpAddressType": Row(_BALANCER),
    "SetRulePriorities": Row(given("RulePriorities.RuleArn")),
    "SetSecurityGroups": Row(
        _BALANCER, keys={"elasticloadbalancing:SecurityGroup": "SecurityGroups"}, implied=(_reads("DescribeSecurityGroups"),)
    ),
    "SetSubnets": Row(
        _BALANCER,
        keys={"elasticloadbalancing:Subnet": "Subnets"},
        implied=(_reads("DescribeSubnets"), _reads("DescribeAddresses", "SubnetMappings.AllocationId")),
    ),
}

_CERTIFICATE = given("CertificateArn")
_CERTIFICATES: Mapping[str, Row] = {
    "AddTagsToCertificate": Row(_CERTIFICATE, _TAGS),
    "DeleteCertificate": Row(_CERTIFICATE),
    "DescribeCertificate": Row(_CERTIFICATE),
    "GetCertificate": Row(_CERTIFICATE),
    "ImportCertificate": Row(lambda asked: (asked.one("CertificateArn", asked.place.arn("acm", "certificate/*")),), _TAGS),
    "ListTagsForCertificate": Row(_CERTIFICATE),
    "RemoveTagsFromCertificate": Row(_CERTIFICATE, _TAGS),
    "RequestCertificate": Row(
        tags=_TAGS,
        keys={"acm:DomainNames": "DomainName", "acm:ValidationMethod": "ValidationMethod", "acm:KeyAlgorithm": "KeyAlgorithm"},
        implied=(Implied("acm:AddTagsToCertificate", named("acm", "certificate/*"), present("Tags.Key"), True),),
    ),
}

_SET = Implied("elasticloadbalancing:SetWebACL", given("ResourceArn"), lambda asked: f":{_ELB}:" in asked.one("ResourceArn"))
_GET_ACL = Implied("wafv2:GetWebACL", named("wafv2", "regional/webacl/*/*"))
_FIREWALL: Mapping[str, Row] = {
    "AssociateWebACL": Row(given("WebACLArn", "ResourceArn"), implied=(_SET,)),
    "DisassociateWebACL": Row(given("ResourceArn"), implied=(_SET,)),
    "GetWebACL": Row(lambda asked: (asked.one("ARN", asked.place.arn("wafv2", f"regional/webacl/{asked.one('Name')}/{asked.one('Id')}")),)),
    "GetWebACLForResource": Row(given("ResourceArn"), implied=(_GET_ACL,)),
    "CreateWebACL": Row(named("wafv2", "regional/webacl/{Name}/*"), _TAGS),
}
_CLASSIC_ACL = named("waf-regional", "webacl/{WebACLId}")
_CLASSIC_FIREWALL: Mapping[str, Row] = {
    "AssociateWebACL": Row(both(_CLASSIC_ACL, given("ResourceArn")), implied=(_SET,)),
    "DisassociateWebACL": Row(given("ResourceArn"), implied=(_SET,)),
    "GetWebACL": Row(_CLASSIC_ACL),
    "GetWebACLForResource": Row(given("ResourceArn")),
}
_SHIELD: Mapping[str, Row] = {
    "CreateProtection": Row(tags=_TAGS),
    "DeleteProtection": Row(named("shield", "protection/{ProtectionId}")),
    "DescribeProtection": Row(named("shield", "protection/{ProtectionId}")),
}

_ZONE, _RECORDS_OF = named("route53", "hostedzone/{Id}"), named("route53", "hostedzone/{HostedZoneId}")
_CHANGE = {
    "route53:ChangeResourceRecordSetsNormalizedRecordNames": "Changes.Name",
    "route53:ChangeResourceRecordSetsRecordTypes": "Changes.Type",
    "route53:ChangeResourceRecordSetsActions": "Changes.Action",
}
_RECORDS: Mapping[str, Row] = {
    "ChangeResourceRecordSets": Row(_RECORDS_OF, keys=_CHANGE),
    "DeleteHostedZone": Row(_ZONE),
    "GetChange": Row(named("route53", "change/{Id}")),
    "GetHostedZone": Row(_ZONE),
    "ListResourceRecordSets": Row(_RECORDS_OF),
    "ListTagsForResource": Row(named("route53", "hostedzone/{ResourceId}")),
}

_TO_PODS = {"iam:PassedToService": "pods.eks.amazonaws.com"}
_PASSED = (
    Implied("iam:PassRole", given("roleArn"), present("roleArn"), False, _TO_PODS),
    Implied("iam:GetRole", given("roleArn"), present("roleArn")),
)


def _association(asked: Asked) -> tuple[str, ...]:
    return (asked.place.arn("eks", f"podidentityassociation/{asked.one('clusterName')}/{asked.one('associationId')}"),)


_CLUSTERS: Mapping[str, Row] = {
    "CreatePodIdentityAssociation": Row(named("eks", "cluster/{clusterName}"), implied=_PASSED),
    "DeletePodIdentityAssociation": Row(_association),
    "DescribeCluster": Row(named("eks", "cluster/{name}")),
    "DescribePodIdentityAssociation": Row(_association),
    "ListPodIdentityAssociations": Row(named("eks", "cluster/{clusterName}")),
    "UpdatePodIdentityAssociation": Row(_association, implied=_PASSED),
}
_TOKENS: Mapping[str, Row] = {
    "AssumeRole": Row(given("RoleArn"), _TAGS, keys={"sts:ExternalId": "ExternalId", "sts:RoleSessionName": "RoleSessionName"}),
}

ROWS: Mapping[str, Mapping[str, Row]] = {
    "acm": _CERTIFICATES,
    "ec2": general.NETWORK,
    "eks": _CLUSTERS,
    "elbv2": _BALANCING,
    "iam": general.IDENTITY,
    "route53": _RECORDS,
    "shield": _SHIELD,
    "sts": _TOKENS,
    "waf-regional": _CLASSIC_FIREWALL,
    "wafv2": _FIREWALL,
}
"""The rows of each service, by botocore's names."""
_OTHERS: Mapping[str, Callable[[str], Row]] = {"ec2": general.network, "iam": general.identity}

FREE: frozenset[tuple[str, str]] = frozenset(
    ("sts", name) for name in ("GetCallerIdentity", "GetSessionToken", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")
)
"""What needs no permission."""


def row(service: str, operation: str) -> Row:
    """The operation's row, or what stands for it."""
    found = ROWS.get(service, {}).get(operation)
    return found or (_OTHERS[service](operation) if service in _OTHERS else Row())


def action(service: str, operation: str) -> str:
    """The action that an operation asks for."""
    return f"{PREFIXES.get(service, service)}:{operation}"
