"""Which current resource matches each desired one, and which reference replaces its ARN."""

from dataclasses import is_dataclass, replace
from typing import get_args, get_type_hints

import pytest
from tests.planner.stand import BALANCER, CONFIG, GROUP, LB, LISTENER, SG, STACK, TG, WEB, there

from albatross.model.observed import Observed
from albatross.model.resources.action import Forward
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Rule
from albatross.model.resources.stack import Stack
from albatross.planner.link import link
from albatross.planner.nouns import NOUNS, Row


def forwarded(rule: Rule) -> str | Ref:
    action = rule.actions[0]
    assert isinstance(action, Forward)
    return action.target_groups[0].target_group


def test_what_goes_on_is_named_by_reference() -> None:
    found = link(STACK, there(STACK), CONFIG)
    assert found.ids == {SG: f"sg-{SG.id}", LB: f"arn:lb/{LB.id}", TG: f"arn:tg/{WEB}", LISTENER: "arn:ls/80"}
    assert forwarded(found.plain.rules[0].resource) == f"arn:tg/{WEB}"
    assert forwarded(found.current.rules[0].resource) == TG
    assert (found.plain.bindings[0].resource.id, found.current.bindings[0].resource.target_group) == (WEB, TG)


def test_what_is_replaced_or_goes_keeps_its_arn() -> None:
    other = replace(STACK, target_groups=(replace(GROUP, target_type="instance"),))
    for stack in (other, replace(STACK, target_groups=())):
        found = link(stack, there(STACK), CONFIG)
        assert TG not in found.ids
        assert forwarded(found.current.rules[0].resource) == f"arn:tg/{WEB}"


def test_a_name_and_zone_are_known_where_aws_told_them() -> None:
    old = there(STACK)
    told = replace(old, load_balancers=(replace(old.load_balancers[0], dns_name="app.elb"),))
    assert {ref.field for ref in link(STACK, told, CONFIG).ids if ref.kind == "LoadBalancer"} == {"arn", "dns_name"}


def test_rules_belong_to_their_listener_though_its_load_balancer_is_replaced() -> None:
    stack = replace(STACK, load_balancers=(replace(BALANCER, scheme="internet-facing"),))
    found = link(stack, there(STACK), CONFIG)
    assert not any(ref.kind in ("LoadBalancer", "Listener") for ref in found.ids)
    assert {each.resource.listener for each in found.current.rules} == {LISTENER}


def ports(*protocols: str) -> Stack:
    listener = STACK.listeners[0]
    return replace(
        STACK, listeners=tuple(replace(listener, id=f"{each}-53", port=53, protocol=each) for each in protocols), rules=(), bindings=()
    )


@pytest.mark.parametrize(
    ("wanted", "known"),
    [
        (("TCP", "UDP"), {"TCP-53": "arn:ls/TCP-53", "UDP-53": "arn:ls/UDP-53"}),
        (("UDP",), {"UDP-53": "arn:ls/UDP-53"}),
        (("TLS", "UDP"), {"TLS-53": "arn:ls/TCP-53", "UDP-53": "arn:ls/UDP-53"}),
        (("TLS", "TCP_UDP", "QUIC"), {"TLS-53": "arn:ls/TCP-53", "TCP_UDP-53": "arn:ls/UDP-53"}),
    ],
)
def test_listeners_that_share_a_port_are_told_apart_by_protocol(wanted: tuple[str, ...], known: dict[str, str]) -> None:
    found = link(ports(*wanted), there(ports("TCP", "UDP")), CONFIG)
    assert {ref.id: arn for ref, arn in found.ids.items() if ref.kind == "Listener"} == known


def test_every_noun_has_a_place_in_the_stack_and_in_what_stands() -> None:
    assert all(row.desired(STACK) == getattr(STACK, row.field) and row.current(Observed()) == () for row in NOUNS)


def classes(kind: object) -> frozenset[object]:
    """Every class that a field of a noun can hold, at any depth."""
    parts = [*get_args(kind), *(get_type_hints(kind).values() if is_dataclass(kind) else ())]
    return frozenset({kind}).union(*map(classes, parts))


@pytest.mark.parametrize("row", [row for row in NOUNS if row.alone], ids=lambda row: row.name)
def test_a_noun_that_is_alone_has_no_reference(row: Row) -> None:
    assert Ref not in classes(row.noun)
    assert Ref in classes(Rule)
