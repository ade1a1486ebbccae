from dataclasses import replace
from typing import TypeVar

from albatross.catalog.tracking import INGRESS
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.observed import Observed, Owned
from albatross.model.plan import Delete
from albatross.model.resources.action import FixedResponse, Forward, WeightedTargetGroup
from albatross.model.resources.binding import Binding, NetworkingRule
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Condition, Rule
from albatross.model.resources.stack import Stack, StackId
from albatross.model.resources.target_group import HealthCheck, TargetGroup
from albatross.planner import claims, diff
from albatross.planner.carry import NOTHING, Denied, carry
from albatross.planner.link import link
from albatross.planner.owner import Owners
from albatross.token import swap

N = TypeVar("N")

CONFIG = Config(cluster_name="c")
BALANCER = LoadBalancer(id="LoadBalancer", name="lb", type="application", scheme="internal", ip_address_type="ipv4")
LISTENER = Listener(id="80", load_balancer=Ref("LoadBalancer", "LoadBalancer", "arn"), port=80, protocol="HTTP")
CHECK = HealthCheck(
    port="traffic-port",
    protocol="HTTP",
    path="/",
    interval_seconds=15,
    timeout_seconds=5,
    healthy_threshold_count=2,
    unhealthy_threshold_count=2,
)
BROKEN, GOOD = Ident("Ingress", "shop", "broken"), Ident("Ingress", "shop", "good")
OWNERS = Owners((BROKEN, GOOD), {GOOD: frozenset({Ident("Service", "shop", "web")})})


def group(member: str) -> TargetGroup:
    return TargetGroup(
        id=f"shop/{member}-web:80",
        name=f"k8s-{member}",
        target_type="ip",
        port=80,
        protocol="HTTP",
        ip_address_type="ipv4",
        health_check=CHECK,
    )


def arn(member: str) -> Ref:
    return Ref("TargetGroup", group(member).id, "arn")


def rule(priority: int, member: str) -> Rule:
    return Rule(
        id=f"80:{priority}",
        listener=Ref("Listener", "80", "arn"),
        priority=priority,
        actions=(Forward((WeightedTargetGroup(arn(member)),)),),
        conditions=(Condition(field="host-header", values=(f"{member}.example.com",)),),
    )


def binding(member: str) -> Binding:
    return Binding(
        id=group(member).id,
        namespace="shop",
        name=f"k8s-{member}",
        target_group=arn(member),
        target_type="ip",
        service="web",
        port=80,
        networking=(NetworkingRule(source_group="sg-1", port=80),),
    )


WANTED = Stack(
    id=StackId(INGRESS, "", "g"),
    load_balancers=(BALANCER,),
    target_groups=(group("good"),),
    listeners=(LISTENER,),
    rules=(rule(1, "good"),),
    bindings=(binding("good"),),
)


def observed(*members: str) -> Observed:
    return Observed(
        load_balancers=(Owned(resource=BALANCER, arn="lb"),),
        listeners=(Owned(resource=LISTENER, arn="listener", parent="lb"),),
        target_groups=tuple(Owned(resource=group(member), arn=f"tg-{member}") for member in members),
        rules=tuple(
            Owned(resource=plain(rule(place, member)), arn=f"rule-{member}", parent="listener") for place, member in enumerate(members, 1)
        ),
        bindings=tuple(Owned(resource=plain(binding(member)), arn=f"shop/k8s-{member}") for member in members),
    )


def plain(noun: N) -> N:
    """As AWS tells of it."""
    return swap(noun, {arn(member): f"tg-{member}" for member in ("good", "broken", "good-two")})


def carried(stack: Stack, seen: Observed, members: list[Ident], denied: Denied = NOTHING) -> Stack:
    return carry(link(stack, seen, CONFIG), members, OWNERS, CONFIG, denied).stack


def test_nobody_broken_changes_nothing() -> None:
    assert carried(WANTED, observed("broken", "good"), []) is WANTED


