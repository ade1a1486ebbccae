"""Changes, replacements and moves as a reader sees them."""

from dataclasses import replace
from typing import Any

import pytest

from albatross.catalog.tracking import INGRESS
from albatross.cli.terminal.plan import lines, rows
from albatross.model.ident import Ident
from albatross.model.observed import Owned
from albatross.model.plan import (
    Awaited,
    ChangeRecords,
    Create,
    CreateBackendGroup,
    Delete,
    DeleteBinding,
    Move,
    Plan,
    PutBinding,
    Retire,
    SetRulePriorities,
    Standby,
    Update,
)
from albatross.model.resources.action import FixedResponse
from albatross.model.resources.binding import Binding
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.record import Record
from albatross.model.resources.ref import Pairs, Ref
from albatross.model.resources.rule import Condition, Rule, Transform
from albatross.model.resources.stack import Stack, StackId
from albatross.wording.details import details, named, state

BALANCER = Ref("LoadBalancer", "LoadBalancer", "arn")


def balancer(scheme: str = "internal", addresses: str = "ipv4") -> LoadBalancer:
    return LoadBalancer(id="LoadBalancer", name="k8s-app", type="application", scheme=scheme, ip_address_type=addresses)


def listener(port: int, protocol: str = "HTTP") -> Listener:
    return Listener(id=str(port), load_balancer=BALANCER, port=port, protocol=protocol)


def rule(port: int, path: str, member: str = "app", transforms: tuple[Transform, ...] = ()) -> Rule:
    return Rule(
        id=f"{port}:1",
        listener=Ref("Listener", str(port), "arn"),
        priority=1,
        actions=(FixedResponse(status_code="200"),),
        conditions=(Condition(field="path-pattern", values=(path,)),),
        transforms=transforms,
        member=Ident("Ingress", "shop", member),
    )


def test_an_update_says_what_was_and_will_be() -> None:
    before = Owned(resource=balancer(), arn="lb")
    operation = Update(
        resource=balancer(addresses="dualstack"),
        before=before,
        changed=("ip_address_type", "tags"),
        put_tags=(("team", "a"),),
        remove_tags=(("old", "1"),),
    )
    assert dict(details(operation)) == {"ip address type": "ipv4 → dualstack", "tags": "team=a, old removed"}


def test_an_address_that_moves_says_from_where() -> None:
    assert dict(details(Retire(before=Owned(resource=balancer(), arn="lb", dns_name="old.elb")))) == {"until now": "old.elb"}


def test_a_change_says_what_it_waits_for() -> None:
    old = rule(80, "/a")
    group = Ref("TargetGroup", "shop/app-web:80", "arn")
    change = Update(resource=old, before=Owned(resource=old, arn="rule"), changed=(), awaited=Awaited(groups=(group,)))
    assert dict(details(change)) == {"waits for": "a healthy target of shop/app-web:80"}
    bound = Binding(id="a", namespace="shop", name="b", target_group=group, target_type="ip", service="web", port=80)
    gone = DeleteBinding(before=Owned(resource=bound, arn="shop/b"), served=True)
    assert dict(details(gone)) == {"waits for": "the rule to be in use for some seconds"}
    assert dict(details(replace(gone, served=False))) == {}


def test_records_say_where_they_lead() -> None:
    def record(name: str, type: str = "A", **more: Any) -> Record:
        return Record(id=f"Z1/{name}/{type}", zone="Z1", name=name, type=type, **more)

    made = (record("a.example.com", target=BALANCER), record("a-a.example.com", "TXT", values=('"x"',)))
    gone = tuple(Owned(resource=each, arn=each.id) for each in (made[0], record("b.example.com", target="lb.amazonaws.com")))
    assert dict(details(ChangeRecords(zone="Z1", creates=made, deletes=gone))) == {
        "A a.example.com": "alias of LoadBalancer",
        "TXT a-a.example.com": '"x"',
        "A b.example.com": "deleted",
    }


