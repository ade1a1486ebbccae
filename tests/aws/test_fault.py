"""What AWS refuses for a while, or knows better: tried again, read anew, or passed on."""

import traceback
from dataclasses import replace
from typing import Any

import pytest

from albatross.aws.perform import security_group
from albatross.aws.perform.operation import perform
from albatross.aws.perform.security_group import ingress
from albatross.aws.read.observe import observe
from albatross.aws.session import errors
from albatross.aws.session.client import Session
from albatross.aws.wire.action import UnresolvedError
from albatross.aws.wire.security_group import read_permissions
from albatross.catalog import tracking
from albatross.model.config import GATES
from albatross.model.observed import Owned
from albatross.model.plan import Create, Delete, Update
from albatross.model.resources.action import AuthenticateOidc, FixedResponse, Forward, WeightedTargetGroup
from albatross.model.resources.addon import Protection
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Condition, Rule
from albatross.model.resources.security_group import Permission, SecurityGroup
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import HealthCheck, TargetGroup

Account = Any
HTTP = Permission(from_port=80, to_port=80, cidr="0.0.0.0/0")
HTTPS = Permission(from_port=443, to_port=443, cidr="0.0.0.0/0")
HTTP_OF_EC2 = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
MISSING = (FixedResponse(status_code="404"),)


def fault(account: Account, operation: str, code: str, times: int = 1, service: str = "elbv2") -> None:
    row = {"service": service, "operation": operation, "code": code, "status": 400, "message": "no", "times": times}
    account.control("faults", [row])


async def _listener(account: Account, session: Session) -> str:
    """An ARN of a listener on a load balancer of its own."""
    name = f"f-{next(account.numbers)}"
    made = await session.call("elbv2", "CreateLoadBalancer", Name=name, Subnets=list(account.subnets()))
    balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
    action = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    answer = await session.call("elbv2", "CreateListener", LoadBalancerArn=balancer, Port=80, Protocol="HTTP", DefaultActions=[action])
    return str(answer["Listeners"][0]["ListenerArn"])


async def _group(account: Account, session: Session) -> str:
    answer = await session.call(
        "elbv2",
        "CreateTargetGroup",
        Name=f"f-{next(account.numbers)}",
        Protocol="HTTP",
        Port=80,
        VpcId=account.ready["vpc_id"],
        TargetType="ip",
    )
    return str(answer["TargetGroups"][0]["TargetGroupArn"])


async def _firewall(account: Account, session: Session, *permissions: Permission) -> str:
    name = f"f-{next(account.numbers)}"
    noun = SecurityGroup(id=name, name=name, description="d", ingress=permissions)
    learnt = await perform(session, Create(resource=noun), {})
    return learnt[Ref("SecurityGroup", name, "group_id")]


def rule(listener: str, **more: Any) -> Rule:
    conditions = (Condition(field="path-pattern", values=("/a",)),)
    fields: dict[str, Any] = {"id": "80:1", "listener": listener, "priority": 1, "actions": MISSING, "conditions": conditions, **more}
    return Rule(**fields)


CHECK = HealthCheck(port=80, protocol="HTTP", interval_seconds=5, timeout_seconds=2, healthy_threshold_count=2, unhealthy_threshold_count=2)


def group(name: str = "g") -> TargetGroup:
    return TargetGroup(id=name, name=name, target_type="ip", port=80, protocol="HTTP", ip_address_type="ipv4", health_check=CHECK)


async def test_a_listener_not_known_yet_is_waited_for(account: Account) -> None:
    async with account.session(clock=account.clock()) as session:
        listener = await _listener(account, session)
        fault(account, "CreateRule", "ListenerNotFound", times=2)
        learnt = await perform(session, Create(resource=rule(listener)), {})
        assert list(learnt) == [Ref("Rule", "80:1", "arn")]


