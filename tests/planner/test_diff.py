"""What is wanted against what is there."""

import random
from dataclasses import replace

import pytest
from tests.planner.stand import BALANCER, CHECK, CONFIG, GROUP, ID, LB, SG, STACK, TG, WEB, ids, plan, rule, steps, tags, there

from albatross.model.config import GATES
from albatross.model.observed import Observed
from albatross.model.plan import (
    Create,
    CreateBackendGroup,
    SetCapacity,
    SetRulePriorities,
    Update,
)
from albatross.model.resources.action import (
    Action,
    AuthenticateOidc,
    FixedResponse,
    Forward,
    Redirect,
    Stickiness,
    WeightedTargetGroup,
)
from albatross.model.resources.listener import MutualAuthentication
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Condition
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import TargetGroup

# Creating ----------------------------------------------------------------------------------------------------------


def test_nothing_there_makes_everything_in_order() -> None:
    found = plan(STACK, Observed(), CONFIG)
    assert ids(found) == [
        "create SecurityGroup ManagedLBSecurityGroup",
        f"create TargetGroup {WEB}",
        "create LoadBalancer LoadBalancer",
        "create Listener 80",
        "create Rule 80:1",
        "create Rule 80:2",
        f"put Binding {WEB}",
    ]
    assert steps(found)["create Rule 80:1"] == ("create Listener 80", f"create TargetGroup {WEB}")
    assert found.counts == {"create": 6, "put": 1}


def test_every_resource_carries_tracking_tags_over_user_tags() -> None:
    stack = replace(STACK, target_groups=(replace(GROUP, tags=(("elbv2.k8s.aws/cluster", "mine"), ("team", "a"))),))
    made = next(op for op in plan(stack, Observed(), CONFIG).operations if isinstance(op, Create) and isinstance(op.resource, TargetGroup))
    assert dict(made.tags) == dict(tags(WEB)) | {"team": "a"}


def test_without_rule_tagging_listeners_and_rules_carry_none() -> None:
    config = replace(CONFIG, gates={**GATES, "ListenerRulesTagging": False})
    made = [op for op in plan(STACK, Observed(), config).operations if isinstance(op, Create)]
    assert {type(op.resource).__name__ for op in made if not op.tags} == {"Listener", "Rule"}


def test_a_missing_backend_group_is_made_first() -> None:
    backend = Ref("BackendSecurityGroup", "backend-sg", "group_id")
    found = plan(replace(STACK, load_balancers=(replace(BALANCER, security_groups=(SG, backend)),)), Observed(), CONFIG)
    assert isinstance(found.operations[0], CreateBackendGroup)
    assert CreateBackendGroup().id in steps(found)["create LoadBalancer LoadBalancer"]
    assert CreateBackendGroup().id not in ids(plan(STACK, Observed(), CONFIG))


# Nothing to do -----------------------------------------------------------------------------------------------------


def test_what_is_there_already_needs_nothing() -> None:
    assert not plan(STACK, there(STACK), CONFIG)


def test_input_order_never_shows() -> None:
    shuffle = random.Random(7)
    old = there(STACK)
    mixed = replace(
        old,
        rules=tuple(reversed(old.rules)),
        target_groups=tuple(shuffle.sample(old.target_groups, len(old.target_groups))),
    )
    wanted = replace(STACK, rules=(rule(1, "/b"), rule(2, "/c"), rule(3, "/a")))
    assert plan(wanted, old, CONFIG) == plan(replace(wanted, rules=tuple(reversed(wanted.rules))), mixed, CONFIG)
    assert plan(wanted, old, CONFIG).checksum == plan(wanted, mixed, CONFIG).checksum


# Spelling: AWS' form against ours ----------------------------------------------------------------------------------

