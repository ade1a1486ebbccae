"""Which changes wait for healthy targets, and how the rule looks until then."""

from dataclasses import replace
from typing import Any

import pytest
from tests.planner.stand import BALANCER, CONFIG, GROUP, LISTENER, STACK, TG, WEB, ids, plan, rule, steps, there

from albatross.model.config import GATES
from albatross.model.observed import Observed
from albatross.model.plan import Awaited, Create, DeleteBinding, Plan, Update
from albatross.model.resources.action import (
    Action,
    AuthenticateOidc,
    FixedResponse,
    Forward,
    Redirect,
    Stickiness,
    WeightedTargetGroup,
)
from albatross.model.resources.ref import Ref, Token
from albatross.model.resources.rule import Condition, Rule, Transform
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import TargetGroup
from albatross.planner.awaited import SHORTEST, covers

NEW = "shop/app-new:80"
TO = Ref("TargetGroup", NEW, "arn")
OLD = f"arn:tg/{WEB}"
OIDC = AuthenticateOidc(
    issuer="https://id",
    authorization_endpoint="https://id/a",
    token_endpoint="https://id/t",
    user_info_endpoint="https://id/u",
    client_id="me",
    client_secret="sha256:1",
    on_unauthenticated_request="authenticate",
    scope="openid",
    session_cookie_name="c",
    session_timeout=1,
)


def group(id: str = NEW, **attributes: str) -> TargetGroup:
    pairs = tuple((key.replace("_", "."), text) for key, text in attributes.items())
    return replace(GROUP, id=id, name=f"k8s-{id[-6:-3]}", attributes=pairs)


def forward(*targets: tuple[Token, int | None], stickiness: Stickiness | None = None) -> Forward:
    return Forward(tuple(WeightedTargetGroup(token, weight) for token, weight in targets), stickiness)


def stack(*rules: Rule, groups: tuple[TargetGroup, ...] = (GROUP, group()), actions: tuple[Action, ...] = ()) -> Stack:
    bindings = tuple(
        replace(STACK.bindings[0], id=each.id, name=each.name, target_group=Ref("TargetGroup", each.id, "arn")) for each in groups
    )
    listener = replace(STACK.listeners[0], default_actions=actions or STACK.listeners[0].default_actions)
    return replace(STACK, rules=rules, target_groups=groups, bindings=bindings, listeners=(listener,))


def acting(*actions: Action, priority: int = 1, path: str = "/a") -> Rule:
    return replace(rule(priority, path), actions=actions)


def awaited(found: Plan, id: str = "update Rule 80:1") -> Awaited | None:
    (operation,) = [each for each in found.operations if each.id == id]
    assert isinstance(operation, Create | Update)
    return operation.awaited


def switched(before: Stack, after: Stack) -> Awaited:
    found = awaited(plan(after, there(before)))
    assert found is not None
    return found


def until_then(found: Awaited) -> tuple[Action, ...]:
    assert found.prepared is not None
    assert isinstance(found.prepared.resource, Rule)
    return found.prepared.resource.actions


ONLY = stack(acting(forward((TG, None))), groups=(GROUP,))


# What waits --------------------------------------------------------------------------------------------------------


def test_a_switched_service_waits_with_its_new_target_group_at_weight_0() -> None:
    found = plan(stack(acting(forward((TO, None))), groups=(group(),)), there(ONLY))
    waits = awaited(found)
    assert waits is not None
    assert (waits.groups, waits.serving, waits.checked) == ((TO,), (OLD,), False)
    assert until_then(waits) == (forward((OLD, 1), (TO, 0)),)
    assert isinstance(waits.prepared, Update)
    assert waits.prepared.changed == ("actions",)
    (gone,) = [each for each in found.operations if isinstance(each, DeleteBinding)]
    assert gone.served
    assert "update Rule 80:1" in steps(found)[gone.id]


def test_what_is_in_the_rule_already_is_only_looked_at() -> None:
    waits = switched(stack(acting(forward((TG, 1), (TO, 0)))), stack(acting(forward((TO, None))), groups=(group(),)))
    assert (waits.groups, waits.prepared, waits.checked) == ((TO,), None, True)


