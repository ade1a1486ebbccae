"""Bindings, add-ons, the load balancer in front, certificates: who waits for whom."""

from dataclasses import replace
from typing import Any

import pytest
from tests.planner.stand import BALANCER, CONFIG, GROUP, ID, LB, STACK, WEB, ids, plan, steps, tags, there

from albatross.model.config import GATES
from albatross.model.observed import Observed, Owned
from albatross.model.plan import (
    Delete,
    DeleteBinding,
    Deregister,
    Done,
    Failed,
    Outcome,
    PutBinding,
    Register,
)
from albatross.model.resources.addon import Protection, WebAclAssociation
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.ref import Ref
from albatross.model.resources.registration import Registration
from albatross.model.resources.stack import Stack
from albatross.model.target import Target
from albatross.planner import order
from albatross.planner.uses import Uses

# Bindings, add-ons, frontend ---------------------------------------------------------------------------------------


def test_a_binding_is_found_by_its_target_group() -> None:
    old = there(STACK)
    bindings = (replace(old.bindings[0], resource=replace(old.bindings[0].resource, service="old", name="x"), arn="shop/x"),)
    (step,) = plan(STACK, replace(old, bindings=bindings), CONFIG).operations
    assert isinstance(step, PutBinding)
    assert step.changed == ("service",)


def test_a_stale_binding_of_the_same_name_goes_first() -> None:
    old = there(STACK)
    stale = replace(old.bindings[0], resource=replace(old.bindings[0].resource, target_group="arn:gone"))
    found = plan(STACK, replace(old, bindings=(stale,)), CONFIG)
    assert steps(found)[f"put Binding {WEB}"] == ("delete Binding shop/k8s-web",)
    assert isinstance(found.operations[0], DeleteBinding)


def test_addons_come_and_go() -> None:
    want = WebAclAssociation(id="LoadBalancer", resource=LB, web_acl_arn="arn:acl")
    shield = Protection(id="LoadBalancer", resource=LB, enabled=True)
    on = replace(STACK, web_acls=(want,), protections=(shield,))
    assert ids(plan(on, there(STACK), CONFIG)) == ["create Protection LoadBalancer", "create WebAclAssociation LoadBalancer"]
    assert not plan(on, there(on), CONFIG)
    off = replace(on, web_acls=(replace(want, web_acl_arn=""),), protections=(replace(shield, enabled=False),))
    assert all(isinstance(op, Delete) for op in plan(off, there(on), CONFIG).operations)
    assert not plan(off, there(STACK), CONFIG)
    assert not plan(STACK, there(on), CONFIG)


def test_a_protection_goes_before_its_load_balancer_which_it_would_outlive() -> None:
    on = replace(STACK, protections=(Protection(id="LoadBalancer", resource=LB, enabled=True),))
    acl = (WebAclAssociation(id="LoadBalancer", resource=LB, web_acl_arn="arn:acl"),)
    old = there(replace(on, web_acls=acl))
    found = steps(plan(Stack(id=STACK.id), old, CONFIG))
    (shield,) = (name for name in found if name.startswith("delete Protection LoadBalancer"))
    (balancer,) = (name for name in found if name.startswith("delete LoadBalancer"))
    assert shield in found[balancer]
    assert not any("WebAcl" in name for name in found)
    public = replace(on, load_balancers=(replace(BALANCER, scheme="internet-facing"),))
    replaced = steps(plan(public, old, CONFIG))
    assert {name.split()[0] for name in replaced if "Protection" in name} == {"create", "delete"}


NLB = replace(BALANCER, id="FrontendNlb", name="nlb", type="network", security_groups=())
FRONT = replace(GROUP, id="FrontendNlb-tg-TCP-80", target_type="alb", protocol="TCP", protocol_version=None)
FRONTEND = replace(
    STACK,
    load_balancers=(BALANCER, NLB),
    target_groups=(GROUP, FRONT),
    registrations=(Registration(id="t", target_group=Ref("TargetGroup", FRONT.id, "arn"), port=80, target=LB, target_port=80),),
)


def test_the_alb_is_registered_once_it_listens() -> None:
    found = plan(FRONTEND, Observed(), CONFIG)
    name = f"register TargetGroup {FRONT.id}"
    assert set(steps(found)[name]) == {"create Listener 80", "create LoadBalancer LoadBalancer", f"create TargetGroup {FRONT.id}"}
    assert not plan(FRONTEND, there(FRONTEND), CONFIG)


