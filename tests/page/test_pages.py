"""The HTML: what is on the page, escaped, for eyes, keys and readers of the screen, and without secrets."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from tests.page.made import cards, group, view

from albatross.catalog.tracking import INGRESS
from albatross.model.plan import Create, Plan, Step
from albatross.model.resources.action import AuthenticateOidc
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.stack import StackId
from albatross.page import graph, rows, sheet, trial
from albatross.page.compose import GroupState, card
from albatross.page.picture import box, cut, middle, picture, title
from albatross.page.view import Box, CallRow, Flaw, PageView, PlanRow
from albatross.wording.fold import Block, blocks

FLAW = Flaw("LB511", "error", "Ingress/shop/app spec", "<b>denied</b>", "why so", "do this")
ROW = PlanRow(number=3, time="2026-11-28 20:00:00", name="shop/app", counts="3 to create", checksum="abc", state="done", health="good")
OIDC = AuthenticateOidc(
    issuer="https://id.example.com",
    authorization_endpoint="https://id.example.com/a",
    token_endpoint="https://id.example.com/t",
    user_info_endpoint="https://id.example.com/u",
    client_id="hush-id",
    client_secret="hush-secret",
    on_unauthenticated_request="authenticate",
    scope="openid",
    session_cookie_name="c",
    session_timeout=1,
)


class Elements(HTMLParser):
    """The elements, and whether each end has its start."""

    VOID = ("meta", "link", "input")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(text: str) -> Elements:
    found = Elements(text)
    assert found.open == []
    return found


def test_the_page_is_well_formed_has_unique_ids_and_nothing_that_the_policy_forbids() -> None:
    made = view(*cards(3), plans=(ROW,), calls=(CallRow(name="EC2", calls=3),), flaws=(FLAW,))
    found = parsed(sheet.document(made, 7)).found
    ids = [each["id"] for _, each in found if "id" in each]
    assert len(ids) == len(set(ids))
    assert not [each for _, each in found if "style" in each or any(name.startswith("on") for name in each)]
    assert [each["src"] for tag, each in found if tag == "script"] == ["static/htmx.min.js", "static/hx-sse.min.js", "static/page.js"]
    links = [each.get("href") or each.get("src") for _, each in found if "href" in each or "src" in each]
    assert not [link for link in links if link and (link.startswith(("/", "http")) or ":" in link)]
    assert ("div", {"id": "live", "hx-sse:connect": "events?since=7", "hx-swap": "none"}) in found


def test_names_for_readers_of_the_screen() -> None:
    found = parsed(sheet.document(view(*cards(1)), 1)).found
    assert all(each.get("aria-label") for tag, each in found if tag in ("section", "aside", "nav"))
    assert [each["lang"] for tag, each in found if tag == "html"] == ["en"]
    (drawing,) = [each for tag, each in found if tag == "svg" and each.get("class") == "picture"]
    assert drawing["role"] == "group"
    assert "24 of 24 targets healthy" in str(drawing["aria-label"])
    assert "for" in next(each for tag, each in found if tag == "label")


def test_every_text_is_escaped_everywhere() -> None:
    evil = '"><script>alert(1)</script>'
    state = group("shop", objects=(evil,), names={"10.1.0.1": evil})
    made = view(
        replace(card(state), name=evil, hosts=(evil,), flaws=(replace(FLAW, message=evil, fix=evil),)), plans=(replace(ROW, name=evil),)
    )
    for text in (sheet.document(made, 1), *(sheet.thing(made.cards[0], each) for each in made.cards[0].boxes)):
        assert "<script>" not in text
        parsed(text)
    assert "alert" in sheet.document(made, 1)


def test_no_secret_is_ever_in_it() -> None:
    state = group("shop", count=1)
    assert state.stack is not None
    rules = tuple(replace(each, actions=(OIDC, *each.actions)) for each in state.stack.rules)
    listeners = tuple(replace(each, default_actions=(OIDC,)) for each in state.stack.listeners)
    made = view(card(replace(state, stack=replace(state.stack, rules=rules, listeners=listeners))))
    steps = (*(Step(operation=Create(resource=each)) for each in rules), *(Step(operation=Create(resource=each)) for each in listeners))
    found = tuple(blocks(Plan(stack=state.id, steps=steps), frozenset()))
    texts = [sheet.document(made, 1), graph.text(made), graph.dot(made), rows.operations(ROW, found)]
    texts += [sheet.thing(made.cards[0], each) for each in made.cards[0].boxes]
    assert "id.example.com" in texts[0]
    assert not [text for text in texts if "hush" in text]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (PageView(), "There is no load balancer yet"),
        (PageView(listed=False), "not listed yet"),
        (PageView(leading=False), "The leader is not known"),
        (PageView(leading=False, leader="albatross-1", command="kubectl port-forward x"), "<pre>kubectl port-forward x"),
    ],
)
def test_it_says_what_to_do_first(made: PageView, said: str) -> None:
    assert said in sheet.notice(made)


def test_with_a_load_balancer_there_is_no_notice() -> None:
    assert sheet.notice(view(*cards(1))) == '<div id="notice" class="unseen"></div>'


def test_of_many_cards_only_those_with_a_problem_are_open() -> None:
    few = parsed(sheet.cards(view(*cards(3)))).found
    assert [each["open"] for tag, each in few if tag == "details"] == [None] * 3
    ill = card(group("ill", count=1, targets=1, bad={1: "unhealthy"}))
    many = parsed(sheet.document(view(*cards(8), ill), 1)).found
    assert [each["id"] for tag, each in many if tag == "details" and "open" in each] == [ill.id]
    assert any(each.get("id") == "filter" for _, each in many)
    closed = next(each for _, each in many if "hx-get" in each)
    assert str(closed["hx-get"]).startswith("picture?card=x")


def test_a_card_can_be_unfolded() -> None:
    large = card(group("shop", count=1, targets=30))
    assert "&amp;many=1" in sheet.body(large)
    assert sheet.body(large).count("<a ") == 16
    assert sheet.body(large, many=True).count("<a ") == 39
    assert "Show fewer boxes" in sheet.body(large, many=True)
    assert "Nothing is created yet" in sheet.body(card(GroupState(id=StackId(INGRESS, "a", "b"))))


def test_details_say_all_that_is_known() -> None:
    found = card(group("shop", count=1, targets=1, bad={1: "unhealthy"}))
    said = sheet.thing(found, found.boxes[0])
    assert all(each in said for each in ("arn:aws:elasticloadbalancing", "internal", "scheme", "load balancer k8s-shop-app"))
    assert "Target.Timeout" in sheet.thing(found, found.boxes[-1])
    assert "<dl><dt>state" in sheet.thing(found, Box(id="a", column=3, noun="targets", title="9 more", state="all healthy"))


def test_a_box_says_everything_in_its_title_and_is_cut_in_its_room() -> None:
    long = Box(id="a", column=3, noun="target", title="a-pod-with-a-very-long-name-that-ends-with-xyz12", state="healthy", flaws=(FLAW,))
    assert title(long) == "target a-pod-with-a-very-long-name-that-ends-with-xyz12, healthy, 1 problem"
    assert re.search(r">a-pod-[^<]*…[^<]*xyz12<", box(long, 250))
    assert title(Box(id="a", column=1, noun="rule", title="any")) == "rule any, not known"
    assert (cut("abcdefghij", 30, 6), cut("abc", 30, 6)) == ("abcd…", "abc")
    assert (middle("abcdefghij", 42, 6), middle("abc", 30, 6)) == ("abc…hij", "abc")
    assert "flag mild" in box(replace(long, flaws=(replace(FLAW, severity="warning"),)), 250)
    assert 'class="state"' not in box(Box(id="a", column=1, noun="rule", title="any", text="x"), 250)


def test_a_picture_has_a_line_for_each_wire() -> None:
    found = card(group("shop", count=1, targets=1))
    assert picture(found).count("<path d=") == len(found.wires) + len(found.boxes)


def test_plans_and_their_operations() -> None:
    made = SecurityGroup(id="g", name="g", description="")
    plan = Plan(stack=StackId(INGRESS, "shop", "app"), steps=(Step(operation=Create(resource=made)),))
    found = rows.operations(
        replace(ROW, failed=(("create X", "AWS says no"),)), (*blocks(plan, frozenset()), Block("-", "rule", ("a",), (("x", ("y",)),)))
    )
    assert "AWS says no" in found
    assert "delete rule" in found
    assert "No plan has changed anything" in rows.plans(view())
    assert "3 to create" in rows.plans(view(plans=(ROW,)))


def test_calls_with_and_without_a_limit() -> None:
    found = rows.calls(view(calls=(CallRow(name="ELB", calls=3, allowed=60, throttled=1), CallRow(name="EC2", calls=1))))
    assert '<meter value="3" max="60"' in found
    assert "no limit is known" in found
    assert "No call in the last minute" in rows.calls(view())


def test_problems_are_counted_and_the_worst_come_first() -> None:
    warning = replace(FLAW, severity="warning", message="later")
    assert "No problem is known" in rows.problems(view())
    found = rows.problems(view(flaws=(warning, FLAW, replace(FLAW, why="", message="other"))))
    assert "Problems (3)" in found
    assert found.index("denied") < found.index("later")
    many = rows.problems(view(flaws=tuple(replace(FLAW, message=str(number)) for number in range(60))))
    assert "The first 50 are listed" in many


def test_a_part_alone_is_a_page() -> None:
    assert parsed(sheet.alone("x", rows.flaws((FLAW,)))).found[0][0] == "html"
    assert sheet.swap(sheet.header(view())).startswith('<div hx-swap-oob="outerMorph" id="head">')


def test_the_answer_of_the_text_box() -> None:
    block = Block("+", "rule", ("a",), ())
    done = trial.TriedGroup(name="shop/app", blocks=(block,), counts="1 to create", rules=(("a", "b"),), unknown=("the subnets",))
    said = trial.answer(
        trial.TriedText(flaws=(FLAW,), groups=(done, trial.TriedGroup(name="b", reason="It has errors."), trial.TriedGroup(name="c")))
    )
    for text in ("1 problem", "Plan for shop/app: 1 to create", "the subnets", "No plan for b", "It has errors.", "Nothing to do", "Rules"):
        assert text in said
    assert trial.answer(trial.TriedText(refused="too large")) == '<p class="refused">too large</p>'
    assert "No Ingress and no Service" in trial.answer(trial.TriedText())
    assert "No problem" in trial.answer(trial.TriedText(groups=(done,)))


def test_json_and_dot() -> None:
    made = view(
        card(group("shop", count=1, targets=9)),
        plans=(replace(ROW, failed=(("a", "b"),)),),
        calls=(CallRow(name="EC2", calls=1),),
        flaws=(FLAW,),
    )
    found = graph.form(made)
    (shop,) = found["groups"]
    assert (found["cluster"], shop["name"], len([each for each in shop["nodes"] if each["kind"] == "target"])) == ("prod", "shop/app", 9)
    names = {each["id"] for each in shop["nodes"]}
    assert all(each["from"] in names and each["to"] in names for each in shop["edges"])
    assert found["plans"][0]["failed"] == [{"operation": "a", "error": "b"}]
    dot = graph.dot(made)
    assert dot.startswith("digraph albatross {")
    assert dot.count("->") == len(shop["edges"])
    assert "more targets" not in dot
