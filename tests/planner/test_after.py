"""What is certain after a plan, and what is not."""

from dataclasses import replace
from typing import Any

import pytest
from tests.planner.stand import BALANCER, CONFIG, GROUP, ID, LB, LISTENER, STACK, TG, plan, rule, there

from albatross.model.observed import UNREAD, Observed, Owned
from albatross.model.plan import Create, Delete, Done, Failed, Move, Operation, Outcome, Plan, SetCapacity, SetRulePriorities, Step, Update
from albatross.model.resources.action import AuthenticateOidc, FixedResponse
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.listener import Listener
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Rule
from albatross.model.target import Target
from albatross.planner.after import after, complete, details, presumed, sufficient

SECRET = AuthenticateOidc(
    issuer="i",
    authorization_endpoint="a",
    token_endpoint="t",
    user_info_endpoint="u",
    client_id="c",
    client_secret="s",
    on_unauthenticated_request="deny",
    scope="openid",
    session_cookie_name="n",
    session_timeout=1,
)


def done(*operations: Operation, ids: dict[Ref, str] | None = None) -> tuple[Plan, Outcome]:
    steps = tuple(Step(operation=each) for each in operations)
    return Plan(stack=ID, steps=steps), Outcome(results=tuple(Done(each) for each in steps), ids=ids or {})


def listener(**more: Any) -> Listener:
    own: dict[str, Any] = {"id": "443", "load_balancer": LB, "port": 443, "protocol": "HTTPS"}
    return Listener(**{**own, "default_actions": (FixedResponse(status_code="404"),), **more})


def test_a_failure_leaves_nothing_certain() -> None:
    todo, outcome = done(Create(resource=GROUP))
    failed = replace(outcome, results=(Failed(todo.steps[0], ValueError("no")),))
    assert after(Observed(), todo, failed) is None


@pytest.mark.parametrize(
    "operation",
    [
        SetCapacity(load_balancer=LB, units=1),
        Create(resource=Certificate(id="c", type="AMAZON_ISSUED", domain_name="example.com")),
        Delete(before=Owned(resource=Certificate(id="c", type="AMAZON_ISSUED", domain_name="example.com"), arn="c")),
        Create(resource=listener(default_actions=(SECRET,)), tags=()),
        Create(resource=replace(rule(1, "/"), actions=(SECRET,))),
    ],
)
def test_what_aws_or_others_change_is_not_known(operation: Operation) -> None:
    assert after(Observed(), *done(operation, ids={LB: "lb"})) is None


def test_a_reference_without_an_id_is_not_known() -> None:
    todo, outcome = done(Create(resource=BALANCER), ids={Ref("LoadBalancer", BALANCER.id, "arn"): "lb"})
    assert after(Observed(), todo, outcome) is None


def test_a_listener_has_its_certificates_as_aws_lists_them() -> None:
    made = Create(resource=listener(certificates=("b", "a")), tags=(("k", "v"),))
    found = after(Observed(), *done(made, ids={LB: "lb", Ref("Listener", "443", "arn"): "li"}))
    assert found is not None
    (owned,) = found.listeners
    assert (owned.arn, owned.parent, owned.tags, owned.resource.certificates) == ("li", "lb", (("k", "v"),), ("b", "a", "b"))


def test_attributes_that_were_read_stay_known() -> None:
    before = Owned(resource=replace(GROUP, attributes=(("a", "1"), ("b", "2"))), arn="tg", tags=(("x", "1"), ("y", "2")))
    change = Update(
        resource=replace(GROUP, name="other", attributes=(("b", "3"),)),
        before=before,
        changed=("attributes", "tags"),
        put_tags=(("z", "3"),),
        remove_tags=(("x", "1"),),
    )
    found = after(Observed(target_groups=(before,)), *done(change))
    assert found is not None
    (owned,) = found.target_groups
    assert owned.resource.attributes == (("a", "1"), ("b", "3"))
    assert (owned.resource.name, owned.tags) == (GROUP.name, (("y", "2"), ("z", "3")))


