"""What routes ask for, and who keeps it."""

import pytest

from albatross.model.ident import Ident
from albatross.model.intent import Balancer, Intent, Listen, Member, Route, Share
from albatross.model.problem import Origin, Problem
from albatross.model.resources.action import FixedResponse
from albatross.model.resources.rule import Condition
from albatross.model.resources.stack import StackId
from albatross.planner import claims
from albatross.planner.claims import Slot

A, B, C = Ident("Ingress", "a", "one"), Ident("Ingress", "b", "two"), Ident("Ingress", "a", "three")
OK = FixedResponse(status_code="200")


def conditions(host: str = "", *paths: str) -> tuple[Condition, ...]:
    hosts = (Condition(field="host-header", values=(host,)),) if host else ()
    return (*hosts, *((Condition(field="path-pattern", values=paths),) if paths else ()))


def route(ident: Ident, place: str, *found: Condition) -> Route:
    return Route(origin=Origin.of(ident, place), answer=OK, conditions=found)


def intent(*given: tuple[Ident, int, tuple[Route, ...], Route | None]) -> Intent:
    shares = [
        Share(
            member=ident,
            origin=Origin.of(ident),
            listens=(Listen(id=str(port), port=port, protocol="HTTP", origin=Origin.of(ident), routes=routes, default=default),),
        )
        for ident, port, routes, default in given
    ]
    members = tuple(Member(ident=ident, origin=Origin.of(ident)) for ident, *_ in given)
    return Intent(id=StackId("o", "", "g"), members=members, balancers=(Balancer(id="b", family="application", shares=tuple(shares)),))


def kept(found: Intent) -> dict[Ident, list[str]]:
    return {share.member: [each.origin.field for each in share.routes] for share in found.shares}


def settled(given: Intent, *order: Ident) -> tuple[Intent, tuple[Problem, ...]]:
    return claims.settled(given, claims.contested(given), lambda ident, _: (order.index(ident),))


@pytest.mark.parametrize(
    ("found", "pairs"),
    [
        ((), {("", "")}),
        (conditions("A.example.com", "/x", "/x/*"), {("a.example.com", "/x")}),
        (conditions("a.example.com", "/*"), {("a.example.com", "")}),
        ((Condition(field="path-pattern", regex_values=("^/a",)),), {("", "~^/a")}),
        ((Condition(field="source-ip", values=("10.0.0.0/8",)),), {("", "")}),
    ],
)
def test_pairs(found: tuple[Condition, ...], pairs: set[tuple[str, str]]) -> None:
    assert claims.pairs(found) == pairs


def test_what_is_denied() -> None:
    found = conditions("h", "/x", "/x/*")
    assert claims.denied(found, frozenset({("h", "/x")}))
    assert claims.denied(found, frozenset({("h", "*")}))
    assert not claims.denied(found, frozenset({("h", "/y"), ("i", "*")}))


def test_only_other_namespaces_ports_hosts_and_paths_are_no_rivals() -> None:
    own = (A, 80, (route(A, "r", *conditions("h", "/")),), None)
    for other in (
        (C, 80, (route(C, "r", *conditions("h", "/")),), None),
        (B, 81, (route(B, "r", *conditions("h", "/")),), None),
        (B, 80, (route(B, "r", *conditions("i", "/")),), None),
        (B, 80, (route(B, "r", *conditions("h", "/x")),), None),
    ):
        assert claims.contested(intent(own, other)) == {}


def test_the_first_one_keeps_it_and_both_are_told() -> None:
    rivals = intent(
        (A, 80, (route(A, "x", *conditions("h", "/x")), route(A, "y", *conditions("h", "/y"))), None),
        (B, 80, (route(B, "x", *conditions("h", "/x/*")), route(B, "z", *conditions("h", "/z"))), None),
    )
    assert claims.contested(rivals) == {Slot(80, "h", "/x"): {A, B}}
    found, told = settled(rivals, B, A)
    assert kept(found) == {A: ["y"], B: ["x", "z"]}
    assert [(each.ident, each.faulty, each.denied) for each in found.members] == [(A, True, {("h", "/x")}), (B, False, frozenset())]
    assert [(each.code, each.origin.ident, each.severity, dict(each.args)["said"]) for each in told] == [
        ("LB445", A, None, "belongs to Ingress b/two, which had it first"),
        ("LB445", B, "warning", "is also in Ingress a/one, and only this object gets the requests"),
    ]
    assert {dict(each.args)["what"] for each in told} == {"h/x"}


def test_the_whole_namespace_keeps_it() -> None:
    rivals = intent(*((each, 80, (route(each, "r", *conditions("h", "/")),), None) for each in (A, B, C)))
    found, told = settled(rivals, A, B, C)
    assert kept(found) == {A: ["r"], B: [], C: ["r"]}
    assert [each.origin.ident for each in told] == [A, B]


def test_defaults_and_regular_expressions() -> None:
    pattern = Condition(field="path-pattern", regex_values=("^/a",))
    rivals = intent(*((each, 80, (route(each, "r", pattern),), route(each, "d")) for each in (A, B)))
    found, told = settled(rivals, A, B)
    assert kept(found) == {A: ["r", "d"], B: []}
    assert {dict(each.args)["what"] for each in told} == {"every host/", "every host matching ^/a"}