async def test_a_listener_that_never_comes_is_an_error(account: Account) -> None:
    async with account.session(clock=account.clock()) as session:
        listener = await _listener(account, session)
        await session.call("elbv2", "DeleteListener", ListenerArn=listener)
        began = session.clock.now()
        with pytest.raises(errors.NotFound):
            await perform(session, Create(resource=rule(listener)), {})
        assert session.clock.now() - began >= 18


async def test_a_target_group_in_use_is_tried_again(account: Account) -> None:
    async with account.session(clock=account.clock()) as session:
        arn = await _group(account, session)
        fault(account, "DeleteTargetGroup", "ResourceInUse", times=3)
        await perform(session, Delete(before=Owned(resource=group(), arn=arn)), {})
        with pytest.raises(errors.NotFound):
            await session.call("elbv2", "DescribeTargetGroups", TargetGroupArns=[arn])


async def test_a_held_security_group_blocks_nobody_and_is_released_when_held_twice(account: Account) -> None:
    released: list[str] = []

    async def release(arn: str) -> None:
        released.append(arn)

    async with account.session() as session:
        arn = await _firewall(account, session, HTTP)
        fault(account, "DeleteSecurityGroup", "DependencyViolation", times=3, service="ec2")
        gone = Delete(before=Owned(resource=SecurityGroup(id="x", name="x", description="d"), arn=arn))
        for known in ([], [arn], [arn]):
            with pytest.raises(errors.NotReady) as again:
                await perform(session, gone, {}, release)
            assert again.value.retry_after == security_group.HELD_AGAIN[0]
            assert released == known
        await perform(session, gone, {}, release)
        await perform(session, gone, {}, release)
        assert released == [arn]
        assert session.held == {}


async def test_a_security_group_held_for_ever_is_an_error(account: Account) -> None:
    clock = account.clock()
    async with account.session(clock=clock) as session:
        arn = await _firewall(account, session)
        fault(account, "DeleteSecurityGroup", "DependencyViolation", times=3, service="ec2")
        gone = Delete(before=Owned(resource=SecurityGroup(id="x", name="x", description="d"), arn=arn))
        with pytest.raises(errors.NotReady):
            await perform(session, gone, {})
        await clock.sleep(security_group.HELD_SECONDS - 20)
        with pytest.raises(errors.NotReady) as again:
            await perform(session, gone, {})
        assert again.value.retry_after == security_group.HELD_AGAIN[1]
        await clock.sleep(30)
        with pytest.raises(errors.Busy):
            await perform(session, gone, {})
        account.control("faults", [])


async def _rules(session: Session, arn: str) -> tuple[Permission, ...]:
    found = await session.call("ec2", "DescribeSecurityGroups", GroupIds=[arn])
    return read_permissions(found["SecurityGroups"][0]["IpPermissions"])


async def test_rules_that_aws_knows_better_are_read_anew(account: Account) -> None:
    async with account.session() as session:
        arn = await _firewall(account, session, HTTP)
        await ingress(session, arn, (HTTP, HTTPS), ())
        assert await _rules(session, arn) == (HTTP, HTTPS)
        await ingress(session, arn, (), (HTTP, HTTPS, replace(HTTP, cidr="10.0.0.0/8")))
        assert await _rules(session, arn) == ()


async def test_a_group_not_known_yet_is_waited_for(account: Account) -> None:
    async with account.session(clock=account.clock()) as session:
        fault(account, "AuthorizeSecurityGroupIngress", "InvalidGroup.NotFound", times=2, service="ec2")
        assert await _rules(session, await _firewall(account, session, HTTP)) == (HTTP,)


async def test_a_full_security_group_loses_before_it_gains(account: Account) -> None:
    async with account.session() as session:
        arn = await _firewall(account, session, HTTP)
        since = account.mark()
        fault(account, "AuthorizeSecurityGroupIngress", "RulesPerSecurityGroupLimitExceeded", service="ec2")
        await ingress(session, arn, (HTTPS,), (HTTP,))
        assert await _rules(session, arn) == (HTTPS,)
        calls = [call["operation"] for call in account.calls(since) if "SecurityGroupIngress" in call["operation"]]
        assert calls == ["AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress", "AuthorizeSecurityGroupIngress"]