AWS_FORWARD: tuple[Action, ...] = (Forward((WeightedTargetGroup(TG, 1),), Stickiness(enabled=False)),)
SPELLINGS: dict[str, tuple[tuple[Action, ...], tuple[Action, ...], bool]] = {
    "single weight and stickiness are AWS' own": ((Forward((WeightedTargetGroup(TG),)),), AWS_FORWARD, True),
    "stickiness that is wanted counts": ((Forward((WeightedTargetGroup(TG),), Stickiness(True, 60)),), AWS_FORWARD, False),
    "several weights count": (
        (Forward((WeightedTargetGroup("x", 1), WeightedTargetGroup("y", 2))),),
        (Forward((WeightedTargetGroup("y", 2), WeightedTargetGroup("x", 2))),),
        False,
    ),
    "order of groups does not count, and a weight left open is 1": (
        (Forward((WeightedTargetGroup("x"), WeightedTargetGroup("y", 2))),),
        (Forward((WeightedTargetGroup("y", 2), WeightedTargetGroup("x", 1))),),
        True,
    ),
    "redirect parts left open are AWS' defaults": (
        (Redirect(status_code="HTTP_301", port="443"),),
        (Redirect(status_code="HTTP_301", host="#{host}", path="/#{path}", port="443", protocol="#{protocol}", query="#{query}"),),
        True,
    ),
    "an empty query is not the default one": (
        (Redirect(status_code="HTTP_301", query=""),),
        (Redirect(status_code="HTTP_301", query="#{query}"),),
        False,
    ),
    "an empty body is no body": (
        (FixedResponse(status_code="404", message_body=""),),
        (FixedResponse(status_code="404", content_type=None),),
        True,
    ),
    "one action more": ((FixedResponse(status_code="404"),), (), False),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_actions_compare_by_effect(name: str) -> None:
    want, have, same = SPELLINGS[name]
    listener = replace(STACK.listeners[0], default_actions=want)
    old = there(replace(STACK, listeners=(replace(listener, default_actions=have),)))
    assert (not plan(replace(STACK, listeners=(listener,)), old, CONFIG)) is same


def _oidc(secret: str) -> AuthenticateOidc:
    return AuthenticateOidc(
        issuer="https://i",
        authorization_endpoint="https://a",
        token_endpoint="https://t",
        user_info_endpoint="https://u",
        client_id="c",
        client_secret=secret,
        on_unauthenticated_request="authenticate",
        scope="openid",
        session_cookie_name="s",
        session_timeout=1,
    )


@pytest.mark.parametrize(
    ("remembered", "same"),
    [("", True), ("sha256:88bb9e2f9fc2651d5eed8c8e61ce3bd91a1c2d15e25d2a0bd4d2aa5ae48d81d1", False)],
)
def test_a_secret_unseen_is_taken_to_be_the_same(remembered: str, same: bool) -> None:
    listener = replace(STACK.listeners[0], default_actions=(_oidc("top"),))
    old = there(replace(STACK, listeners=(replace(listener, default_actions=(_oidc(remembered),)),)))
    found = plan(replace(STACK, listeners=(listener,)), old, CONFIG)
    assert (not found) is same
    assert "top" not in repr(found)


def test_only_wanted_attributes_count() -> None:
    have = replace(BALANCER, attributes=(("a", "1"), ("deletion_protection.enabled", "true")))
    old = there(replace(STACK, load_balancers=(have,)))
    same = replace(BALANCER, attributes=(("deletion_protection.enabled", "True"),))
    assert not plan(replace(STACK, load_balancers=(same,)), old, CONFIG)
    other = replace(BALANCER, attributes=(("a", "2"),))
    (step,) = plan(replace(STACK, load_balancers=(other,)), old, CONFIG).operations
    assert isinstance(step, Update)
    assert step.changed == ("attributes",)


def test_the_order_of_subnets_groups_and_conditions_does_not_count() -> None:
    turned = replace(BALANCER, subnet_mappings=BALANCER.subnet_mappings[::-1], security_groups=BALANCER.security_groups[::-1])
    two = (Condition(field="path-pattern", values=("/a",)), Condition(field="host-header", values=("h",)))
    want = replace(rule(1, "/a"), conditions=two)
    old = there(replace(STACK, load_balancers=(turned,), rules=(replace(want, conditions=two[::-1]),)))
    assert not plan(replace(STACK, rules=(want,)), old, CONFIG)


MUTUAL = {
    "left open, on stays": (None, MutualAuthentication(mode="passthrough"), True),
    "off and absent are one": (MutualAuthentication(mode="off"), None, True),
    "off turns on off": (MutualAuthentication(mode="off"), MutualAuthentication(mode="passthrough"), False),
    "passthrough has no trust store": (
        MutualAuthentication(mode="passthrough", trust_store_arn=""),
        MutualAuthentication(mode="passthrough"),
        True,
    ),
    "verify compares its parts": (
        MutualAuthentication(mode="verify", trust_store_arn="t", ignore_client_certificate_expiry=True),
        MutualAuthentication(mode="verify", trust_store_arn="t", ignore_client_certificate_expiry=False),
        False,
    ),
    "verify advertises nothing by default": (
        MutualAuthentication(mode="verify", trust_store_arn="t"),
        MutualAuthentication(
            mode="verify", trust_store_arn="t", ignore_client_certificate_expiry=False, advertise_trust_store_ca_names="off"
        ),
        True,
    ),
    "passthrough is not verify": (
        MutualAuthentication(mode="passthrough"),
        MutualAuthentication(mode="verify", trust_store_arn="t"),
        False,
    ),
    "on where it was off": (MutualAuthentication(mode="passthrough"), None, False),
}


@pytest.mark.parametrize("name", MUTUAL)
def test_mutual_authentication(name: str) -> None:
    want, have, same = MUTUAL[name]
    listener = replace(STACK.listeners[0], protocol="HTTPS", mutual_authentication=want)
    old = there(replace(STACK, listeners=(replace(listener, mutual_authentication=have),)))
    assert (not plan(replace(STACK, listeners=(listener,)), old, CONFIG)) is same


def test_enhanced_defaults_take_off_what_is_left_open() -> None:
    config = replace(CONFIG, gates={**GATES, "EnhancedDefaultBehavior": True})
    listener = replace(STACK.listeners[0], protocol="HTTPS", mutual_authentication=MutualAuthentication(mode="passthrough"))
    listener = replace(listener, alpn_policy=("HTTP2Only",))
    old = there(replace(STACK, listeners=(listener,)))
    stack = replace(STACK, listeners=(replace(listener, mutual_authentication=None, alpn_policy=()),))
    assert not plan(stack, old, CONFIG)
    (step,) = plan(stack, old, config).operations
    assert isinstance(step, Update)
    assert step.changed == ("alpn_policy", "mutual_authentication")


@pytest.mark.parametrize(
    ("have", "same"), [(("c1", "c1", "c2"), True), (("c1", "c2"), False), (("c2", "c1", "c2"), False), (("c1", "c1", "c2", "c3"), False)]
)
def test_the_sni_list_holds_every_certificate(have: tuple[str, ...], same: bool) -> None:
    listener = replace(STACK.listeners[0], protocol="HTTPS", ssl_policy="p", certificates=("c1", "c2"))
    old = there(replace(STACK, listeners=(replace(listener, certificates=have),)))
    assert (not plan(replace(STACK, listeners=(listener,)), old, CONFIG)) is same


# Updating ----------------------------------------------------------------------------------------------------------


def test_tags_are_put_and_taken_but_for_others() -> None:
    config = replace(CONFIG, external_managed_tags=frozenset({"billing"}))
    extra = {"aws:x": "1", "billing": "2", "kubernetes.io/namespace": "shop", "stale": "3", "team": "old"}
    old = there(STACK)
    group = replace(old.target_groups[0], tags=tuple(sorted({**dict(old.target_groups[0].tags), **extra}.items())))
    wanted = replace(STACK, target_groups=(replace(GROUP, tags=(("team", "new"),)),))
    (step,) = plan(wanted, replace(old, target_groups=(group,)), config).operations
    assert isinstance(step, Update)
    assert (step.changed, step.put_tags, step.remove_tags) == (("tags",), (("team", "new"),), (("stale", "3"),))


def test_legacy_tags_stay_on_rules_no_longer() -> None:
    old = there(STACK)
    rules = tuple(replace(each, tags=(*each.tags, ("kubernetes.io/namespace", "shop"))) for each in old.rules)
    found = plan(STACK, replace(old, rules=rules), CONFIG)
    assert found.counts == {"update": 2}


def test_a_health_check_is_changed_in_place() -> None:
    wanted = replace(STACK, target_groups=(replace(GROUP, name="other", port=81, health_check=replace(CHECK, path="/ping")),))
    (step,) = plan(wanted, there(STACK), CONFIG).operations
    assert isinstance(step, Update)
    assert step.changed == ("health_check",)


def test_capacity_waits_for_the_load_balancer() -> None:
    stack = replace(STACK, load_balancers=(replace(BALANCER, minimum_capacity=100),))
    found = plan(stack, Observed(), CONFIG)
    assert steps(found)["capacity LoadBalancer LoadBalancer"] == ("create LoadBalancer LoadBalancer",)
    assert not plan(stack, there(stack), CONFIG)
    reset = replace(STACK, load_balancers=(replace(BALANCER, minimum_capacity=0),))
    (step,) = plan(reset, there(stack), CONFIG).operations
    assert step == SetCapacity(load_balancer=LB, units=0, before=100)
    assert not plan(STACK, there(stack), CONFIG)


# Replacing ---------------------------------------------------------------------------------------------------------


def test_a_target_group_is_replaced_before_its_rules_forget_it() -> None:
    found = plan(replace(STACK, target_groups=(replace(GROUP, target_type="instance"),)), there(STACK), CONFIG)
    made, gone = f"create TargetGroup {WEB}", f"delete TargetGroup {WEB} arn:tg/{WEB}"
    needs = steps(found)
    assert made in needs["update Rule 80:1"]
    assert set(needs[gone]) == {"update Rule 80:1", "update Rule 80:2", "delete Binding shop/k8s-web"}
    assert set(needs["delete Binding shop/k8s-web"]) == {"update Rule 80:1", "update Rule 80:2"}
    create = next(op for op in found.operations if op.id == made)
    assert isinstance(create, Create)
    assert create.changed == ("target_type",)
    assert TG not in found.ids


def test_a_load_balancer_is_replaced_after_it_is_gone() -> None:
    found = plan(replace(STACK, load_balancers=(replace(BALANCER, scheme="internet-facing"),)), there(STACK), CONFIG)
    gone = "delete LoadBalancer LoadBalancer arn:lb/LoadBalancer"
    assert ids(found) == [gone, "create LoadBalancer LoadBalancer", "create Listener 80", "create Rule 80:1", "create Rule 80:2"]
    assert steps(found)["create LoadBalancer LoadBalancer"] == (gone,)


def test_a_network_target_group_may_be_replaced_for_its_health_check() -> None:
    config = replace(CONFIG, gates={**GATES, "NLBHealthCheckAdvancedConfig": False})
    group = replace(GROUP, protocol="TCP", protocol_version=None)
    stack = replace(STACK, target_groups=(group,))
    wanted = replace(STACK, target_groups=(replace(group, health_check=replace(CHECK, interval_seconds=30)),))
    assert plan(wanted, there(stack), CONFIG).counts == {"update": 1}
    assert f"create TargetGroup {WEB}" in ids(plan(wanted, there(stack), config))


# Deleting ----------------------------------------------------------------------------------------------------------


def test_an_empty_stack_deletes_everything_in_order() -> None:
    found = plan(Stack(id=ID), there(STACK), CONFIG)
    balancer = "delete LoadBalancer LoadBalancer arn:lb/LoadBalancer"
    binding, group = "delete Binding shop/k8s-web", f"delete TargetGroup {WEB} arn:tg/{WEB}"
    sg = "delete SecurityGroup ManagedLBSecurityGroup sg-ManagedLBSecurityGroup"
    assert ids(found) == [balancer, binding, group, sg]
    assert steps(found) == {balancer: (), binding: (balancer,), group: (binding, balancer), sg: (balancer,)}


def test_a_listener_goes_with_its_rules() -> None:
    found = plan(replace(STACK, listeners=(), rules=(), bindings=(), target_groups=()), there(STACK), CONFIG)
    listener = "delete Listener 80 arn:ls/80"
    assert ids(found) == [listener, "delete Binding shop/k8s-web", f"delete TargetGroup {WEB} arn:tg/{WEB}"]
    assert listener in steps(found)[f"delete TargetGroup {WEB} arn:tg/{WEB}"]


def test_unknown_things_of_ours_go() -> None:
    old = there(STACK)
    foreign = replace(old.rules[0], resource=replace(old.rules[0].resource, id="", priority=9), arn="arn:rule/x", tags=())
    other = replace(foreign, resource=replace(foreign.resource, conditions=(Condition(field="host-header", values=("x",)),)))
    found = plan(STACK, replace(old, rules=(*old.rules, other)), CONFIG)
    assert ids(found) == ["delete Rule  arn:rule/x"]


def test_a_second_security_group_of_one_id_goes() -> None:
    old = there(STACK)
    second = replace(old.security_groups[0], arn="sg-2")
    found = plan(STACK, replace(old, security_groups=(*old.security_groups, second)), CONFIG)
    assert ids(found) == ["delete SecurityGroup ManagedLBSecurityGroup sg-2"]


# Rules -------------------------------------------------------------------------------------------------------------


def test_a_rule_that_moves_is_moved() -> None:
    wanted = replace(STACK, rules=(rule(1, "/new"), rule(2, "/a"), rule(3, "/b")))
    found = plan(wanted, there(STACK), CONFIG)
    assert ids(found) == ["prioritize Listener 80", "create Rule 80:1", "update Rule 80:2", "update Rule 80:3"]
    moves = next(op for op in found.operations if isinstance(op, SetRulePriorities)).moves
    assert [(move.rule.arn, move.priority) for move in moves] == [("arn:rule/80:1", 2), ("arn:rule/80:2", 3)]
    assert steps(found)["create Rule 80:1"] == ("prioritize Listener 80",)


def test_a_rule_that_changes_keeps_its_place() -> None:
    found = plan(replace(STACK, rules=(rule(1, "/a"), rule(2, "/c"))), there(STACK), CONFIG)
    (step,) = found.operations
    assert isinstance(step, Update)
    assert (step.id, step.changed) == ("update Rule 80:2", ("conditions",))


def test_rules_to_be_deleted_are_pushed_down_and_go_last() -> None:
    old = there(replace(STACK, rules=(rule(1, "/x"), rule(2, "/y"), rule(3, "/a"), rule(4, "/z"))))
    found = plan(replace(STACK, rules=(rule(1, "/n"), rule(2, "/a"))), old, CONFIG)
    moves = next(op for op in found.operations if isinstance(op, SetRulePriorities)).moves
    assert [(move.rule.arn, move.priority) for move in moves] == [("arn:rule/80:3", 2), ("arn:rule/80:2", 49999), ("arn:rule/80:4", 50000)]
    needs = steps(found)["delete Rule 80:2 arn:rule/80:2"]
    assert needs == ("prioritize Listener 80", "update Rule 80:1", "update Rule 80:2")


def test_new_rules_know_what_may_make_room() -> None:
    old = there(replace(STACK, rules=(rule(5, "/x"),)))
    found = plan(replace(STACK, rules=(rule(1, "/n"),)), old, CONFIG)
    create = next(op for op in found.operations if isinstance(op, Create))
    assert create.room == ("arn:rule/80:5",)
    assert steps(found)["delete Rule 80:5 arn:rule/80:5"] == ("create Rule 80:1",)


def test_equal_rules_are_never_swapped() -> None:
    stack = replace(STACK, rules=(rule(1, "/a"), rule(2, "/a")))
    assert not plan(stack, there(stack), CONFIG)
