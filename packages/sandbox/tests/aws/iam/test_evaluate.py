"""Statements asked about requests."""

from typing import Any

import pytest

from albatross_sandbox.aws.iam import evaluate
from albatross_sandbox.aws.iam.evaluate import Allowed, Denied, Request, Verdict

LB = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:loadbalancer/app/web/0123456789abcdef"


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def judged(statements: Any, request: Request, version: str = "2012-10-17") -> Verdict:
    return evaluate.evaluate(evaluate.read({"Version": version, "Statement": statements}, "p"), request)


@pytest.mark.parametrize(
    ("action", "asked", "allowed"),
    [
        ("*", "ec2:DescribeVpcs", True),
        ("ec2:*", "ec2:DescribeVpcs", True),
        ("EC2:describe*", "ec2:DescribeVpcs", True),
        ("ec2:DescribeVpc?", "ec2:DescribeVpcs", True),
        ("ec2:DescribeVpc", "ec2:DescribeVpcs", False),
        (["acm:*", "ec2:Describe*"], "ec2:DescribeVpcs", True),
        ("elasticloadbalancing:SetWebAcl", "elasticloadbalancing:SetWebACL", True),
    ],
)
def test_actions(action: Any, asked: str, allowed: bool) -> None:
    assert isinstance(judged([allow(action)], Request(asked)), Allowed) == allowed


@pytest.mark.parametrize(
    ("resource", "allowed"),
    [
        ("*", True),
        (LB, True),
        (LB.upper(), False),
        ("arn:aws:elasticloadbalancing:*:*:loadbalancer/app/*/*", True),
        ("arn:aws:elasticloadbalancing:*:*:loadbalancer/net/*/*", False),
        ("arn:*:elasticloadbalancing:*:123456789012:*", True),
        ("arn:aws:elasticloadbalancing:*", True),
        ("arn:aws:elasticloadbalancing:us-*:*:*", False),
        ("arn:aws:ec2:*", False),
        ("arn:aws:elasticloadbalancing", False),
        (["arn:aws:ec2:*:*:*", LB[:-1] + "?"], True),
    ],
)
def test_resources(resource: Any, allowed: bool) -> None:
    assert isinstance(judged([allow(resource=resource)], Request("a:B", (LB,))), Allowed) == allowed


def test_an_action_without_resources_wants_the_star() -> None:
    assert isinstance(judged([allow()], Request("ec2:DescribeVpcs")), Allowed)
    assert judged([allow(resource="arn:aws:ec2:*:*:*")], Request("ec2:DescribeVpcs")) == Denied("implicit", "*")


def test_every_resource_must_be_allowed() -> None:
    other = LB.replace("/app/", "/net/")
    rows = [allow(resource=LB, Sid="One")]
    assert judged(rows, Request("a:B", (LB, other))) == Denied("implicit", other)
    assert judged([*rows, allow(resource=other)], Request("a:B", (LB, other))) == Allowed(("p/One", "p/1"))


def test_deny_beats_allow_and_names_its_statement() -> None:
    rows = [allow(), deny("ec2:Delete*", Sid="NoDelete"), allow("ec2:DeleteVpc")]
    assert judged(rows, Request("ec2:DeleteVpc")) == Denied("explicit", "*", "p/NoDelete")
    assert judged(rows, Request("ec2:CreateVpc")) == Allowed(("p/0",))


def test_nothing_said_is_denied() -> None:
    assert judged([], Request("a:B")) == Denied("implicit", "*")
    assert judged([deny("a:C")], Request("a:B")) == Denied("implicit", "*")


def test_all_but() -> None:
    rows = {"Effect": "Allow", "NotAction": ["iam:*", "ec2:Delete*"], "NotResource": LB}
    assert isinstance(judged(rows, Request("ec2:CreateVpc")), Allowed)
    assert isinstance(judged(rows, Request("iam:GetRole")), Denied)
    assert isinstance(judged(rows, Request("elasticloadbalancing:DeleteLoadBalancer", (LB,))), Denied)
    assert isinstance(judged(rows, Request("elasticloadbalancing:DeleteLoadBalancer", (LB + "0",))), Allowed)


def test_conditions() -> None:
    tagged = {"Null": {"aws:RequestTag/elbv2.k8s.aws/cluster": "true", "aws:ResourceTag/elbv2.k8s.aws/cluster": "false"}}
    rows = [allow("elasticloadbalancing:AddTags", Condition=tagged)]
    ours = {"aws:resourcetag/elbv2.k8s.aws/cluster": ("x",)}
    request = ("elasticloadbalancing:AddTags", (LB,))
    assert isinstance(judged(rows, Request(*request, ours)), Allowed)
    assert isinstance(judged(rows, Request(*request)), Denied)
    assert isinstance(judged(rows, Request(*request, {**ours, "aws:requesttag/elbv2.k8s.aws/cluster": ("x",)})), Denied)


def test_variables_in_resources() -> None:
    rows = [allow("iam:*AccessKey*", "arn:aws:iam::123456789012:user/${aws:username}")]

    def asked(name: str, given: dict[str, tuple[str, ...]]) -> Request:
        return Request("iam:CreateAccessKey", (f"arn:aws:iam::123456789012:user/{name}",), given)

    assert isinstance(judged(rows, asked("ann", {"aws:username": ("ann",)})), Allowed)
    assert isinstance(judged(rows, asked("ann", {"aws:username": ("*",)})), Denied)
    assert isinstance(judged(rows, asked("ann", {})), Denied)
    assert isinstance(judged(rows, asked("ann", {"aws:username": ("ann",)}), "2008-10-17"), Denied)
    assert isinstance(judged(rows, asked("${aws:username}", {}), "2008-10-17"), Allowed)


@pytest.mark.parametrize(
    "row", [{"Effect": "Maybe", "Action": "*"}, {"Effect": "Allow"}, {"Effect": "Allow", "Action": "a", "NotAction": "b"}]
)
def test_malformed_statements_are_refused(row: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="p/0"):
        evaluate.read({"Statement": row}, "p")