def test_a_wrong_alb_leaves_first() -> None:
    old = there(FRONTEND)
    arn = f"arn:tg/{FRONT.id}"
    found = plan(FRONTEND, replace(old, registered={arn: (Target(id="arn:old", port=80),)}), CONFIG)
    assert [type(op) for op in found.operations] == [Deregister, Register]
    assert found.steps[1].after == (found.steps[0].id,)


def test_the_alb_leaves_before_its_group_and_itself_go() -> None:
    found = plan(Stack(id=ID), there(FRONTEND), CONFIG)
    out = f"deregister TargetGroup arn:tg/{FRONT.id}"
    by_id = {step.id: step for step in found.steps}
    assert out in by_id[f"delete TargetGroup {FRONT.id} arn:tg/{FRONT.id}"].needs
    assert out in by_id["delete LoadBalancer LoadBalancer arn:lb/LoadBalancer"].after


# Certificates, switches, odds and ends -----------------------------------------------------------------------------

CERTIFICATE = Certificate(
    id="amazon_issued/a-1", type="AMAZON_ISSUED", domain_name="a.example.com", subject_alternative_names=("a.example.com",)
)


def _held(**more: Any) -> Observed:
    own = Owned(resource=replace(CERTIFICATE, **more), arn="arn:cert", tags=tags(CERTIFICATE.id))
    return Observed(certificates=(own,))


def test_a_certificate_is_replaced_for_its_names_alone() -> None:
    stack = Stack(id=ID, certificates=(CERTIFICATE,))
    assert not plan(stack, _held(certificate_authority_arn="arn:other"), CONFIG)
    found = plan(stack, _held(subject_alternative_names=("b.example.com",)), CONFIG)
    assert ids(found) == ["create Certificate amazon_issued/a-1", "delete Certificate amazon_issued/a-1 arn:cert"]


def test_a_certificate_that_waits_is_seen_to_before_it_is_used() -> None:
    listener = replace(STACK.listeners[0], protocol="HTTPS", ssl_policy="p", certificates=(Ref("Certificate", CERTIFICATE.id, "arn"),))
    stack = replace(STACK, certificates=(CERTIFICATE,), listeners=(listener,))
    old = _held()
    found = plan(stack, replace(old, certificates=(replace(old.certificates[0], state="PENDING_VALIDATION"),)), CONFIG)
    assert "update Certificate amazon_issued/a-1" in steps(found)["create Listener 80"]


def test_what_is_switched_off_is_let_be() -> None:
    off = replace(CONFIG, enable_waf=False, enable_wafv2=False, enable_shield=False, gates={**GATES, "LBCapacityReservation": False})
    stack = replace(
        STACK,
        load_balancers=(replace(BALANCER, minimum_capacity=100),),
        web_acls=(WebAclAssociation(id="LoadBalancer", resource=LB, web_acl_arn="arn:acl"),),
        protections=(Protection(id="LoadBalancer", resource=LB, enabled=True),),
    )
    assert not plan(stack, there(STACK), off)


def test_untagged_listeners_keep_foreign_tags() -> None:
    config = replace(CONFIG, gates={**GATES, "ListenerRulesTagging": False})
    old = there(STACK)
    rules = tuple(replace(each, tags=()) for each in old.rules)
    assert not plan(STACK, replace(old, rules=rules), config)


def test_a_listener_on_another_port_frees_its_place_first() -> None:
    moved = replace(STACK.listeners[0], id="81", port=81)
    found = plan(replace(STACK, listeners=(moved,), rules=()), there(STACK), CONFIG)
    made = next(step for step in found.steps if step.id == "create Listener 81")
    assert made.after == ("delete Listener 80 arn:ls/80",)


def test_steps_that_wait_for_one_another_are_a_fault_of_ours() -> None:
    one, two = (Deregister(target_group=name, targets=()) for name in "ab")
    uses = Uses({"a": {two.id}, "b": {one.id}})
    with pytest.raises(ValueError, match="wait for one another"):
        order.arrange((one, two), uses)


def test_an_outcome_is_good_when_all_was_done() -> None:
    step = plan(STACK, Observed(), CONFIG).steps[0]
    failed = Failed(step, RuntimeError("no"))
    assert Outcome(results=(Done(step),)).ok
    assert not Outcome(results=(Done(step), failed)).ok
    assert Outcome(results=(Done(step), failed)).failures == (failed,)
