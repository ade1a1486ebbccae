"""What hangs on a load balancer: web ACLs, Shield, reserved capacity; network load balancers in front; requested certificates."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.planner.stand import plan

from albatross.aws.perform.operation import perform
from albatross.aws.read.observe import observe
from albatross.aws.session.client import Session
from albatross.aws.session.errors import AwsError, Denied, NotReady
from albatross.aws.wire import certificate as wire
from albatross.controller.execute import execute
from albatross.model.config import GATES, Config
from albatross.model.plan import Outcome, Register
from albatross.model.resources.action import FixedResponse, Forward, WeightedTargetGroup
from albatross.model.resources.addon import Protection, RegionalWebAclAssociation, WebAclAssociation
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer, SubnetMapping
from albatross.model.resources.ref import Ref
from albatross.model.resources.registration import Registration
from albatross.model.resources.stack import Stack, StackId
from albatross.model.resources.target_group import HealthCheck, TargetGroup
from albatross.model.target import Target

Account = Any
LB = Ref("LoadBalancer", "LoadBalancer", "arn")
FRONT = Ref("TargetGroup", "FrontendNlb-tg-TCP-80", "arn")


async def run(session: Session, wanted: Stack, config: Config) -> Outcome:
    observed = await observe(session, wanted.id, config, wanted)

    async def act(operation: Any, ids: Mapping[Ref, str]) -> Mapping[Ref, str]:
        return await perform(session, operation, ids)

    return await execute(plan(wanted, observed, config), act)


async def settled(session: Session, wanted: Stack, config: Config) -> list[str]:
    """What a second pass that remembers nothing would do."""
    session.inventory.forget()
    session.cache.clear()
    return [each.step.id for each in (await run(session, wanted, config)).results]


def bare(account: Account, identity: StackId, **more: Any) -> Stack:
    """An ALB with one listener."""
    balancer = LoadBalancer(
        id="LoadBalancer",
        name=f"k8s-{identity.name}",
        type="application",
        scheme="internal",
        ip_address_type="ipv4",
        subnet_mappings=tuple(SubnetMapping(subnet_id=each) for each in account.subnets()),
        security_groups=(account.ready["security_groups"]["node"],),
    )
    listener = Listener(id="80", load_balancer=LB, port=80, protocol="HTTP", default_actions=(FixedResponse(status_code="404"),))
    return Stack(id=identity, load_balancers=(balancer,), listeners=(listener,), **more)


async def test_a_web_acl_comes_changes_and_goes(account: Account) -> None:
    async with account.session() as session:
        visible = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
        acls = [
            (await session.call("wafv2", "CreateWebACL", Name=n, Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visible))
            for n in ("one", "two")
        ]
        identity = account.stack_id()
        for arn in (acls[0]["Summary"]["ARN"], acls[1]["Summary"]["ARN"], ""):
            wanted = bare(account, identity, web_acls=(WebAclAssociation(id="LoadBalancer", resource=LB, web_acl_arn=arn),))
            assert (await run(session, wanted, account.config)).ok
            assert await settled(session, wanted, account.config) == []


async def test_shield_without_a_subscription_is_let_be(account: Account) -> None:
    account.control("shield", {"subscription": "INACTIVE"})
    async with account.session() as session:
        shield = Protection(id="LoadBalancer", resource=LB, enabled=True)
        identity = account.stack_id()
        await run(session, bare(account, identity), account.config)
        assert await settled(session, bare(account, identity, protections=(shield,)), account.config) == []


async def test_shield_comes_and_goes(account: Account) -> None:
    account.control("shield", {"subscription": "ACTIVE"})
    async with account.session() as session:
        identity = account.stack_id()
        for enabled in (True, False):
            wanted = bare(account, identity, protections=(Protection(id="LoadBalancer", resource=LB, enabled=enabled),))
            outcome = await run(session, wanted, account.config)
            assert outcome.ok, outcome.failures
            assert await settled(session, wanted, account.config) == []


async def test_shield_goes_with_its_load_balancer(account: Account) -> None:
    account.control("shield", {"subscription": "ACTIVE"})
    async with account.session() as session:
        identity = account.stack_id()
        wanted = bare(account, identity, protections=(Protection(id="LoadBalancer", resource=LB, enabled=True),))
        assert (await run(session, wanted, account.config)).ok
        assert await protected(session)
        outcome = await run(session, Stack(id=identity), account.config)
        assert outcome.ok, outcome.failures
        assert not await protected(session)
        assert await settled(session, Stack(id=identity), account.config) == []


async def protected(session: Session) -> list[Any]:
    """The protections of load balancers that exist or existed."""
    return list((await session.call("shield", "ListProtections"))["Protections"])


@pytest.mark.parametrize("name", ["GetSubscriptionState", "DescribeProtection"])
async def test_a_load_balancer_goes_although_shield_may_not_be_asked(account: Account, name: str) -> None:
    account.control("shield", {"subscription": "ACTIVE"})
    async with account.session() as session:
        identity = account.stack_id()
        assert (await run(session, bare(account, identity), account.config)).ok
        account.control(
            "faults", [{"service": "shield", "operation": name, "code": "AccessDeniedException", "status": 400, "message": "no"}]
        )
        outcome = await run(session, Stack(id=identity), account.config)
        account.control("faults", [])
        assert outcome.ok, outcome.failures


async def test_classic_web_acls_come_and_go(account: Account) -> None:
    account.control("waf-regional", {"id": "acl-1"})
    async with account.session() as session:
        identity = account.stack_id()
        for acl in ("acl-1", ""):
            association = RegionalWebAclAssociation(id="LoadBalancer", resource=LB, web_acl_id=acl)
            wanted = bare(account, identity, regional_web_acls=(association,))
            outcome = await run(session, wanted, account.config)
            assert outcome.ok, outcome.failures
            assert await settled(session, wanted, account.config) == []


async def test_capacity_is_set_once_the_load_balancer_is_active(account: Account) -> None:
    account.control("timing", {"provisioning": 60})
    try:
        async with account.session() as session:
            base = bare(account, account.stack_id())
            wanted = replace(base, load_balancers=(replace(base.load_balancers[0], minimum_capacity=100),))
            (failure,) = (await run(session, wanted, account.config)).failures
            assert isinstance(failure.error, NotReady)
            assert failure.error.retry_after == 120
            account.control("clock", {"advance": 120})
            assert (await run(session, wanted, account.config)).ok
            account.control("clock", {"advance": 120})
            assert await settled(session, wanted, account.config) == []
            reset = replace(base, load_balancers=(replace(base.load_balancers[0], minimum_capacity=0),))
            assert await settled(session, reset, account.config) == ["capacity LoadBalancer LoadBalancer"]
    finally:
        account.control("timing", {"provisioning": 0})


def fronted(account: Account, identity: StackId) -> Stack:
    """The bare ALB behind a network load balancer."""
    base = bare(account, identity)
    network = replace(base.load_balancers[0], id="FrontendNlb", name=f"k8s-{identity.name}-nlb", type="network")
    group = TargetGroup(
        id=FRONT.id,
        name=f"k8s-{identity.name}-tg",
        target_type="alb",
        port=80,
        protocol="TCP",
        ip_address_type="ipv4",
        health_check=HealthCheck(
            port="traffic-port",
            protocol="HTTP",
            path="/",
            http_code="200-399",
            interval_seconds=15,
            timeout_seconds=6,
            healthy_threshold_count=3,
            unhealthy_threshold_count=3,
        ),
    )
    port = Listener(
        id="FrontendNlb-ls-TCP-80",
        load_balancer=Ref("LoadBalancer", "FrontendNlb", "arn"),
        port=80,
        protocol="TCP",
        default_actions=(Forward((WeightedTargetGroup(FRONT),)),),
    )
    target = Registration(id="FrontendNLBTargetGroup", target_group=FRONT, port=80, target=LB, target_port=80)
    return replace(
        base,
        load_balancers=(*base.load_balancers, network),
        target_groups=(group,),
        listeners=(*base.listeners, port),
        registrations=(target,),
    )


async def test_a_network_load_balancer_stands_in_front_and_goes(account: Account) -> None:
    async with account.session() as session:
        wanted = fronted(account, account.stack_id())
        outcome = await run(session, wanted, account.config)
        assert outcome.ok, [str(each.error) for each in outcome.failures]
        assert await settled(session, wanted, account.config) == []
        outcome = await run(session, Stack(id=wanted.id), account.config)
        assert outcome.ok, [str(each.error) for each in outcome.failures]
        assert await settled(session, Stack(id=wanted.id), account.config) == []


async def test_a_load_balancer_that_is_not_active_yet_is_waited_for_as_a_target(account: Account) -> None:
    account.control("timing", {"provisioning": 60})
    try:
        async with account.session() as session:
            wanted = fronted(account, account.stack_id())
            (failure,) = (await run(session, wanted, account.config)).failures
            assert isinstance(failure.error, NotReady)
            assert (
                failure.error.what == f"load balancer {wanted.load_balancers[0].name} is being provisioned; it becomes a target after that"
            )
            account.control("clock", {"advance": 120})
            assert (await run(session, wanted, account.config)).ok
            (group,) = (await observe(session, wanted.id, account.config, wanted)).target_groups
            for other in ("arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/x/1", "10.0.0.1"):
                with pytest.raises(AwsError):
                    await perform(session, Register(target_group=group.arn, targets=(Target(id=other, port=80),)), {})
    finally:
        account.control("timing", {"provisioning": 0})


async def test_a_load_balancer_in_a_target_group_is_replaced_once_it_has_drained(account: Account) -> None:
    async with account.session(clock=account.clock()) as session:
        wanted = fronted(account, account.stack_id())
        assert (await run(session, wanted, account.config)).ok
        changed = replace(wanted, load_balancers=(replace(wanted.load_balancers[0], scheme="internet-facing"), wanted.load_balancers[1]))
        assert [str(getattr(each.error, "code", "")) for each in (await run(session, changed, account.config)).failures] == [
            "ResourceInUse"
        ]
        account.control("clock", {"advance": 300})
        outcome = await run(session, changed, account.config)
        assert outcome.ok, [str(each.error) for each in outcome.failures]
        assert await settled(session, changed, account.config) == []


async def test_a_certificate_is_requested_proved_and_deleted(account: Account) -> None:
    config = replace(account.config, gates={**GATES, "EnableCertificateManagement": True})
    async with account.session(config) as session:
        identity = account.stack_id()
        certificate = Certificate(
            id="amazon_issued/www-1", type="AMAZON_ISSUED", domain_name="www.example.com", subject_alternative_names=("www.example.com",)
        )
        wanted = Stack(id=identity, certificates=(certificate,))
        outcome = await run(session, wanted, config)
        waiting = [each.error for each in outcome.failures]
        assert all(isinstance(error, NotReady) for error in waiting), waiting
        found = await observe(session, identity, config, wanted)
        assert [each.resource.domain_name for each in found.certificates] == ["www.example.com"]
        assert await settled(session, wanted, config) == []
        assert (await run(session, Stack(id=identity), config)).ok
        assert (await observe(session, identity, config)).certificates == ()


async def test_a_domain_nobody_can_prove_is_named(account: Account) -> None:
    config = replace(account.config, gates={**GATES, "EnableCertificateManagement": True})
    async with account.session(config) as session:
        with pytest.raises(wire.ZoneError, match=r"www\.nowhere\.test"):
            await wire.zone(session, "www.nowhere.test")


@pytest.mark.parametrize(
    ("service", "operation", "more", "feature"),
    [
        ("wafv2", "GetWebACLForResource", {"web_acls": (WebAclAssociation(id="LoadBalancer", resource=LB, web_acl_arn="arn"),)}, "wafv2"),
        (
            "waf-regional",
            "GetWebACLForResource",
            {"regional_web_acls": (RegionalWebAclAssociation(id="LoadBalancer", resource=LB, web_acl_id="a"),)},
            "waf-regional",
        ),
        ("shield", "GetSubscriptionState", {"protections": (Protection(id="LoadBalancer", resource=LB, enabled=True),)}, "shield"),
    ],
)
async def test_what_may_not_be_read_is_not_changed(
    account: Account, service: str, operation: str, more: dict[str, Any], feature: str
) -> None:
    async with account.session() as session:
        identity = account.stack_id()
        await run(session, bare(account, identity), account.config)
        denied = {"service": service, "operation": operation, "code": "AccessDeniedException", "status": 400, "times": 5}
        account.control("faults", [denied])
        try:
            wanted = bare(account, identity, **more)
            assert (await observe(session, identity, account.config, wanted)).denied == {feature}
            assert await settled(session, wanted, account.config) == []
            account.control("faults", [{**denied, "code": "ExpiredToken"}])
            session.cache.clear()
            if feature != "shield":
                with pytest.raises(Denied):
                    await observe(session, identity, account.config, wanted)
        finally:
            account.control("faults", [])
        assert not (await observe(session, identity, account.config, bare(account, identity))).denied