async def test_what_is_gone_already_counts_as_deleted(account: Account) -> None:
    async with account.session() as session:
        listener = await _listener(account, session)
        balancer = listener.replace(":listener/", ":loadbalancer/").rsplit("/", 1)[0]
        await session.call("elbv2", "DeleteLoadBalancer", LoadBalancerArn=balancer)
        port = Listener(id="80", load_balancer=Ref("LoadBalancer", "l", "arn"), port=80, protocol="HTTP")
        whole = LoadBalancer(id="l", name="l", type="application", scheme="internal", ip_address_type="ipv4")
        gone = listener.replace(":listener/", ":listener-rule/") + "/0123456789abcdef"
        await perform(session, Delete(before=Owned(resource=port, arn=listener)), {})
        await perform(session, Delete(before=Owned(resource=whole, arn=balancer)), {})
        await perform(session, Delete(before=Owned(resource=rule(listener), arn=gone)), {})


async def test_a_reference_without_an_id_is_named(account: Account) -> None:
    async with account.session() as session:
        listener = await _listener(account, session)
        forward = (Forward((WeightedTargetGroup(Ref("TargetGroup", "web", "arn")),)),)
        with pytest.raises(UnresolvedError, match="TargetGroup web has no arn yet"):
            await perform(session, Create(resource=rule(listener, actions=forward)), {})


async def test_what_hangs_is_never_updated(account: Account) -> None:
    shield = Protection(id="l", resource="arn", enabled=True)
    async with account.session() as session:
        with pytest.raises(TypeError):
            await perform(session, Update(resource=shield, before=Owned(resource=shield, arn="p"), changed=()), {})


async def test_several_groups_need_the_gate(account: Account) -> None:
    config = replace(account.config, gates={**GATES, "WeightedTargetGroups": False})
    async with account.session(config) as session:
        listener, one, two = await _listener(account, session), await _group(account, session), await _group(account, session)
        single = rule(listener, actions=(Forward((WeightedTargetGroup(one),)),))
        await perform(session, Create(resource=single), {})
        both = rule(listener, actions=(Forward((WeightedTargetGroup(one), WeightedTargetGroup(two))),))
        with pytest.raises(Exception, match="WeightedTargetGroups"):
            await perform(session, Create(resource=both), {})


# The shared inventory ----------------------------------------------------------------------------------------------


async def test_foreign_changes_are_seen_after_a_while_our_own_at_once(account: Account) -> None:
    async with account.session(clock=account.clock()) as session, account.session() as other:
        name = f"f-{next(account.numbers)}"
        await session.inventory.target_groups()
        learnt = await perform(session, Create(resource=group(name), tags=(("a", "b"),)), {})
        arn = learnt[Ref("TargetGroup", name, "arn")]
        known = {item["TargetGroupArn"]: tags for item, tags in await session.inventory.target_groups()}
        assert known[arn] == {"a": "b"}
        await other.call("elbv2", "DeleteTargetGroup", TargetGroupArn=arn)
        assert arn in {item["TargetGroupArn"] for item, _ in await session.inventory.target_groups()}
        await session.clock.sleep(60)
        assert arn not in {item["TargetGroupArn"] for item, _ in await session.inventory.target_groups()}


async def test_a_surprise_makes_us_look_again(account: Account) -> None:
    async with account.session() as session, account.session() as other:
        name = f"f-{next(account.numbers)}"
        await session.inventory.target_groups()
        made = {"Name": name, "Protocol": "HTTP", "Port": 81, "VpcId": account.ready["vpc_id"], "TargetType": "ip"}
        arn = (await other.call("elbv2", "CreateTargetGroup", **made))["TargetGroups"][0]["TargetGroupArn"]
        with pytest.raises(errors.Conflict):
            await perform(session, Create(resource=group(name)), {})
        assert arn in {item["TargetGroupArn"] for item, _ in await session.inventory.target_groups()}


