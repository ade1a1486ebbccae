"""What a take-over would write is judged before it."""

from tests.cli.test_drift import HELD, decided
from tests.cli.test_status import GROUP, STACK

from albatross.cli import proof
from albatross.cli.decision import Decided
from albatross.model.plan import Create, Delete
from albatross.model.problem import Origin, Problem


def test_only_writes_to_aws_count() -> None:
    nothing = proof.judge([decided()], [])
    assert (nothing.against, nothing.told) == ((), "proof: 1 groups planned; no reasons against the hand-over; 0 bindings would be updated")
    verdict = proof.judge([decided(Create(resource=GROUP), Delete(before=HELD))], [])
    assert (len(verdict.writes), verdict.doubts, verdict.bindings) == (2, (), 0)


def test_an_error_is_a_doubt_and_no_write() -> None:
    verdict = proof.judge([Decided(STACK, None, None, (), ())], [Problem("LB101", Origin("Ingress", "shop", "web"))])
    assert verdict.writes == ()
    assert [each.split(":")[0] for each in verdict.doubts] == ["grp3", "Ingress/shop/web"]