def test_a_weight_that_moves_waits_and_one_that_grows_does_not() -> None:
    waits = switched(stack(acting(forward((TG, 1))), groups=(GROUP,)), stack(acting(forward((TG, 9), (TO, 1)))))
    assert (waits.groups, waits.serving) == ((TO,), (TG,))
    assert until_then(waits) == (forward((TG, 1), (TO, 0)),)
    assert awaited(plan(stack(acting(forward((TG, 1), (TO, 9)))), there(stack(acting(forward((TG, 9), (TO, 1))))))) is None


def test_a_target_group_that_is_replaced_waits() -> None:
    old = there(ONLY)
    found = plan(stack(acting(forward((TG, None))), groups=(replace(GROUP, target_type="instance"),)), old)
    waits = awaited(found)
    assert waits is not None
    assert until_then(waits) == (forward((OLD, 1), (TG, 0)),)


def test_nothing_waits_for_a_target_group_that_is_in_use() -> None:
    before = stack(acting(forward((TG, None))), acting(forward((TO, None)), priority=2, path="/b"))
    after = stack(acting(forward((TO, None))), acting(forward((TO, None)), priority=2, path="/b"), groups=(group(),))
    assert awaited(plan(after, there(before))) is None


def test_nothing_waits_if_it_is_switched_off_or_if_everything_is_new() -> None:
    after = stack(acting(forward((TO, None))), groups=(group(),))
    assert awaited(plan(after, there(ONLY), replace(CONFIG, targets_before_rules_seconds=0))) is None
    assert awaited(plan(after, Observed()), "create Rule 80:1") is None


def test_other_changes_of_rules_do_not_wait() -> None:
    found = plan(stack(acting(forward((TG, None)), path="/b"), groups=(GROUP,)), there(ONLY))
    assert awaited(found) is None


@pytest.mark.parametrize(("code", "waits"), [("404", False), ("503", False), ("200", True)])
def test_a_fixed_response_waits_for_registered_targets_if_it_answers(code: str, waits: bool) -> None:
    before = stack(acting(FixedResponse(status_code=code)), groups=(GROUP,))
    found = awaited(plan(stack(acting(forward((TG, None))), groups=(GROUP,)), there(before)))
    assert found == (Awaited(groups=(TG,)) if waits else None)


def test_a_redirect_waits_and_a_rule_without_traffic_does_not() -> None:
    before = stack(acting(Redirect(status_code="HTTP_302", path="/x")), groups=(GROUP,))
    assert switched(before, ONLY) == Awaited(groups=(TG,))
    before = stack(acting(forward((TG, 0))), groups=(GROUP,))
    assert awaited(plan(stack(acting(forward((TO, None))), groups=(group(),)), there(before))) is None


# How a rule looks until then ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["old", "new"])
def test_sticky_targets_need_a_sticky_action(which: str) -> None:
    old, new = (group(id, **({"stickiness_enabled": "true"} if which == kind else {})) for id, kind in ((WEB, "old"), (NEW, "new")))
    waits = switched(stack(acting(forward((TG, None))), groups=(old,)), stack(acting(forward((TO, None))), groups=(new,)))
    assert until_then(waits) == (forward((OLD, 1), (TO, 0), stickiness=SHORTEST),)


def test_a_sticky_action_stays_as_it_is() -> None:
    own = Stickiness(True, 60)
    new = group(stickiness_enabled="true")
    after = stack(acting(forward((TO, None), stickiness=own)), groups=(new,))
    waits = switched(stack(acting(forward((TG, 1), stickiness=own)), groups=(GROUP,)), after)
    assert until_then(waits) == (forward((OLD, 1), (TO, 0), stickiness=own),)


def test_conditions_and_transforms_stay_until_then() -> None:
    rewrite = (Transform("url-rewrite", (("a", "b"),)),)
    after = stack(replace(acting(forward((TO, None)), path="/b"), transforms=rewrite), groups=(group(),))
    waits = switched(ONLY, after)
    assert waits.prepared is not None
    kept = waits.prepared.resource
    assert isinstance(kept, Rule)
    assert (kept.conditions, kept.transforms) == (rule(1, "/a").conditions, ())


@pytest.mark.parametrize("gates", [{"WeightedTargetGroups": False}, {}])
def test_without_weights_registered_targets_are_enough(gates: dict[str, bool]) -> None:
    many = tuple((f"arn:{number}", 1) for number in range(5 if not gates else 1))
    before, after = stack(acting(forward(*many)), groups=(GROUP,)), stack(acting(forward((TO, None))), groups=(group(),))
    found = awaited(plan(after, there(before), replace(CONFIG, gates={**GATES, **gates})))
    assert found is not None
    assert (found.groups, found.prepared, found.checked) == ((TO,), None, False)


