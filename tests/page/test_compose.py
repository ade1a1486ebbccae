"""What is known about a group becomes boxes, each with its health and its problems."""

from dataclasses import replace
from typing import Any

import pytest
from tests.page.made import ELB, group, target_group, view

from albatross.model.observed import Owned
from albatross.model.plan import CreateBackendGroup, Delete, Update
from albatross.model.problem import Origin, Problem
from albatross.model.resources.action import Forward, Redirect, WeightedTargetGroup
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Condition
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.target import Registered, Target
from albatross.page.compose import GroupState, card
from albatross.page.view import GROUP, LISTENER, TARGET, Box, Card

INGRESS = Origin("Ingress", "shop", "app")
PATH = "spec.rules[0].http.paths[1]"
PATHS = {
    f"Ingress/shop/app spec.rules[0].http.paths[{number}]": (service, "shop.example.com", f"/part-{number + 1}")
    for number, service in enumerate(("web-1", "web-2", "missing"))
}


def boxes(found: Card, column: int) -> list[Box]:
    return [box for box in found.boxes if box.column == column]


def flawed(**more: Any) -> list[str]:
    """The titles of the boxes that have a problem; an empty text is the card itself."""
    found = card(group("shop", count=2, targets=1, **more))
    return [*("" for _ in found.flaws), *(box.title for box in found.boxes if box.flaws)]


def test_a_healthy_group() -> None:
    found = card(group("shop"))
    assert found.numbers == "1 load balancer, 2 listeners, 4 rules, 6 of 6 targets healthy"
    assert (found.name, found.health, found.hosts) == ("shop/app", "good", ("shop.example.com",))
    assert [box.title for box in boxes(found, GROUP)] == ["app-web-1:80", "app-web-2:80"]
    assert [(box.title, box.state) for box in boxes(found, LISTENER)][:4] == [
        ("HTTP:80", ""),
        ("shop.example.com/part-1/*", "1"),
        ("shop.example.com/part-2/*", "2"),
        ("any other request", "default"),
    ]
    assert {box.health for box in found.boxes} == {"good"}
    assert not found.folds


@pytest.mark.parametrize(
    ("states", "health", "state"),
    [
        ({}, "good", "2 of 2 healthy"),
        ({1: "unhealthy"}, "warn", "1 of 2 healthy"),
        ({1: "initial"}, "warn", "1 of 2 healthy"),
        ({1: "draining"}, "good", "1 of 1 healthy"),
        ({1: "unhealthy", 2: "initial"}, "bad", "0 of 2 healthy"),
        ({1: "initial", 2: "initial"}, "warn", "0 of 2 healthy"),
        ({1: "draining", 2: "draining"}, "warn", "no targets"),
    ],
)
def test_the_health_of_a_target_group_goes_up_to_the_card(states: dict[int, str], health: str, state: str) -> None:
    found = card(group("shop", count=1, targets=2, bad=states))
    (target,) = boxes(found, GROUP)
    assert (target.health, target.state, found.health) == (health, state, health)


def test_targets_that_were_not_read_are_not_said_to_be_missing() -> None:
    found = card(replace(group("shop", count=1), targets={}))
    assert boxes(found, GROUP)[0].state == "not read yet"
    assert found.numbers.endswith("0 targets")


def test_a_group_without_weight_does_not_make_its_rule_ill() -> None:
    state = group("shop", count=1, targets=1, bad={1: "unhealthy"})
    assert state.stack is not None
    none = Forward((WeightedTargetGroup(Ref("TargetGroup", "shop/app-web-1:80", "arn"), 0),))
    found = card(replace(state, stack=replace(state.stack, rules=tuple(replace(each, actions=(none,)) for each in state.stack.rules))))
    assert found.health == "good"
    assert boxes(found, GROUP)[0].health == "bad"


def test_a_group_that_is_named_by_its_arn_is_found() -> None:
    state = group("shop", count=1)
    assert state.stack is not None
    actions = (
        Forward((WeightedTargetGroup(f"{ELB}:targetgroup/k8s-shop-web-1/0"), WeightedTargetGroup("arn:other"))),
        Redirect(status_code="HTTP_301"),
    )
    found = card(replace(state, stack=replace(state.stack, rules=(replace(state.stack.rules[0], actions=actions),))))
    assert len([wire for wire in found.wires if wire.end == boxes(found, GROUP)[0].id]) == 1


def test_other_conditions_are_said_in_words() -> None:
    state = group("shop", count=1)
    assert state.stack is not None
    when = (Condition(field="http-request-method", values=("GET", "HEAD")),)
    rules = (replace(state.stack.rules[0], conditions=when), replace(state.stack.rules[1], conditions=()))
    found = card(replace(state, stack=replace(state.stack, rules=rules)))
    titles = [box.title for box in boxes(found, LISTENER) if box.inner]
    assert titles == ["http-request-method is GET or HEAD", "any other request", "any request", "any other request"]


def test_without_a_stack_there_are_only_problems() -> None:
    found = card(GroupState(id=group("shop").id, problems=(Problem("LB511", INGRESS),)))
    assert (found.numbers, found.boxes, found.health) == ("no load balancer", (), "bad")
    assert found.every[0].where == "Ingress/shop/app"


def test_a_load_balancer_that_does_not_exist_yet_says_so() -> None:
    found = card(replace(group("shop"), ids={}, states={}))
    assert found.boxes[0].state == "not created"
    assert card(replace(group("shop"), states={})).boxes[0].state == ""
    state = group("shop")
    provisioning = card(replace(state, states=dict.fromkeys(state.states, "provisioning")))
    assert provisioning.health == "warn"


