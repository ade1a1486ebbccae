"""What is read only while a load balancer replaces another one."""

from dataclasses import replace
from typing import Any

import pytest
from tests.clock import BEGINNING, Virtual
from tests.controller.scripted import Account
from tests.world import CONFIG

from albatross.aws.perform.operation import perform
from albatross.aws.read import standby
from albatross.aws.session.errors import NotFound
from albatross.catalog import tracking
from albatross.model.observed import Observed, Owned
from albatross.model.plan import Retire
from albatross.model.resources.action import Forward, WeightedTargetGroup
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Rule
from albatross.model.resources.stack import Stack, StackId
from albatross.model.resources.target_group import HealthCheck, TargetGroup

CHECK = HealthCheck(
    port=80, protocol="HTTP", interval_seconds=15, timeout_seconds=5, healthy_threshold_count=2, unhealthy_threshold_count=2
)
MOVED = ((tracking.REPLACED, "2026-03-01T12:00:00Z"),)


def balancer(scheme: str = "internal") -> LoadBalancer:
    return LoadBalancer(id="LoadBalancer", name=f"k8s-{scheme}", type="application", scheme=scheme, ip_address_type="ipv4")


def group(name: str) -> Owned[TargetGroup]:
    noun = TargetGroup(id="web", name=name, target_type="ip", port=80, protocol="HTTP", ip_address_type="ipv4", health_check=CHECK)
    return Owned(resource=noun, arn=f"arn:tg/{name}")


def listener(parent: str, name: str) -> Owned[Listener]:
    noun = Listener(id="80", load_balancer=Ref("LoadBalancer", "LoadBalancer", "arn"), port=80, protocol="HTTP")
    return Owned(resource=noun, arn=f"arn:ls/{name}", parent=parent)


def rule(name: str) -> Owned[Rule]:
    actions = (Forward((WeightedTargetGroup(f"arn:tg/{name}"),)),)
    return Owned(
        resource=Rule(id="80:1", listener=Ref("Listener", "80", "arn"), priority=1, actions=actions, conditions=()),
        arn=f"arn:rule/{name}",
        parent=f"arn:ls/{name}",
    )


async def account() -> Account:
    """An account with two load balancers; the second one is being provisioned."""
    found = Account(CONFIG)
    found.clock = Virtual()
    for scheme in ("internal", "internet-facing"):
        tags = [{"Key": "a", "Value": "b"}]
        await found.call("elbv2", "CreateLoadBalancer", Name=f"k8s-{scheme}", Scheme=scheme, SubnetMappings=[], Tags=tags)
    return found


def observed(found: Account, **state: Any) -> Observed:
    old, new = (each["LoadBalancerArn"] for each in found.made["LoadBalancer"])
    return Observed(
        load_balancers=(
            Owned(resource=balancer(), arn=old, tags=state.get("tags", ()), state="active"),
            Owned(resource=balancer("internet-facing"), arn=new, state=state.get("state", "active")),
        ),
        listeners=(listener(old, "old"), listener(new, "new"), listener("arn:other", "other")),
        rules=(rule("old"), rule("new"), rule("other")),
        target_groups=(group("old"), group("new"), group("other")),
    )


WANTED = Stack(id=StackId(tracking.INGRESS, "shop", "app"), load_balancers=(balancer("internet-facing"),))


async def test_without_a_replacement_nothing_is_asked() -> None:
    found = await account()
    found.journal.clear()
    alone = replace(observed(found), load_balancers=observed(found).load_balancers[:1])
    seen = await standby.checked(found, WANTED, alone)
    assert seen == replace(alone, at=BEGINNING.timestamp())
    assert found.journal == []


@pytest.mark.parametrize(("stack", "tags", "asked"), [(WANTED, (), True), (None, (), True), (WANTED, MOVED, False), (None, MOVED, True)])
async def test_health_is_asked_as_long_as_the_address_may_move(stack: Stack | None, tags: tuple[tuple[str, str], ...], asked: bool) -> None:
    found = await account()
    found.states = {"arn:tg/old": "healthy", "arn:tg/new": "initial", "arn:tg/other": "healthy"}
    found.journal.clear()
    seen = await standby.checked(found, stack, observed(found, tags=tags))
    assert seen.healthy == (frozenset({"arn:tg/old"}) if asked else frozenset())
    assert found.journal == (["DescribeTargetHealth"] * 2 if asked else [])


async def test_a_target_group_that_is_gone_is_not_healthy() -> None:
    found = await account()
    found.refuse["DescribeTargetHealth"] = NotFound("elbv2", "DescribeTargetHealth", "TargetGroupNotFound", "no")
    assert (await standby.checked(found, WANTED, observed(found))).healthy == frozenset()


async def test_the_state_is_read_again_until_it_is_active() -> None:
    found = await account()
    found.journal.clear()
    seen = await standby.checked(found, WANTED, observed(found, state="provisioning", tags=MOVED))
    assert [each.state for each in seen.load_balancers] == ["active", ""]
    assert found.journal == ["DescribeLoadBalancers"]


async def test_the_time_of_the_move_becomes_a_tag() -> None:
    found = await account()
    old = observed(found).load_balancers[0]
    assert await perform(found, Retire(before=replace(old, tags=(("a", "b"),))), {}) == {}
    assert (await found.inventory.tags([old.arn]))[old.arn] == {"a": "b", tracking.REPLACED: "2030-01-01T00:00:00Z"}
    (tag,) = (each for each in found.made["LoadBalancer"][0]["Tags"] if each["Key"] == tracking.REPLACED)
    assert tracking.moved(((tag["Key"], tag["Value"]),)) == BEGINNING.timestamp()
