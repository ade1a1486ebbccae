"""Whom a problem concerns."""

from albatross.catalog.problems import PROBLEMS
from albatross.frontend.blame import blame
from albatross.model.ident import Ident
from albatross.model.problem import Origin, Problem

ERROR = next(code for code, row in PROBLEMS.items() if row.severity == "error")
REMARK = next(code for code, row in PROBLEMS.items() if row.severity != "error")
A, B = Ident("Ingress", "shop", "a"), Ident("Ingress", "shop", "b")
WEB, SECRET = Ident("Service", "shop", "web"), Ident("Secret", "shop", "web")


def test_errors_are_their_members_and_those_of_an_object_its_users() -> None:
    problems = [Problem(ERROR, Origin.of(A)), Problem(ERROR, Origin.of(WEB)), Problem(REMARK, Origin.of(B))]
    blamed = blame(problems, [A, B], {B: frozenset({WEB})})
    assert {key: len(found) for key, found in blamed.items()} == {A: 1, B: 1}


def test_what_is_mentioned_is_an_object_of_a_kind() -> None:
    assert blame([Problem(ERROR, Origin.of(SECRET))], [A, B], {A: frozenset({WEB}), B: frozenset({SECRET})}).keys() == {B}


def test_errors_that_are_nobodys_are_everybodys() -> None:
    for origin in (Origin("IngressClassParams", "", "p"), Origin("Ingress", "else", "where"), Origin("Service", "shop", "unknown")):
        assert set(blame([Problem(ERROR, origin)], [A, B], {})) == {A, B}
