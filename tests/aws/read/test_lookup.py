"""Live answers, and a recording of the same account that answers the same."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from albatross.aws.perform import backend
from albatross.aws.read.lookup import look
from albatross.aws.read.record import record
from albatross.aws.read.recorded import Recording
from albatross.catalog.tracking import INGRESS
from albatross.model import facts
from albatross.model.config import GATES
from albatross.model.resources.stack import StackId

Account = Any


def _questions(account: Account) -> list[facts.Question]:
    return [
        facts.SubnetsOfVpc(),
        facts.SubnetsById(account.subnets()[:1]),
        facts.RouteTables(),
        facts.Zones(),
        facts.SecurityGroupsById((account.ready["security_groups"]["node"],)),
        facts.SecurityGroupsByName(("no-such-name",)),
        facts.BackendSecurityGroup(),
        facts.ClusterSecurityGroups(),
        facts.Certificates(),
        facts.TargetGroupByName("no-such-group"),
        facts.TargetGroupByArn("arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/gone/0123456789abcdef"),
        facts.TargetGroupOf(name="no-such-group"),
        facts.TrustStoreByName("no-such-store"),
        facts.WebAclByName("no-such-acl"),
        facts.LoadBalancersOfStack(StackId(INGRESS, "no", "such")),
        facts.Vpc(),
        facts.HostedZones(),
        facts.RecordsOf(("www.example.com", "example.com")),
    ]


async def test_a_recording_answers_as_the_account_does(account: Account) -> None:
    async with account.session() as session:
        await backend.ensure(session)
        live = await look(session, _questions(account), account.config)
        recording = Recording(json.loads(json.dumps(await record(session, account.config))))
        assert recording.answer(_questions(account), account.config) == live
        counts = [len(live.answers[question]) for question in _questions(account) if isinstance(live.answers[question], tuple)]  # type: ignore[arg-type]
    assert counts == [6, 1, counts[2], counts[3], 1, 0, 1, counts[7], len(account.certificates()), 0, 0, 0, 0, 0, 0, 1, 1, 2]


async def test_names_are_found(account: Account) -> None:
    async with account.session() as session:
        made = await session.call(
            "elbv2", "CreateTargetGroup", Name="named", Protocol="HTTP", Port=80, VpcId=account.ready["vpc_id"], TargetType="ip"
        )
        question = facts.TargetGroupByName("named")
        found = await look(session, [question], account.config)
        assert found.answers == {question: (made["TargetGroups"][0]["TargetGroupArn"],)}


async def test_a_target_group_is_described(account: Account) -> None:
    async with account.session() as session:
        vpc = account.ready["vpc_id"]
        made = await session.call("elbv2", "CreateTargetGroup", Name="described", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
        arn = made["TargetGroups"][0]["TargetGroupArn"]
        found = await look(session, [facts.TargetGroupOf(arn=arn), facts.TargetGroupOf(name="described")], account.config)
        fact = facts.TargetGroupFact(arn=arn, name="described", type="ip", vpc_id=vpc, protocol="HTTP")
        assert set(found.answers.values()) == {(fact,)}


async def test_a_role_is_assumed_for_the_question_that_names_it(account: Account) -> None:
    question = facts.TargetGroupOf(name="no-such-group", role="arn:aws:iam::123456789012:role/missing", external_id="secret")
    denied = {"service": "sts", "operation": "AssumeRole", "code": "AccessDenied", "status": 403, "message": "no", "times": 1}
    async with account.session() as session:
        account.control("faults", [denied])
        found = await look(session, [question, facts.Vpc()], account.config)
        account.control("faults", [])
        assert found.answers[question] == facts.RefusedAnswer("AssumeRole", "AccessDenied", "no", "sts")
        assert isinstance(found.answers[facts.Vpc()], tuple)
        trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}
        made = await session.call("iam", "CreateRole", RoleName="asked", AssumeRolePolicyDocument=json.dumps(trust))
        allow = {"Effect": "Allow", "Action": "elasticloadbalancing:DescribeTargetGroups", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": allow})
        await session.call("iam", "PutRolePolicy", RoleName="asked", PolicyName="read", PolicyDocument=policy)
        since, question = account.mark(), replace(question, role=made["Role"]["Arn"])
        assert (await look(session, [question], account.config)).answers == {question: ()}
        assert [call["operation"] for call in account.calls(since)] == ["AssumeRole", "DescribeTargetGroups"]


async def test_one_question_is_one_call_however_many_ask(account: Account) -> None:
    async with account.session() as session:
        since = account.mark()
        await asyncio.gather(*(look(session, [facts.SubnetsOfVpc(), facts.Certificates()], account.config) for _ in range(5)))
        calls = [call["operation"] for call in account.calls(since)]
        assert calls.count("DescribeSubnets") == 1
        assert calls.count("ListCertificates") == 1
        await look(session, [facts.Certificates()], account.config)
        assert [call["operation"] for call in account.calls(since)] == calls


async def test_a_refusal_is_an_answer(account: Account) -> None:
    fault = {"service": "wafv2", "operation": "ListWebACLs", "code": "AccessDeniedException", "status": 400, "message": "no", "times": 1}
    account.control("faults", [fault])
    async with account.session() as session:
        question = facts.WebAclByName("acl")
        found = await look(session, [question], account.config)
        assert found.answers == {question: facts.RefusedAnswer("ListWebACLs", "AccessDeniedException", "no", "wafv2")}
        assert (await look(session, [question], account.config)).answers == {question: ()}


@pytest.mark.parametrize(
    ("code", "status", "problem"),
    [("ExpiredTokenException", 400, "LB512"), ("InternalFailure", 500, "LB518"), ("ValidationError", 400, "")],
)
async def test_an_answer_that_refuses_every_question_says_so(account: Account, code: str, status: int, problem: str) -> None:
    account.control("faults", [{"service": "wafv2", "operation": "ListWebACLs", "code": code, "status": status, "message": "no"}])
    async with account.session() as session:
        question = facts.WebAclByName("acl")
        found = (await look(session, [question], account.config)).answers[question]
        account.control("faults", [])
        assert isinstance(found, facts.RefusedAnswer)
        assert found.problem == problem


async def test_a_recording_leaves_out_what_may_not_be_read(account: Account) -> None:
    fault = {"service": "acm", "operation": "ListCertificates", "code": "AccessDeniedException", "status": 400, "message": "no", "times": 1}
    account.control("faults", [fault])
    async with account.session() as session:
        found = await record(session, account.config)
    assert "acm.ListCertificates" not in found
    assert found["acm.DescribeCertificate"] == []


async def test_tags_are_asked_for_where_certificates_may_be_ours(account: Account) -> None:
    config = replace(account.config, gates={**GATES, "EnableCertificateManagement": True})
    async with account.session(config) as session:
        since = account.mark()
        found = await look(session, [facts.Certificates()], config)
        assert len(found.answers[facts.Certificates()]) == len(account.certificates())  # type: ignore[arg-type]
        assert "ListTagsForCertificate" in [call["operation"] for call in account.calls(since)]


async def test_a_given_backend_group_is_not_asked_for(account: Account) -> None:
    config = replace(account.config, backend_security_group="sg-given")
    async with account.session(config) as session:
        since = account.mark()
        found = await look(session, [facts.BackendSecurityGroup()], config)
        assert found.answers == {facts.BackendSecurityGroup(): (facts.SecurityGroupFact(id="sg-given"),)}
        assert account.calls(since) == []
