"""What a target group is believed to hold."""

from tests.clock import Virtual

from albatross.controller.known import TRUST_SECONDS, KnownTargets, List, after
from albatross.model.target import Change, Registered, Target
from albatross.planner import targets

A, B, C = Target("10.0.0.1", 80), Target("10.0.0.2", 80), Target("10.0.0.3", 80)


def test_after_a_change_there_is_nothing_to_do() -> None:
    before = [Registered(A, "healthy"), Registered(B, "healthy"), Registered(C, "draining")]
    wanted = [A, C]
    found = after(before, targets.diff(wanted, before))
    assert {each.target: each.state for each in found} == {A: "healthy", B: "draining", C: "initial"}
    assert not targets.diff(wanted, found)


def test_one_that_was_deregistered_is_registered_again() -> None:
    found = after([Registered(A, "healthy")], Change(deregister=(A,)))
    assert targets.diff([A], found).register == (A,)


async def test_a_list_is_believed_for_a_while() -> None:
    clock = Virtual()
    known = KnownTargets(clock, {"arn": List((), clock.now())})
    await clock.advance(TRUST_SECONDS - 1)
    assert known.members("arn") == ()
    await clock.advance(1)
    assert known.members("arn") is None
    assert known.members("other") is None