def test_a_network_load_balancer_waits_for_registered_targets() -> None:
    def tcp(target: Token, groups: tuple[TargetGroup, ...]) -> Stack:
        made = stack(groups=groups, actions=(forward((target, None)),))
        return replace(made, listeners=(replace(made.listeners[0], protocol="TCP"),), load_balancers=(replace(BALANCER, type="network"),))

    found = awaited(plan(tcp(TO, (group(),)), there(tcp(TG, (GROUP,)))), "update Listener 80")
    assert found == Awaited(groups=(TO,), serving=(OLD,))


@pytest.mark.parametrize(("secret", "client", "head"), [("sha256:1", "me", True), ("sha256:1", "other", False)])
def test_authentication_stays_in_front(secret: str, client: str, head: bool) -> None:
    after = stack(acting(replace(OIDC, client_secret=secret, client_id=client), forward((TO, None))), groups=(group(),))
    waits = switched(stack(acting(OIDC, forward((TG, None))), groups=(GROUP,)), after)
    if head:
        assert until_then(waits) == (OIDC, forward((OLD, 1), (TO, 0)))
    else:
        assert waits.prepared is None


def test_authentication_that_is_new_waits_too() -> None:
    waits = switched(ONLY, stack(acting(OIDC, forward((TO, None))), groups=(group(),)))
    assert until_then(waits) == (forward((OLD, 1), (TO, 0)),)


# Default actions ---------------------------------------------------------------------------------------------------


def test_a_default_action_waits_but_other_settings_of_its_listener_do_not() -> None:
    before = stack(actions=(forward((TG, None)),), groups=(GROUP,))
    found = awaited(plan(stack(actions=(forward((TO, None)),), groups=(group(),)), there(before)), "update Listener 80")
    assert found is not None
    assert isinstance(found.prepared, Update)
    assert found.prepared.changed == ("default_actions",)
    assert found.prepared.resource.default_actions == (forward((OLD, 1), (TO, 0)),)  # type: ignore[union-attr]
    secure = replace(before, listeners=(replace(before.listeners[0], protocol="HTTPS", ssl_policy="x"),))
    assert awaited(plan(secure, there(before)), "update Listener 80") is None


def test_a_default_action_that_begins_does_not_wait() -> None:
    after = stack(actions=(forward((TG, None)),), groups=(GROUP,))
    assert awaited(plan(after, there(stack(groups=(GROUP,)))), "update Listener 80") is None


def test_a_response_that_becomes_a_default_action_waits_for_registered_targets() -> None:
    before = stack(actions=(FixedResponse(status_code="200"),), groups=(GROUP,))
    after = stack(actions=(forward((TG, None)),), groups=(GROUP,))
    assert awaited(plan(after, there(before)), "update Listener 80") == Awaited(groups=(TG,))


# New rules ---------------------------------------------------------------------------------------------------------


def created(before: Stack, path: str = "/a/b") -> tuple[Plan, Awaited | None]:
    """The plan with one more rule at the end."""
    rules = (*before.rules, acting(forward((TO, None)), priority=9, path=path))
    found = plan(replace(stack(*rules), listeners=before.listeners), there(before))
    return found, awaited(found, "create Rule 80:9")


def test_a_new_rule_below_another_is_first_created_with_its_action() -> None:
    rewrite = (Transform("url-rewrite", (("a", "b"),)),)
    before = stack(replace(acting(forward((TG, None)), path="/a/*"), transforms=rewrite), groups=(GROUP,))
    _, found = created(before)
    assert found is not None
    assert isinstance(found.prepared, Create)
    made = found.prepared.resource
    assert isinstance(made, Rule)
    assert (made.priority, made.actions, made.transforms) == (9, (forward((TG, 1), (TO, 0)),), rewrite)
    assert made.conditions == rule(9, "/a/b").conditions


def test_a_new_rule_that_nothing_answers_today_does_not_wait() -> None:
    assert created(stack(acting(forward((TG, None)), path="/b"), groups=(GROUP,)))[1] is None


def test_a_new_rule_above_a_default_action_waits() -> None:
    _, found = created(stack(actions=(forward((TG, None)),), groups=(GROUP,)))
    assert found is not None
    assert until_then(found) == (forward((TG, 1), (TO, 0)),)


