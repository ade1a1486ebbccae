"""The Query protocol and the recognition of calls, without a server."""

from datetime import UTC, datetime

import pytest

from albatross_sandbox.aws import protocol
from albatross_sandbox.aws.call import identify
from albatross_sandbox.aws.fault import Fault


def test_parses_forms_into_types() -> None:
    form = {
        "Name": "x",
        "Port": "80",
        "HealthCheckEnabled": "true",
        "Tags.member.1.Key": "a",
        "Tags.member.1.Value": "",
        "Tags.member.2.Key": "b",
    }
    assert protocol.parse("elbv2", "CreateTargetGroup", form) == {
        "Name": "x",
        "Port": 80,
        "HealthCheckEnabled": True,
        "Tags": [{"Key": "a", "Value": ""}, {"Key": "b"}],
    }


def test_lists_keep_their_order_past_nine() -> None:
    form = {f"Names.member.{n}": str(n) for n in range(12, 0, -1)}
    assert protocol.parse("elbv2", "DescribeLoadBalancers", form)["Names"] == [str(n) for n in range(1, 13)]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "ValidationError"),
        ({"Name": "x", "Port": "eighty"}, "MalformedInput"),
        ({"Name": "x", "Port": "0"}, "ValidationError"),
        ({"Name": "x", "Protocol": "SMTP"}, "ValidationError"),
        ({"Name.member.1": "x"}, "MalformedInput"),
    ],
)
def test_refuses_forms(form: dict[str, str], code: str) -> None:
    with pytest.raises(Fault) as caught:
        protocol.parse("elbv2", "CreateTargetGroup", form)
    assert caught.value.code == code


def test_renders_results() -> None:
    lb = {"LoadBalancerName": "a<b", "CreatedTime": datetime(2026, 1, 2, 3, 4, 5, 6000, UTC), "SecurityGroups": ["sg-1"], "VpcId": None}
    text = protocol.render("elbv2", "DescribeLoadBalancers", {"LoadBalancers": [lb]}, "id")
    assert "<LoadBalancerName>a&lt;b</LoadBalancerName>" in text
    assert "<CreatedTime>2026-01-02T03:04:05.006Z</CreatedTime>" in text
    assert "<SecurityGroups><member>sg-1</member></SecurityGroups>" in text
    assert "VpcId" not in text


def scope(service: str) -> dict[str, str]:
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential=key/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host"}


FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "wanted"),
    [
        (
            "POST",
            "/",
            {**scope("elasticloadbalancing"), **FORM},
            b"Action=DescribeTags&Version=2015-12-01",
            ("elbv2", "DescribeTags", "query"),
        ),
        ("POST", "/", {**scope("elasticloadbalancing"), **FORM}, b"Action=X&Version=2012-06-01", ("elb", "X", "query")),
        ("POST", "/", {**scope("ec2"), **FORM}, b"Action=DescribeVpcs", ("ec2", "DescribeVpcs", "ec2")),
        (
            "POST",
            "/",
            {**scope("tagging"), "X-Amz-Target": "ResourceGroupsTaggingAPI_20170126.GetResources"},
            b"{}",
            ("resourcegroupstaggingapi", "GetResources", "json"),
        ),
        ("GET", "/clusters/x", scope("eks"), b"", ("eks", "DescribeCluster", "rest-json")),
        ("GET", "/2013-04-01/hostedzone?maxitems=1", scope("route53"), b"", ("route53", "ListHostedZones", "rest-xml")),
        ("POST", "/2013-04-01/hostedzone/Z1/rrset/", scope("route53"), b"", ("route53", "ChangeResourceRecordSets", "rest-xml")),
        ("POST", "/", FORM, b"Action=AssumeRoleWithWebIdentity", ("sts", "AssumeRoleWithWebIdentity", "query")),
        ("POST", "/", {**FORM, "Host": "ec2.eu-west-1.amazonaws.com"}, b"Action=DescribeVpcs", ("ec2", "DescribeVpcs", "ec2")),
    ],
)
def test_identifies_calls(method: str, path: str, headers: dict[str, str], body: bytes, wanted: tuple[str, str, str]) -> None:
    call = identify(method, path, headers, body)
    assert call is not None
    assert (call.service, call.operation, call.protocol) == wanted


def test_identifies_nobody() -> None:
    assert identify("GET", "/", {}, b"") is None


@pytest.mark.parametrize("kind", ["query", "ec2", "rest-xml", "json", "rest-json"])
def test_refusals_name_their_code(kind: str) -> None:
    body, _ = protocol.refusal(kind, Fault("Some<Code", "why & how"), "id")
    assert protocol.code_in(body.encode()) in ("Some&lt;Code", "Some<Code")
