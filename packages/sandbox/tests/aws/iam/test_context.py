"""What each call asks of policies."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from albatross_sandbox.aws import protocol
from albatross_sandbox.aws.call import identify
from albatross_sandbox.aws.clock import Clock
from albatross_sandbox.aws.iam import asked, context, table
from albatross_sandbox.aws.iam.asked import Asked, Place, Tags
from albatross_sandbox.aws.store import Store

HOME = "ap-northeast-2:123456789012"
ELB = f"arn:aws:elasticloadbalancing:{HOME}"
LB, LISTENER = f"{ELB}:loadbalancer/app/web/1", f"{ELB}:listener/app/web/1/2"
RULE, GROUP = f"{ELB}:listener-rule/app/web/1/2/3", f"{ELB}:targetgroup/web/4"
EC2, CERTIFICATE = f"arn:aws:ec2:{HOME}", f"arn:aws:acm:{HOME}:certificate/5"
ROLE = "arn:aws:iam::123456789012:role/lb"
TAGS = [{"Key": "Team", "Value": "a"}, {"Key": "empty", "Value": ""}]
COGNITO = [{"Type": "authenticate-cognito", "AuthenticateCognitoConfig": {"UserPoolArn": "arn:pool"}}]
LOOKS = [(f"ec2:{name}", "*") for name in ("DescribeAccountAttributes", "DescribeInternetGateways", "DescribeSubnets", "DescribeVpcs")]
SPECIFIED = [{"ResourceType": "security-group", "Tag": TAGS}]
LINK = "arn:aws:iam::123456789012:role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing"

CASES: list[tuple[str, str, dict[str, Any], list[tuple[str, str]]]] = [
    (
        "elbv2",
        "CreateLoadBalancer",
        {"Name": "web"},
        [("elasticloadbalancing:CreateLoadBalancer", f"{ELB}:loadbalancer/app/web/*"), *LOOKS],
    ),
    (
        "elbv2",
        "CreateLoadBalancer",
        {"Name": "n", "Type": "network", "Tags": TAGS, "SubnetMappings": [{"AllocationId": "eipalloc-1"}], "SecurityGroups": ["sg-1"]},
        [
            ("elasticloadbalancing:CreateLoadBalancer", f"{ELB}:loadbalancer/net/n/*"),
            ("elasticloadbalancing:AddTags", f"{ELB}:loadbalancer/net/n/*"),
            *LOOKS,
            ("ec2:DescribeSecurityGroups", "*"),
            ("ec2:DescribeAddresses", "*"),
        ],
    ),
    (
        "elbv2",
        "CreateTargetGroup",
        {"Name": "web", "Tags": TAGS},
        [
            ("elasticloadbalancing:CreateTargetGroup", f"{ELB}:targetgroup/web/*"),
            ("elasticloadbalancing:AddTags", f"{ELB}:targetgroup/web/*"),
        ],
    ),
    (
        "elbv2",
        "CreateListener",
        {"LoadBalancerArn": LB, "Tags": TAGS, "DefaultActions": COGNITO},
        [
            ("elasticloadbalancing:CreateListener", LB),
            ("elasticloadbalancing:AddTags", f"{ELB}:listener/app/web/1/*"),
            ("cognito-idp:DescribeUserPoolClient", "arn:pool"),
        ],
    ),
    (
        "elbv2",
        "CreateRule",
        {"ListenerArn": LISTENER, "Tags": TAGS},
        [("elasticloadbalancing:CreateRule", LISTENER), ("elasticloadbalancing:AddTags", f"{ELB}:listener-rule/app/web/1/2/*")],
    ),
    ("elbv2", "ModifyRule", {"RuleArn": RULE}, [("elasticloadbalancing:ModifyRule", RULE)]),
    (
        "elbv2",
        "SetRulePriorities",
        {"RulePriorities": [{"RuleArn": RULE, "Priority": 1}, {"RuleArn": RULE + "0", "Priority": 2}]},
        [("elasticloadbalancing:SetRulePriorities", RULE), ("elasticloadbalancing:SetRulePriorities", RULE + "0")],
    ),
    (
        "elbv2",
        "AddTags",
        {"ResourceArns": [LB, GROUP], "Tags": TAGS},
        [("elasticloadbalancing:AddTags", LB), ("elasticloadbalancing:AddTags", GROUP)],
    ),
    ("elbv2", "DescribeLoadBalancers", {"LoadBalancerArns": [LB]}, [("elasticloadbalancing:DescribeLoadBalancers", "*")]),
    ("elb", "DescribeLoadBalancers", {}, [("elasticloadbalancing:DescribeLoadBalancers", "*")]),
    (
        "ec2",
        "CreateSecurityGroup",
        {"VpcId": "vpc-1", "TagSpecification": SPECIFIED},
        [
            ("ec2:CreateSecurityGroup", f"{EC2}:security-group/*"),
            ("ec2:CreateSecurityGroup", f"{EC2}:vpc/vpc-1"),
            ("ec2:CreateTags", f"{EC2}:security-group/*"),
        ],
    ),
    ("ec2", "DeleteSecurityGroup", {"GroupId": "sg-1"}, [("ec2:DeleteSecurityGroup", f"{EC2}:security-group/sg-1")]),
    (
        "ec2",
        "AuthorizeSecurityGroupIngress",
        {"GroupId": "sg-1", "TagSpecification": [{"ResourceType": "security-group-rule", "Tag": TAGS}]},
        [("ec2:AuthorizeSecurityGroupIngress", f"{EC2}:security-group/sg-1"), ("ec2:CreateTags", f"{EC2}:security-group-rule/*")],
    ),
    (
        "ec2",
        "CreateTags",
        {"ResourceId": ["sg-1", "subnet-2", "eipalloc-3"], "Tag": TAGS},
        [("ec2:CreateTags", f"{EC2}:{each}") for each in ("security-group/sg-1", "subnet/subnet-2", "elastic-ip/eipalloc-3")],
    ),
    ("ec2", "DescribeSecurityGroups", {"GroupId": ["sg-1"]}, [("ec2:DescribeSecurityGroups", "*")]),
    ("ec2", "GetSecurityGroupsForVpc", {"VpcId": "vpc-1"}, [("ec2:GetSecurityGroupsForVpc", f"{EC2}:vpc/vpc-1")]),
    ("acm", "ListCertificates", {}, [("acm:ListCertificates", "*")]),
    ("acm", "DeleteCertificate", {"CertificateArn": CERTIFICATE}, [("acm:DeleteCertificate", CERTIFICATE)]),
    (
        "acm",
        "RequestCertificate",
        {"DomainName": "x.y", "Tags": TAGS},
        [("acm:RequestCertificate", "*"), ("acm:AddTagsToCertificate", f"arn:aws:acm:{HOME}:certificate/*")],
    ),
    (
        "wafv2",
        "AssociateWebACL",
        {"WebACLArn": "arn:acl", "ResourceArn": LB},
        [("wafv2:AssociateWebACL", "arn:acl"), ("wafv2:AssociateWebACL", LB), ("elasticloadbalancing:SetWebACL", LB)],
    ),
    (
        "wafv2",
        "AssociateWebACL",
        {"WebACLArn": "arn:acl", "ResourceArn": "arn:api"},
        [("wafv2:AssociateWebACL", "arn:acl"), ("wafv2:AssociateWebACL", "arn:api")],
    ),
    (
        "waf-regional",
        "AssociateWebACL",
        {"WebACLId": "x", "ResourceArn": LB},
        [
            ("waf-regional:AssociateWebACL", f"arn:aws:waf-regional:{HOME}:webacl/x"),
            ("waf-regional:AssociateWebACL", LB),
            ("elasticloadbalancing:SetWebACL", LB),
        ],
    ),
    ("shield", "CreateProtection", {"ResourceArn": LB}, [("shield:CreateProtection", "*")]),
    ("shield", "DescribeProtection", {"ResourceArn": LB}, [("shield:DescribeProtection", "arn:aws:shield::123456789012:protection/*")]),
    (
        "route53",
        "ChangeResourceRecordSets",
        {"HostedZoneId": "Z1"},
        [("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1")],
    ),
    ("resourcegroupstaggingapi", "GetResources", {}, [("tag:GetResources", "*")]),
    ("sts", "AssumeRole", {"RoleArn": ROLE}, [("sts:AssumeRole", ROLE)]),
    (
        "eks",
        "CreatePodIdentityAssociation",
        {"clusterName": "c", "roleArn": ROLE},
        [("eks:CreatePodIdentityAssociation", f"arn:aws:eks:{HOME}:cluster/c"), ("iam:PassRole", ROLE), ("iam:GetRole", ROLE)],
    ),
    ("iam", "PutRolePolicy", {"RoleName": "lb", "PolicyName": "p"}, [("iam:PutRolePolicy", ROLE)]),
    ("iam", "GetPolicy", {"PolicyArn": "arn:p"}, [("iam:GetPolicy", "arn:p")]),
    ("iam", "ListRoles", {}, [("iam:ListRoles", "*")]),
]


def about(service: str, operation: str, given: dict[str, Any], linked: bool = True) -> Asked:
    return Asked(service, operation, Place("aws", "ap-northeast-2", "123456789012"), given, linked)


async def stored(arn: str) -> Tags:
    return {"Owner": "b"} if arn in (LB, GROUP, f"{EC2}:vpc/vpc-1") else {}


@pytest.mark.parametrize(("service", "operation", "given", "wanted"), CASES, ids=lambda value: value if isinstance(value, str) else "")
async def test_actions_and_resources(service: str, operation: str, given: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    found = await context.asks(about(service, operation, given), {}, stored)
    assert [(each.action, each.resource) for each in found] == wanted


async def test_the_first_load_balancer_makes_the_service_linked_role() -> None:
    found = await context.asks(about("elbv2", "CreateLoadBalancer", {"Name": "web"}, linked=False), {}, stored)
    (ask,) = [each for each in found if each.action == "iam:CreateServiceLinkedRole"]
    assert ask.resource == LINK
    assert ask.context["iam:awsservicename"] == ("elasticloadbalancing.amazonaws.com",)
    assert ask.context["aws:viaawsservice"] == ("true",)


async def test_tags_of_a_creation() -> None:
    create, add = await context.asks(about("elbv2", "CreateTargetGroup", {"Name": "web", "Tags": TAGS}), {"aws:x": ("y",)}, stored)
    tags = {"aws:requesttag/team": ("a",), "aws:requesttag/empty": ("",), "aws:tagkeys": ("Team", "empty")}
    assert create.context == {"aws:x": ("y",), **tags, "aws:resourceaccount": ("123456789012",)}
    assert add.context == {**create.context, "elasticloadbalancing:createaction": ("CreateTargetGroup",)}


async def test_tags_that_are_stored() -> None:
    lb, group, other = await context.asks(about("elbv2", "AddTags", {"ResourceArns": [LB, GROUP, RULE], "Tags": TAGS}), {}, stored)
    for each in (lb, group):
        assert each.context["aws:resourcetag/owner"] == each.context["elasticloadbalancing:resourcetag/owner"] == ("b",)
    assert "aws:resourcetag/owner" not in other.context
    assert "elasticloadbalancing:createaction" not in lb.context


async def test_tags_of_a_security_group_are_not_its_vpcs() -> None:
    group, vpc, tags = await context.asks(
        about("ec2", "CreateSecurityGroup", {"VpcId": "vpc-1", "TagSpecification": SPECIFIED}), {}, stored
    )
    assert group.context["aws:requesttag/team"] == tags.context["aws:requesttag/team"] == ("a",)
    assert "aws:requesttag/team" not in vpc.context
    assert vpc.context["ec2:resourcetag/owner"] == ("b",)
    assert tags.context["ec2:createaction"] == ("CreateSecurityGroup",)


async def test_keys_of_the_service() -> None:
    (lb, *_) = await context.asks(
        about("elbv2", "CreateLoadBalancer", {"Name": "x", "Scheme": "internal", "Subnets": ["s-1", "s-2"]}), {}, stored
    )
    assert lb.context["elasticloadbalancing:subnet"] == ("s-1", "s-2")
    assert lb.context["elasticloadbalancing:scheme"] == ("internal",)
    (removed,) = await context.asks(about("elbv2", "RemoveTags", {"ResourceArns": [LB], "TagKeys": ["Team"]}), {}, stored)
    assert removed.context["aws:tagkeys"] == ("Team",)
    assert "aws:requesttag/team" not in removed.context


def test_every_row_is_an_operation() -> None:
    for service, rows in table.ROWS.items():
        assert set(rows) <= protocol.operations(service), service


def test_every_write_of_load_balancing_has_a_row() -> None:
    free = {name for name in protocol.operations("elbv2") if name.startswith("Describe")}
    absent = {"DeleteSharedTrustStoreAssociation", "GetResourcePolicy", "GetTrustStoreRevocationContent"}
    assert protocol.operations("elbv2") - free - absent == set(table.ROWS["elbv2"])


def heard(service: str, method: str, path: str, body: bytes = b"", **headers: str) -> Asked:
    signature = {"Authorization": f"AWS4-HMAC-SHA256 Credential=k/20260101/ap-northeast-2/{service}/aws4_request, SignedHeaders=host"}
    call = identify(method, path, {**signature, **headers}, body)
    assert call
    return asked.read(call, Store("123456789012", "ap-northeast-2", Clock()))


def test_calls_of_every_protocol_are_read() -> None:
    form = urlencode({"Action": "CreateTargetGroup", "Name": "x", "Tags.member.1.Key": "a", "Tags.member.1.Value": ""}).encode()
    query = heard("elasticloadbalancing", "POST", "/", form, **{"Content-Type": "application/x-www-form-urlencoded"})
    assert (query.operation, query.given) == ("CreateTargetGroup", {"Name": "x", "Tags": [{"Key": "a", "Value": ""}]})
    target = {"X-Amz-Target": "CertificateManager.DeleteCertificate"}
    assert heard("acm", "POST", "/", json.dumps({"CertificateArn": CERTIFICATE}).encode(), **target).one("CertificateArn") == CERTIFICATE
    changes = (
        b"<C xmlns='x'><Change><Action>UPSERT</Action><ResourceRecordSet><Name>a.b</Name><Type>A</Type></ResourceRecordSet></Change></C>"
    )
    record = heard("route53", "POST", "/2013-04-01/hostedzone/Z1/rrset/", changes)
    assert (record.operation, record.one("HostedZoneId"), record.values("Changes.Name")) == ("ChangeResourceRecordSets", "Z1", ["a.b"])
    assert heard("eks", "GET", "/clusters/my%20c").one("name") == "my c"