def test_what_a_broken_member_has_stays_behind_the_others() -> None:
    found = carried(WANTED, observed("broken", "good"), [BROKEN])
    assert [each.id for each in found.target_groups] == ["shop/good-web:80", "shop/broken-web:80"]
    assert [(each.priority, each.id) for each in found.rules] == [(1, "80:1"), (2, "80:2")]
    assert found.rules[1].conditions == rule(1, "broken").conditions
    assert [each.name for each in found.bindings] == ["k8s-good", "k8s-broken"]
    assert found.backend_group_needed


def test_the_plan_then_deletes_nothing_of_it() -> None:
    seen = observed("broken", "good")
    linked = link(WANTED, seen, CONFIG)
    lost = diff.plan(linked, CONFIG)
    kept = diff.plan(carry(linked, [BROKEN], OWNERS, CONFIG), CONFIG)
    assert any(isinstance(each, Delete) for each in lost.operations)
    assert not any(each.id.startswith("delete") for each in kept.operations)


def test_what_the_member_still_says_is_not_doubled() -> None:
    stack = replace(WANTED, target_groups=(*WANTED.target_groups, group("broken")), rules=(rule(1, "good"), rule(2, "broken")))
    assert carried(stack, observed("good", "broken"), [BROKEN]).rules == stack.rules


def test_the_tags_that_were_written_stay() -> None:
    seen = observed("broken", "good")
    tagged = tuple(
        replace(each, tags=(("elbv2.k8s.aws/cluster", "c"), ("ingress.k8s.aws/stack", "g"), ("team", "a"))) for each in seen.target_groups
    )
    found = carried(WANTED, replace(seen, target_groups=tagged), [BROKEN])
    assert found.target_groups[1].tags == (("team", "a"),)


def test_a_route_that_could_not_be_read_stays_though_its_target_group_is_wanted() -> None:
    stack = replace(WANTED, target_groups=(*WANTED.target_groups, group("broken")), bindings=(*WANTED.bindings, binding("broken")))
    found = carried(stack, observed("broken", "good"), [BROKEN])
    assert [rule.priority for rule in found.rules] == [1, 2]
    assert (found.target_groups, found.bindings) == (stack.target_groups, stack.bindings)


def test_only_that_members_names_count() -> None:
    assert carried(WANTED, observed("good"), [Ident("Ingress", "shop", "goo"), BROKEN]).target_groups == WANTED.target_groups


def test_rules_that_forward_nowhere_or_on_a_listener_that_goes_are_not_kept() -> None:
    seen = observed("broken")
    fixed = replace(seen.rules[0].resource, actions=(FixedResponse(status_code="404"),))
    other = replace(seen.rules[0].resource, listener=Ref("Listener", "81", "arn"))
    found = carried(WANTED, replace(seen, rules=tuple(Owned(resource=each, arn="r") for each in (fixed, other))), [BROKEN])
    assert found.rules == WANTED.rules


def test_a_healthy_member_whose_name_begins_with_a_broken_ones_can_remove_a_route() -> None:
    app, two = Ident("Ingress", "shop", "good"), Ident("Ingress", "shop", "good-two")
    seen = observed("good-two")
    linked = link(WANTED, seen, CONFIG)
    assert carry(linked, [app], Owners((app, two), {}), CONFIG).stack == WANTED
    assert carry(linked, [two], Owners((app, two), {}), CONFIG).stack != WANTED


def test_a_target_group_that_another_member_has_by_now_carries_no_rules() -> None:
    mine = replace(group("broken"), member=GOOD)
    stack = replace(WANTED, target_groups=(*WANTED.target_groups, mine), bindings=(*WANTED.bindings, binding("broken")))
    assert carried(stack, observed("broken", "good"), [BROKEN]).rules == WANTED.rules


def test_a_rule_that_the_member_may_not_have_goes() -> None:
    stack = WANTED
    kept = [each for each in carried(stack, observed("broken", "good"), [BROKEN]).rules if each not in stack.rules]
    (pair, *_) = [pair for each in kept for pair in claims.pairs(each.conditions)]
    gone = carried(stack, observed("broken", "good"), [BROKEN], {BROKEN: frozenset({pair})})
    assert not [each for each in gone.rules if pair in claims.pairs(each.conditions) and each not in stack.rules]
    assert len(gone.rules) < len(stack.rules) + len(kept)
