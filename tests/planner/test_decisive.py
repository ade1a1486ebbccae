"""Which answers are asked for again while a problem lasts."""

import pytest

from albatross.catalog.problems import PROBLEMS
from albatross.model import facts
from albatross.model.facts import Facts, RefusedAnswer
from albatross.model.problem import Origin, Problem, Severity
from albatross.planner import decisive

SUBNETS, ACLS = facts.SubnetsOfVpc(), facts.WebAclByName("acl")
DENIED = RefusedAnswer("ListWebACLs", "AccessDenied", "request 1", "wafv2")
KNOWN = Facts({SUBNETS: (), facts.Certificates(): (), facts.WebAclByName("other"): ("arn",)})


def problem(code: str, severity: Severity | None = None) -> Problem:
    return Problem(code, Origin("Ingress", "shop", "app"), (), severity)


def test_every_problem_of_the_account_has_its_answers() -> None:
    assert {code for code in PROBLEMS if code.startswith("LB3")} - {"LB320"} == set(decisive.DECIDED_BY)


@pytest.mark.parametrize(
    ("codes", "asked"),
    [
        ((), frozenset()),
        (("LB101", "LB201", "LB401"), frozenset()),
        (("LB302",), frozenset({SUBNETS})),
        (("LB302", "LB309"), frozenset({SUBNETS, facts.Certificates()})),
        (("LB501", "LB713"), frozenset()),
        (("LB302", "LB320"), None),
        (("LB505",), None),
        (("LB511",), None),
    ],
)
def test_only_what_decides_is_asked_again(codes: tuple[str, ...], asked: frozenset[object] | None) -> None:
    assert decisive.questions([problem(code) for code in codes], KNOWN) == asked


def test_what_was_refused_is_always_asked_again() -> None:
    known = Facts({**KNOWN.answers, ACLS: DENIED})
    assert decisive.questions([problem("LB511", "error")], known) == frozenset({ACLS})
    assert decisive.questions([problem("LB302")], known) == frozenset({ACLS, SUBNETS})


def test_the_text_of_a_refusal_says_nothing() -> None:
    before = Facts({ACLS: DENIED, SUBNETS: ()})
    assert decisive.same(before, Facts({ACLS: RefusedAnswer("ListWebACLs", "AccessDenied", "request 2", "wafv2")}))
    assert not decisive.same(before, Facts({ACLS: RefusedAnswer("ListWebACLs", "ExpiredToken", "request 2", "wafv2")}))
    assert not decisive.same(before, Facts({ACLS: ("arn",)}))
    assert decisive.same(before, Facts({SUBNETS: ()}))
