"""After a plan, nothing is left to do: without reading AWS again."""

from dataclasses import replace

import pytest
from tests.planner import stand

from albatross.model.observed import Observed
from albatross.model.resources.addon import Protection, WebAclAssociation
from albatross.model.resources.record import Record
from albatross.model.resources.ref import BACKEND, Ref
from albatross.model.resources.registration import Registration
from albatross.model.resources.stack import Stack
from albatross.planner.applied import applied

LB = Ref("LoadBalancer", stand.BALANCER.id, "arn")
IDS = {
    LB: "arn:lb",
    Ref("LoadBalancer", stand.BALANCER.id, "dns_name"): "lb.example.com",
    Ref("LoadBalancer", stand.BALANCER.id, "zone_id"): "Z9",
    Ref("TargetGroup", stand.GROUP.id, "arn"): "arn:tg",
    Ref("Listener", "80", "arn"): "arn:ls",
    BACKEND: "sg-backend",
    **{Ref("SecurityGroup", each.id, "group_id"): f"sg-{each.id}" for each in stand.STACK.security_groups},
}
RECORD = Record(
    id="Z1/a.example.com/A",
    zone="Z1",
    name="a.example.com",
    type="A",
    target=Ref("LoadBalancer", stand.BALANCER.id, "dns_name"),
    target_zone=Ref("LoadBalancer", stand.BALANCER.id, "zone_id"),
)
ADDONS = replace(
    stand.STACK,
    web_acls=(WebAclAssociation(id="w", resource=LB, web_acl_arn="arn:acl"),),
    protections=(Protection(id="p", resource=LB, enabled=False),),
    records=(RECORD,),
)


@pytest.mark.parametrize("stack", [stand.STACK, ADDONS], ids=["plain", "addons"])
def test_a_plan_that_was_done_leaves_nothing_to_do(stack: Stack) -> None:
    assert stand.ids(stand.plan(stack, Observed()))
    assert stand.ids(stand.plan(stack, applied(stack, IDS, stand.CONFIG))) == []


def test_a_later_edit_is_only_the_edit() -> None:
    there = applied(stand.STACK, IDS, stand.CONFIG)
    edited = replace(stand.STACK, load_balancers=(replace(stand.BALANCER, ip_address_type="dualstack"),))
    assert stand.ids(stand.plan(edited, there)) == ["update LoadBalancer LoadBalancer"]
    assert (there.load_balancers[0].dns_name, there.rules[0].parent) == ("lb.example.com", "arn:ls")


def test_a_load_balancer_behind_another_is_registered() -> None:
    own = Registration(id="x", target_group=Ref("TargetGroup", stand.GROUP.id, "arn"), port=80, target=LB, target_port=80)
    found = applied(replace(stand.STACK, registrations=(own,)), IDS, stand.CONFIG).registered
    assert [(arn, each.id) for arn, (each,) in found.items()] == [("arn:tg", "arn:lb")]