async def test_what_a_write_touched_is_read_anew_alone(account: Account) -> None:
    async with account.session() as session:
        arn = await _group(account, session)
        gone = await _group(account, session)
        await session.inventory.target_groups()
        await session.call("elbv2", "DeleteTargetGroup", TargetGroupArn=gone)
        for each in (arn, gone):
            session.inventory.touch("target_group", each)
        since = account.mark()
        found = {item["TargetGroupArn"] for item, _ in await session.inventory.target_groups()}
        assert arn in found
        assert gone not in found
        assert [call["operation"] for call in account.calls(since)] == ["DescribeTargetGroups"] * 2


async def test_a_stale_arn_does_not_hide_the_tags_of_others(account: Account) -> None:
    async with account.session() as session:
        arn, gone = await _group(account, session), await _group(account, session)
        await session.call("elbv2", "AddTags", ResourceArns=[arn], Tags=[{"Key": "a", "Value": "b"}])
        await session.call("elbv2", "DeleteTargetGroup", TargetGroupArn=gone)
        assert await session.inventory.tags([arn, gone]) == {arn: {"a": "b"}, gone: {}}


async def test_a_resource_without_an_id_is_told_of_and_never_touched(account: Account) -> None:
    identity = account.stack_id()
    async with account.session() as session:
        arn = await _group(account, session)
        tags = [{"Key": key, "Value": value} for key, value in tracking.tags(account.config, identity).items()]
        await session.call("elbv2", "AddTags", ResourceArns=[arn], Tags=tags)
        found = await observe(session, identity, account.config, Stack(id=identity))
        assert found.unidentified == (arn,)
        assert found.target_groups == ()


async def test_a_refusal_never_quotes_a_secret(account: Account) -> None:
    login = AuthenticateOidc(
        issuer="https://id",
        authorization_endpoint="https://id/a",
        token_endpoint="https://id/t",
        user_info_endpoint="https://id/u",
        client_id="me",
        client_secret="hush-hush",
        on_unauthenticated_request="deny",
        scope="openid",
        session_cookie_name="c",
        session_timeout=60,
    )
    async with account.session() as session:
        listener = await _listener(account, session)
        refusal = {"service": "elbv2", "operation": "CreateRule", "code": "ValidationError", "message": "Value 'hush-hush' is no good"}
        account.control("faults", [{**refusal, "status": 400, "times": 1}])
        with pytest.raises(errors.Invalid) as refused:
            await perform(session, Create(resource=rule(listener, actions=(login, *MISSING))), {})
    assert "Value '…' is no good" in str(refused.value)
    assert "hush" not in "".join(traceback.format_exception(refused.value))


def lost(account: Account, operation: str, service: str = "elbv2") -> None:
    """The next call of the operation is served, and its answer is lost."""
    account.control("faults", [{"service": service, "operation": operation, "lost": "answer", "times": 1}])


async def test_the_effect_of_a_lost_answer_is_ours(account: Account) -> None:
    async with account.session() as session:
        listener = await _listener(account, session)
        lost(account, "CreateRule")
        with pytest.raises(errors.NotReady, match="the answer of AWS was lost") as waiting:
            await perform(session, Create(resource=rule(listener)), {})
        assert waiting.value.quiet
        (made, _) = (await session.call("elbv2", "DescribeRules", ListenerArn=listener))["Rules"]
        assert made["Priority"] == "1"
        with pytest.raises(errors.Conflict):  # without a lost answer, the priority is in use by somebody else
            await perform(session, Create(resource=rule(listener)), {})