def test_a_changed_rule_keeps_its_priority() -> None:
    """An update changes what a rule does; `SetRulePriorities` moves it."""
    before: Owned[Rule] = Owned(resource=replace(rule(7, "/", "tg"), listener=Ref("Listener", "", "arn")), arn="r", parent="li")
    change = Update(resource=rule(2, "/new"), before=before, changed=("conditions",))
    found = after(Observed(rules=(before,)), *done(change, ids={TG: "tg", LISTENER: "li"}))
    assert found is not None
    (owned,) = found.rules
    assert (owned.resource.priority, owned.resource.conditions) == (7, rule(2, "/new").conditions)


def test_a_rule_that_moved_before_it_was_deleted_is_gone() -> None:
    owned = Owned(resource=rule(1, "/"), arn="r", parent="li")
    move = SetRulePriorities(listener=Ref("Listener", "80", "arn"), moves=(Move(rule=owned, priority=7),))
    plain: Owned[Rule] = replace(owned, resource=replace(owned.resource, listener=Ref("Listener", "", "arn"), actions=()))
    found = after(Observed(rules=(plain,)), *done(move))
    assert found is not None
    assert found.rules[0].resource.priority == 7
    gone = after(Observed(rules=(plain,)), *done(Delete(before=owned), move))
    assert gone is not None
    assert gone.rules == ()


def test_the_names_of_a_new_load_balancer_are_known() -> None:
    balancer = replace(BALANCER, security_groups=("sg",))
    ids = {LB: "lb", replace(LB, field="dns_name"): "x.elb", replace(LB, field="zone_id"): "Z"}
    found = after(Observed(), *done(Create(resource=balancer), ids=ids))
    assert found is not None
    assert (found.load_balancers[0].dns_name, found.load_balancers[0].zone_id) == ("x.elb", "Z")


# Enough for a decision ----------------------------------------------------------------------------------------------


def test_a_stack_that_others_change_needs_a_look() -> None:
    wanted = replace(STACK, certificates=(Certificate(id="c", type="AMAZON_ISSUED", domain_name="example.com"),))
    assert details(wanted) is None
    assert details(replace(STACK, records_known=False)) is None
    assert details(replace(STACK, load_balancers=(replace(BALANCER, minimum_capacity=1),))) is None
    assert not sufficient(there(STACK), (), wanted)


def test_details_that_were_not_read_need_a_look() -> None:
    wanted = replace(STACK, target_groups=(replace(GROUP, attributes=(("a", "1"),)),))
    detail = ("TargetGroup", GROUP.id, "a")
    assert details(wanted) == frozenset([detail])
    assert not sufficient(there(STACK), (), wanted)
    assert sufficient(there(STACK), (detail,), wanted)


def test_a_load_balancer_that_goes_needs_a_look() -> None:
    assert sufficient(there(STACK), (), STACK)
    assert not sufficient(there(STACK), (), replace(STACK, load_balancers=()))
    assert not sufficient(there(STACK), (), replace(STACK, load_balancers=(replace(BALANCER, scheme="internet-facing"),)))


def test_what_is_complete() -> None:
    found = there(STACK)
    assert complete(found)
    assert not complete(replace(found, unidentified=("arn",)))
    assert not complete(replace(found, registered={"tg": (Target("lb", 80),)}))
    assert not complete(replace(found, denied=frozenset({"wafv2"})))
    secret = replace(found.rules[0], resource=replace(found.rules[0].resource, actions=(SECRET,)))
    assert not complete(replace(found, rules=(secret,)))


def test_the_stand_itself_needs_nothing() -> None:
    assert plan(STACK, there(STACK), CONFIG).steps == ()


def test_tags_that_were_not_read_are_presumed() -> None:
    found = there(STACK)
    lean = replace(
        found,
        listeners=tuple(replace(each, tags=UNREAD, resource=replace(each.resource, id="80?")) for each in found.listeners),
        rules=tuple(replace(each, tags=UNREAD, resource=replace(each.resource, id="")) for each in found.rules),
    )
    linked = plan(STACK, lean)
    assert linked.steps == ()
    assert presumed(lean, STACK, linked.ids, CONFIG) == found
    strange = replace(lean.rules[0], parent="arn:of-somebody")
    assert presumed(replace(lean, rules=(strange,)), STACK, linked.ids, CONFIG).rules == (strange,)