@pytest.mark.parametrize(
    ("origin", "titles"),
    [
        (INGRESS, ["k8s-shop-app"]),
        (Origin("Service", "shop", "web-2"), ["app-web-2:80"]),
        (Origin("Service", "shop", "unknown"), ["k8s-shop-app"]),
        (INGRESS.at(f"{PATH}.backend.service.name"), ["app-web-2:80"]),
        (INGRESS.at(f"{PATH}.path"), ["shop.example.com/part-2/*", "shop.example.com/part-2/*"]),
        (INGRESS.at("spec.rules[0].http.paths[2].backend.service"), ["shop.example.com/part-1/*"]),
        (INGRESS.at("spec.rules[7].http.paths[0].path"), ["shop.example.com/part-1/*"]),
        (Origin("Ingress", "shop", "other").at("spec.rules[0].host"), ["k8s-shop-app"]),
    ],
)
def test_a_problem_is_on_the_thing_that_has_it(origin: Origin, titles: list[str]) -> None:
    assert flawed(problems=(Problem("LB511", origin),), paths=PATHS) == titles


def test_a_path_of_a_missing_service_is_at_its_own_rules() -> None:
    paths = {**PATHS, "Ingress/shop/app spec.rules[0].http.paths[1]": ("missing", "shop.example.com", "/part-2/*")}
    problem = Problem("LB511", INGRESS.at(f"{PATH}.backend.service"))
    assert flawed(problems=(problem,), paths=paths) == ["shop.example.com/part-2/*"] * 2
    anywhere = {**PATHS, "Ingress/shop/app spec.rules[0].http.paths[1]": ("missing", "", "/part-2")}
    assert flawed(problems=(problem,), paths=anywhere) == ["shop.example.com/part-1/*"]


def test_an_operation_that_failed_is_on_its_resource() -> None:
    problem = Problem("LB511", INGRESS)
    own = target_group("shop", "web-1")
    for operation, titles in (
        (Update(resource=own, before=Owned(resource=own, arn="a"), changed=()), ["app-web-1:80"]),
        (Delete(before=Owned(resource=own, arn="a")), ["app-web-1:80"]),
        (Delete(before=Owned(resource=SecurityGroup(id="g", name="g", description=""), arn="a")), ["k8s-shop-app"]),
        (CreateBackendGroup(), ["k8s-shop-app"]),
        (None, ["k8s-shop-app"]),
    ):
        assert flawed(failed=((operation, problem),)) == titles


def test_the_reason_of_a_target_becomes_a_problem_with_what_to_look_at() -> None:
    found = card(group("shop", count=1, targets=2, bad={1: "unhealthy"}))
    (flaw,) = found.every
    assert (flaw.code, flaw.severity) == ("LB612", "error")
    assert "web-0-7d9f-1 is unhealthy" in flaw.message
    state = group("shop", count=1)
    described = Registered(Target("10.9.9.9"), "unhealthy", "Target.Timeout", "Request timed out")
    (flaw,) = card(replace(state, targets=dict.fromkeys(state.targets, (described,)))).every
    assert flaw.message.startswith("10.9.9.9 is unhealthy")
    assert flaw.message.endswith("(Request timed out)")


def test_of_many_targets_the_worst_are_always_shown() -> None:
    found = card(group("shop", count=1, targets=30, bad={7: "unhealthy", 9: "draining", 11: "initial"}))
    always = [box for box in boxes(found, TARGET) if not box.fold]
    assert [box.state for box in always][:4] == ["unhealthy", "initial", "draining", "healthy"]
    (rest,) = [box for box in boxes(found, TARGET) if box.fold == "few"]
    assert (rest.title, rest.state) == ("24 more targets", "all healthy")
    assert found.numbers.endswith("27 of 29 targets healthy")
    ill = card(group("shop", count=1, targets=30, bad=dict.fromkeys(range(1, 9), "unhealthy")))
    assert [box.state for box in ill.boxes if box.fold == "few"] == ["22 healthy"]


def test_of_many_rules_those_that_are_well_are_hidden_with_their_target_groups() -> None:
    found = card(group("shop", count=20, targets=1))
    hidden = {box.title for box in found.boxes if box.fold == "many"}
    assert "app-web-13:80" in hidden
    assert "shop.example.com/part-20/*" in hidden
    assert "app-web-12:80" not in hidden
    assert {"web-12-7d9f-1"} <= {box.title for box in found.boxes if box.column == TARGET and box.fold == "many"}
    said = card(group("shop", count=20, targets=1, problems=(Problem("LB511", Origin("Service", "shop", "web-20")),)))
    assert "app-web-20:80" not in {box.title for box in said.boxes if box.fold == "many"}


def test_a_network_load_balancer_has_a_default_only() -> None:
    state = group("shop", count=1)
    assert state.stack is not None
    forward = (Forward((WeightedTargetGroup(Ref("TargetGroup", "shop/app-web-1:80", "arn")),)),)
    listener = replace(state.stack.listeners[0], default_actions=forward)
    found = card(
        replace(state, stack=replace(state.stack, listeners=(listener, replace(state.stack.listeners[1], default_actions=())), rules=()))
    )
    assert [box.title for box in boxes(found, LISTENER)] == ["HTTP:80", "any other request", "HTTPS:443"]


def test_a_card_and_a_box_are_found_by_their_ids() -> None:
    found = view(card(group("shop")))
    assert found.card(found.cards[0].id) is found.cards[0]
    assert found.card("x") is None
    assert found.box(found.cards[0].boxes[3].id) == (found.cards[0], found.cards[0].boxes[3])
    assert found.box("x") is None