async def test_the_group_of_a_lost_answer_is_ours(account: Account) -> None:
    async with account.session() as session:
        noun = SecurityGroup(id="lost", name=f"lost-{next(account.numbers)}", description="d", ingress=(HTTP,))
        lost(account, "CreateSecurityGroup", "ec2")
        with pytest.raises(errors.NotReady):
            await perform(session, Create(resource=noun), {})


async def test_the_rules_of_a_lost_answer_are_ours(account: Account) -> None:
    async with account.session() as session:
        lost(account, "AuthorizeSecurityGroupIngress", "ec2")
        with pytest.raises(errors.NotReady):
            await _firewall(account, session, HTTP)
        arn = await _firewall(account, session)
        lost(account, "AuthorizeSecurityGroupIngress", "ec2")
        await ingress(session, arn, (HTTP, HTTPS), ())
        found = (await session.call("ec2", "DescribeSecurityGroups", GroupIds=[arn]))["SecurityGroups"][0]
        assert set(read_permissions(found["IpPermissions"])) == {HTTP, HTTPS}


async def test_a_group_without_its_rules_is_known(account: Account) -> None:
    async with account.session() as session:
        await session.inventory.security_groups()
        noun = SecurityGroup(id="half", name=f"half-{next(account.numbers)}", description="d", ingress=(HTTP,))
        fault(account, "AuthorizeSecurityGroupIngress", "UnauthorizedOperation", service="ec2")
        made = Create(resource=noun, tags=tuple(tracking.tags(session.config, account.stack_id()).items()))
        with pytest.raises(errors.Denied):
            await perform(session, made, {})
        assert noun.name in {item["GroupName"] for item, _ in await session.inventory.security_groups()}


async def test_a_new_target_group_that_is_not_known_everywhere_is_no_error(account: Account) -> None:
    """Reads of AWS can be some seconds older than our own write."""
    async with account.session(clock=account.clock()) as session:
        fault(account, "DescribeTargetGroupAttributes", "TargetGroupNotFound", times=2)
        made = replace(group(), attributes=(("deregistration_delay.timeout_seconds", "10"),))
        learnt = await perform(session, Create(resource=made), {})
        (arn,) = learnt.values()
        found = await session.call("elbv2", "DescribeTargetGroupAttributes", TargetGroupArn=arn)
        assert {"Key": "deregistration_delay.timeout_seconds", "Value": "10"} in found["Attributes"]
        await session.call("elbv2", "DeleteTargetGroup", TargetGroupArn=arn)


async def _waits_before_it_conflicts(session: Session, operation: Create | Update) -> None:
    with pytest.raises(errors.NotReady) as raised:
        await perform(session, operation, {})
    assert raised.value.quiet
    await session.clock.sleep(errors.LAG_SECONDS)
    with pytest.raises(errors.Conflict):
        await perform(session, operation, {})


async def test_a_conflict_with_our_own_new_resource_is_a_wait(account: Account) -> None:
    """Reads of AWS can be older than our own write, so that the next plan creates the same again."""
    async with account.session(clock=account.clock()) as session:
        listener = await _listener(account, session)
        made = Create(resource=rule(listener))
        await perform(session, made, {})
        await _waits_before_it_conflicts(session, made)


async def test_rules_that_reads_do_not_show_yet_are_a_wait(account: Account) -> None:
    """Reads of AWS can be older than our own rules of a security group, so that the next plan adds them again."""
    async with account.session(clock=account.clock()) as session:
        noun = SecurityGroup(id="old", name=f"old-{next(account.numbers)}", description="d", ingress=(HTTP,))
        (arn,) = (await perform(session, Create(resource=noun), {})).values()
        change = Update(resource=noun, before=Owned(resource=replace(noun, ingress=()), arn=arn), changed=("ingress",))
        await session.call("ec2", "RevokeSecurityGroupIngress", GroupId=arn, IpPermissions=[HTTP_OF_EC2])
        fault(account, "AuthorizeSecurityGroupIngress", "InvalidPermission.Duplicate", 4, "ec2")
        await _waits_before_it_conflicts(session, change)
