"""Boxes have places that do not overlap, and lines lead from box to box."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.page.made import group

from albatross.page.compose import card
from albatross.page.layout import WIDTH, draw, shape
from albatross.page.view import Box, Card, Wire


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 15), st.integers(0, 12), st.booleans())
def test_no_boxes_overlap_and_all_are_inside(services: int, targets: int, many: bool) -> None:
    found = draw(card(group("shop", services, targets)), many)
    for one, two in combinations(found.places, 2):
        apart = one.x + one.width <= two.x or two.x + two.width <= one.x or one.y + one.height <= two.y or two.y + two.height <= one.y
        assert apart, (one, two)
    assert all(each.x >= 0 and each.x + each.width <= WIDTH and each.y + each.height <= found.height for each in found.places)


def test_a_target_group_is_beside_its_first_rule_and_its_targets_are_beside_it() -> None:
    found = draw(card(group("shop", 1, 2)))
    places = {each.box.title: each for each in reversed(found.places)}
    assert places["app-web-1:80"].y == places["shop.example.com/part-1/*"].y == places["web-0-7d9f-1"].y
    assert "M" in found.lines[0]


def test_two_load_balancers_are_below_each_other_and_what_has_none_has_a_place() -> None:
    made = (Box(id="a", column=0, noun="load balancer", title="a"), Box(id="b", column=0, noun="load balancer", title="b"))
    listeners = (Box(id="c", column=1, noun="listener", title="c"), Box(id="d", column=1, noun="listener", title="d", text="x"))
    alone = Box(id="e", column=2, noun="target group", title="e")
    found = draw(Card(id="x", name="x", boxes=(*made, *listeners, alone), wires=(Wire("a", "c"), Wire("b", "d"))))
    ys = {each.box.id: each.y for each in found.places}
    assert ys["a"] == ys["c"] < ys["b"] == ys["d"] < ys["e"]
    orphan = draw(Card(id="x", name="x", boxes=(listeners[0],)))
    assert [each.box.id for each in orphan.places] == ["c"]
    assert draw(Card(id="x", name="x")).places == ()


def test_the_shape_changes_with_boxes_and_wires_and_not_with_health() -> None:
    same = shape(card(group("shop", 1, 2)))
    assert shape(card(group("shop", 1, 2, bad={1: "initial", 2: "initial"}))) == same
    assert shape(card(group("shop", 1, 3))) != same
