"""A message holds only what differs, and applied to the old page it gives the new one."""

from dataclasses import replace

from tests.page.made import cards, group, view

from albatross.page.change import change, events, whole
from albatross.page.compose import card
from albatross.page.view import CallRow, Flaw, PlanRow

ROW = PlanRow(number=3, time="t", name="shop/app", counts="3 to create", checksum="abc", state="1 of 3 done", health="warn")
ONE, TWO = card(group("one", 1, 2)), card(group("two", 1, 2))


def test_nothing_changed() -> None:
    made = view(ONE, TWO, plans=(ROW,))
    assert change(made, made) == ""
    assert change(made, view(card(group("one", 1, 2)), card(group("two", 1, 2)), plans=(ROW,))) == ""


def test_a_target_that_turns_ill_is_sent_with_what_depends_on_it() -> None:
    ill = card(group("one", 1, 2, bad={1: "initial"}))
    said = change(view(ONE, TWO), view(ill, TWO))
    changed = [box.id for box, old in zip(ill.boxes, ONE.boxes, strict=True) if box != old]
    assert all(f'<g id="{id}" hx-swap-oob="outerMorph">' in said for id in changed)
    assert f'id="{ill.id}-line"' in said
    assert 'id="head"' in said
    assert f"{ill.id}-ask" not in said
    assert TWO.id not in said


def test_another_picture_is_only_asked_for() -> None:
    more = card(group("one", 1, 3))
    said = change(view(ONE, TWO), view(more, TWO))
    assert f'id="{more.id}-ask"' in said
    assert f"picture?card={more.id}&amp;many=1" in said
    assert "<path" not in said.replace('class="mark"', "").partition("<svg")[0]


def test_cards_come_and_go_at_their_place() -> None:
    assert f'hx-swap-oob="afterend:#{ONE.id}"' in change(view(ONE), view(ONE, TWO))
    assert 'hx-swap-oob="afterbegin:#cards"' in change(view(TWO), view(ONE, TWO))
    assert f'<div id="{ONE.id}" hx-swap-oob="delete"></div>' in change(view(ONE, TWO), view(TWO))
    assert 'id="notice"' in change(view(), view(ONE))


def test_problems_plans_and_calls() -> None:
    flaw = Flaw("LB511", "error", "x", "m", "w", "f")
    said = change(view(ONE), view(ONE, flaws=(flaw,)))
    assert "Problems (1)" in said
    assert 'hx-swap-oob="afterbegin:#flaws"' in said
    assert 'hx-swap-oob="outerMorph" id="plans"' in change(view(ONE), view(ONE, plans=(ROW,)))
    done = replace(ROW, state="done")
    assert change(view(ONE, plans=(ROW,)), view(ONE, plans=(done,))).startswith('<summary hx-swap-oob="outerMorph" id="plan-3-line">')
    assert "afterbegin:#rows" in change(view(ONE, plans=(ROW,)), view(ONE, plans=(replace(ROW, number=4), ROW)))
    calls = (CallRow(name="EC2", calls=3),)
    assert change(view(ONE), view(ONE, calls=calls)).startswith('<section hx-swap-oob="outerMorph" id="calls"')


def test_a_change_is_small_whatever_the_size_of_the_page() -> None:
    many = cards(60)
    ill = card(group("team-007", 2, 12, bad={1: "initial"}))
    said = change(view(*many), view(*(ill if each.id == ill.id else each for each in many)))
    assert 1000 < len(said) < 12_000


def test_everything_for_a_page_that_was_away() -> None:
    said = whole(view(ONE, plans=(ROW,)))
    assert all(f'hx-swap-oob="outerHTML" id="{id}"' in said for id in ("head", "notice", "cards", "problems", "plans", "calls"))


def test_an_event_keeps_lines() -> None:
    assert events(4, ["a\nb"]) == "id: 4\ndata: a\ndata: b\n\n"
    assert events(4, []) == "id: 4\n\n"


def test_a_problem_that_stays_is_not_sent_again() -> None:
    flaws = tuple(Flaw("LB511", "error", "x", str(number), "w", "f") for number in range(2))
    said = change(view(ONE, flaws=flaws), view(ONE, flaws=(flaws[1], replace(flaws[0], message="2"))))
    assert "Problems (2)" not in said
    assert said.count("<li") == 1


def test_a_pod_that_gets_its_name_changes_only_its_box() -> None:
    state = group("one", 1, 2)
    said = change(view(card(replace(state, names={}))), view(ONE))
    assert "summary" not in said
    assert said.count("hx-swap-oob") == 4
