"""What Ingresses mention, and whom a problem concerns."""

from albatross.catalog.problems import PROBLEMS
from albatross.frontend.ingress.reference import blame
from albatross.model.ident import Ident
from albatross.model.problem import Origin, Problem

ERROR = next(code for code, row in PROBLEMS.items() if row.severity == "error")
REMARK = next(code for code, row in PROBLEMS.items() if row.severity != "error")
A, B = Ident("Ingress", "shop", "a"), Ident("Ingress", "shop", "b")


def test_errors_are_their_members_and_those_of_a_service_its_users() -> None:
    problems = [
        Problem(ERROR, Origin("Ingress", "shop", "a")),
        Problem(ERROR, Origin("Service", "shop", "web")),
        Problem(REMARK, Origin("Ingress", "shop", "b")),
    ]
    blamed = blame(problems, [A, B], {B: frozenset({"web"})})
    assert {key: len(found) for key, found in blamed.items()} == {A: 1, B: 1}


def test_errors_that_are_nobodys_are_everybodys() -> None:
    for origin in (Origin("IngressClassParams", "", "p"), Origin("Ingress", "else", "where"), Origin("Service", "shop", "unknown")):
        assert set(blame([Problem(ERROR, origin)], [A, B], {})) == {A, B}