def test_a_new_rule_above_a_response_waits_for_registered_targets() -> None:
    _, found = created(stack(acting(FixedResponse(status_code="200"), path="/a/*"), groups=(GROUP,)))
    assert found == Awaited(groups=(TO,))


def test_what_a_new_rule_uses_until_then_is_deleted_after_it() -> None:
    before = stack(acting(forward((TG, None)), path="/*"), groups=(GROUP,))
    third = group("shop/app-api:80")
    api = Ref("TargetGroup", third.id, "arn")
    after = stack(acting(forward((api, None)), path="/api"), acting(forward((TO, None)), priority=2, path="/*"), groups=(group(), third))
    found = steps(plan(after, there(before)))
    assert "create Rule 80:2" in found[f"delete TargetGroup {WEB} {OLD}"]
    assert "create Rule 80:2" in found["delete Binding shop/k8s-web"]


# Who waits for it --------------------------------------------------------------------------------------------------


def test_the_deletion_of_another_rule_does_not_wait() -> None:
    before = stack(acting(forward((TG, None))), acting(forward((TG, None)), priority=2, path="/gone"), groups=(GROUP,))
    found = plan(stack(acting(forward((TO, None))), groups=(group(),)), there(before))
    assert awaited(found) is not None
    assert steps(found)["delete Rule 80:2 arn:rule/80:2"] == ()


def test_the_deletion_waits_if_the_rule_takes_over_its_requests() -> None:
    before = stack(acting(forward((TG, None))), acting(forward((TG, None)), priority=2, path="/gone"), groups=(GROUP,))
    found = plan(stack(acting(forward((TO, None)), path="/*"), groups=(group(),)), there(before))
    assert steps(found)["delete Rule 80:2 arn:rule/80:2"] == ("update Rule 80:1",)


def test_other_operations_do_not_wait() -> None:
    after = stack(acting(forward((TO, None))), acting(FixedResponse(status_code="200"), priority=2, path="/x"), groups=(group(),))
    found = plan(after, there(ONLY))
    assert "create Rule 80:2" in ids(found)
    assert steps(found)["create Rule 80:2"] == ()
    assert LISTENER.id == "80"


# Which requests ----------------------------------------------------------------------------------------------------


def conditions(**fields: Any) -> tuple[Condition, ...]:
    return tuple(
        Condition(field=name.replace("_", "-"), values=(given,) if isinstance(given, str) else given) for name, given in fields.items()
    )


@pytest.mark.parametrize(
    ("wider", "narrower", "covered"),
    [
        ({}, {"path_pattern": "/a"}, True),
        ({"path_pattern": "/*"}, {"path_pattern": "/a/*"}, True),
        ({"path_pattern": "/a?"}, {"path_pattern": "/a*"}, False),
        ({"path_pattern": "/a?"}, {"path_pattern": "/ab"}, True),
        ({"path_pattern": ("/a", "/b")}, {"path_pattern": ("/b", "/a")}, True),
        ({"path_pattern": "/a"}, {"path_pattern": ("/a", "/b")}, False),
        ({"path_pattern": "/A"}, {"path_pattern": "/a"}, False),
        ({"host_header": "*.Example.com"}, {"host_header": "www.example.com"}, True),
        ({"host_header": "a.example.com"}, {"path_pattern": "/a"}, False),
        ({"path_pattern": "/*"}, {"path_pattern": "/a", "host_header": "a.example.com"}, True),
        ({"http_request_method": ("GET", "PUT")}, {"http_request_method": "GET"}, True),
        ({"http_request_method": "GET"}, {"http_request_method": ("GET", "PUT")}, False),
    ],
)
def test_which_requests_a_rule_takes(wider: dict[str, Any], narrower: dict[str, Any], covered: bool) -> None:
    assert covers(conditions(**wider), conditions(**narrower)) is covered


def test_headers_queries_and_expressions_are_compared_as_they_are() -> None:
    header = Condition(field="http-header", header="a", values=("x",))
    assert covers((header,), (header,))
    assert not covers((header,), (replace(header, header="b"),))
    pattern = Condition(field="path-pattern", regex_values=("^/a$",))
    assert covers((pattern,), (pattern,))
    assert not covers((replace(pattern, regex_values=(), values=("/*",)),), (pattern,))
    query = Condition(field="query-string", query=((None, "1"),))
    assert not covers((query,), (replace(query, query=(("a", "1"),)),))
