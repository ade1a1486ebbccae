"""A recording answers every question; what is not listed does not exist."""

import pytest

from albatross.aws.read.recorded import Recording, RecordingError
from albatross.catalog.tracking import INGRESS
from albatross.model import facts
from albatross.model.config import Config
from albatross.model.resources.stack import StackId

CONFIG = Config(cluster_name="prod", region="ap-northeast-2", vpc_id="vpc-1")


def _tag(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": key.replace("__", "/"), "Value": value} for key, value in pairs.items()]


OURS = [{"Key": "elbv2.k8s.aws/cluster", "Value": "prod"}]
RECORDING = Recording(
    {
        "ec2.DescribeSubnets": [
            {"SubnetId": "subnet-b", "VpcId": "vpc-1", "AvailabilityZone": "a", "AvailableIpAddressCount": 9, "Tags": _tag(Name="b")},
            {
                "SubnetId": "subnet-a",
                "VpcId": "vpc-1",
                "AvailabilityZone": "b",
                "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlockState": {"State": "associated"}}],
            },
            {"SubnetId": "subnet-x", "VpcId": "vpc-2", "AvailabilityZone": "b"},
        ],
        "ec2.DescribeRouteTables": [
            {
                "RouteTableId": "rtb-1",
                "VpcId": "vpc-1",
                "Associations": [{"Main": True}, {"SubnetId": "subnet-a"}],
                "Routes": [{"GatewayId": "igw-1"}],
            }
        ],
        "ec2.DescribeAvailabilityZones": [{"ZoneId": "z1", "ZoneName": "a", "ZoneType": "local-zone"}],
        "ec2.DescribeSecurityGroups": [
            {"GroupId": "sg-1", "GroupName": "n", "VpcId": "vpc-1", "Tags": _tag(Name="web")},
            {"GroupId": "sg-2", "VpcId": "vpc-1", "Tags": [*OURS, {"Key": "elbv2.k8s.aws/resource", "Value": "backend-sg"}]},
            {"GroupId": "sg-3", "VpcId": "vpc-2", "Tags": _tag(Name="web")},
        ],
        "ec2.DescribeVpcs": [
            {
                "VpcId": "vpc-1",
                "CidrBlockAssociationSet": [{"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}}],
                "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": "2400::/56", "Ipv6CidrBlockState": {"State": "associated"}}],
            }
        ],
        "acm.ListCertificates": [{"CertificateArn": "arn:b", "Status": "ISSUED"}, {"CertificateArn": "arn:a", "Status": "ISSUED"}],
        "acm.DescribeCertificate": [
            {"CertificateArn": "arn:b", "SubjectAlternativeNames": ["b.example.com"], "Status": "ISSUED"},
            {"CertificateArn": "arn:a", "DomainName": "a.example.com", "Status": "ISSUED"},
            {"CertificateArn": "arn:c", "DomainName": "c.example.com", "Status": "EXPIRED"},
        ],
        "elasticloadbalancingv2.DescribeTargetGroups": [{"TargetGroupName": "legacy", "TargetGroupArn": "arn:tg"}],
        "elasticloadbalancingv2.DescribeTrustStores": [{"Name": "trust", "TrustStoreArn": "arn:ts"}],
        "elasticloadbalancingv2.DescribeLoadBalancers": [
            {"LoadBalancerArn": "arn:lb", "Scheme": "internal", "VpcId": "vpc-1", "AvailabilityZones": [{"SubnetId": "subnet-a"}]},
            {"LoadBalancerArn": "arn:other", "Scheme": "internal", "VpcId": "vpc-1"},
        ],
        "elasticloadbalancingv2.DescribeTags": [
            {"ResourceArn": "arn:lb", "Tags": [*OURS, {"Key": "ingress.k8s.aws/stack", "Value": "shop/app"}]},
        ],
        "wafv2.ListWebACLs": [{"Name": "acl", "ARN": "arn:acl"}],
        "sts.GetCallerIdentity": {"Account": "123456789012"},
    }
)


def _ids(question: facts.Question) -> list[str]:
    answers = RECORDING.answer([question], CONFIG).answers[question]
    assert isinstance(answers, tuple)
    return [each if isinstance(each, str) else str(getattr(each, "id", None) or getattr(each, "arn", "")) for each in answers]


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        (facts.SubnetsOfVpc(), ["subnet-a", "subnet-b"]),
        (facts.SubnetsById(("subnet-x", "subnet-gone")), ["subnet-x"]),
        (facts.RouteTables(), ["rtb-1"]),
        (facts.Zones(), ["z1"]),
        (facts.SecurityGroupsById(("sg-3", "sg-1")), ["sg-1", "sg-3"]),
        (facts.SecurityGroupsByName(("web",)), ["sg-1"]),
        (facts.BackendSecurityGroup(), ["sg-2"]),
        (facts.Certificates(), ["arn:a", "arn:b"]),
        (facts.TargetGroupByName("legacy"), ["arn:tg"]),
        (facts.TargetGroupByName("gone"), []),
        (facts.TargetGroupByArn("arn:tg"), ["arn:tg"]),
        (facts.TargetGroupByArn("arn:gone"), []),
        (facts.TargetGroupOf(arn="arn:tg"), ["arn:tg"]),
        (facts.TargetGroupOf(name="legacy", role="arn:role"), ["arn:tg"]),
        (facts.TargetGroupOf(arn="arn:gone", name="legacy"), []),
        (facts.TrustStoreByName("trust"), ["arn:ts"]),
        (facts.WebAclByName("acl"), ["arn:acl"]),
        (facts.LoadBalancersOfStack(StackId(INGRESS, "shop", "app")), ["arn:lb"]),
        (facts.Vpc(), ["vpc-1"]),
    ],
)
def test_answers(question: facts.Question, ids: list[str]) -> None:
    assert _ids(question) == ids


def test_an_empty_recording_answers_nothing_is_there() -> None:
    question = facts.Certificates()
    assert Recording({}).answer([question], CONFIG).answers == {question: ()}


def test_a_given_backend_group_is_taken_at_its_word() -> None:
    config = Config(cluster_name="prod", backend_security_group="sg-9")
    question = facts.BackendSecurityGroup()
    assert RECORDING.answer([question], config).answers == {question: (facts.SecurityGroupFact(id="sg-9"),)}


def test_a_wrong_shape_is_named() -> None:
    with pytest.raises(RecordingError, match="DescribeSubnets"):
        Recording({"ec2.DescribeSubnets": "x"})


def test_details_are_read() -> None:
    answers = RECORDING.answer([facts.RouteTables(), facts.SubnetsOfVpc()], CONFIG).answers
    assert answers[facts.RouteTables()] == (facts.RouteTable(id="rtb-1", main=True, subnet_ids=("subnet-a",), public=True),)
    subnets = answers[facts.SubnetsOfVpc()]
    assert isinstance(subnets, tuple)
    assert [each.ipv6_associated for each in subnets if isinstance(each, facts.Subnet)] == [True, False]