def test_a_replacement_says_for_what() -> None:
    before = Owned(resource=balancer(), arn="lb")
    operation = Create(resource=balancer("internet-facing"), replaces=before, changed=("scheme",))
    assert dict(details(operation)) == {"scheme": "internal → internet-facing"}


@pytest.mark.parametrize(
    ("attributes", "first"),
    [
        ((("deletion_protection.enabled", "true"),), {"first": "deletion protection is switched off"}),
        ((), {"first": "deletion protection is, if it is on, switched off"}),
        ((("deletion_protection.enabled", "false"),), {}),
    ],
)
def test_a_deletion_says_what_becomes_of_the_protection(attributes: Pairs, first: dict[str, str]) -> None:
    assert dict(details(Delete(before=Owned(resource=replace(balancer(), attributes=attributes), arn="lb")))) == first


def test_a_binding_says_its_change() -> None:
    def binding(port: int) -> Binding:
        group = Ref("TargetGroup", "a", "arn")
        return Binding(id="a", namespace="shop", name="k8s-a", target_group=group, target_type="ip", service="web", port=port)

    operation = PutBinding(resource=binding(81), before=Owned(resource=binding(80), arn="shop/k8s-a"), changed=("port",))
    assert dict(details(operation)) == {"port": "80 → 81"}


def test_moves_name_their_rules() -> None:
    moves = (Move(rule=Owned(resource=rule(80, "/a"), arn="r"), priority=3),)
    operation = SetRulePriorities(listener=Ref("Listener", "80", "arn"), moves=moves)
    assert dict(details(operation)) == {"1 → 3": "path-pattern is /a"}


def test_rewrites_are_told() -> None:
    operation = Create(resource=rule(80, "/a", transforms=(Transform("url-rewrite", (("^/a", "/"),)),)))
    assert dict(details(operation))["rewriting"] == "url-rewrite ^/a → /"


def test_rules_that_listeners_share_stand_once() -> None:
    rules = (rule(80, "/a"), rule(443, "/a"), rule(80, "/b", member="other"))
    stack = Stack(id=StackId(INGRESS, "", "shop"), listeners=(listener(80), listener(443, "HTTPS")), rules=rules)
    assert list(rows(stack)) == [
        ("shop/app", "HTTP:80 HTTPS:443", "path-pattern is /a", "answer 200"),
        ("shop/other", "HTTP:80", "path-pattern is /b", "answer 200"),
    ]


def test_a_plan_with_nothing_in_it_says_so() -> None:
    text = [line.plain for line in lines(Plan(stack=StackId(INGRESS, "shop", "app")), None)]
    assert "  nothing to do: AWS already has everything" in text


def test_a_new_binding_and_new_tags_are_said() -> None:
    group = Ref("TargetGroup", "shop/app-web:80", "arn")
    bound = Binding(id="a", namespace="shop", name="b", target_group=group, target_type="ip", service="web", port=80)
    assert dict(details(PutBinding(resource=bound))) == {"service": "web:80", "target group": "shop/app-web:80"}
    before = Owned(resource=replace(bound, service="old"), arn="shop/b")
    assert dict(details(PutBinding(resource=bound, before=before, changed=("service", "tags")))) == {
        "service": "old → web",
        "tags": "changed",
    }


def test_a_name_that_is_not_final_is_cut() -> None:
    made = Create(resource=replace(balancer(), name="k8s-shop-app-0123456789"))
    assert named(made, frozenset({"LoadBalancer"})) == "k8s-shop-app-…"
    assert named(made) == "k8s-shop-app-0123456789"


def test_other_operations_have_no_fields() -> None:
    assert dict(details(CreateBackendGroup())) == {}


def test_a_replaced_load_balancer_says_what_happens_to_it() -> None:
    old = Standby(before=Owned(resource=balancer(), arn="lb", dns_name="old.elb"), grace_seconds=300.0)
    assert state(old) == "is replaced now, and is deleted 300 s later"
    assert state(replace(old, waits=("a target",))).endswith("stays 300 s more; now: a target")
    assert state(replace(old, until=1772366400.0)) == (
        "is replaced; it answers clients of old.elb until 2026-03-01 12:00:00 UTC, and is then deleted"
    )
