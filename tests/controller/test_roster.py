"""What a target group is believed to hold."""

import pytest

from albatross.controller.roster import TRUST_SECONDS, List, after
from albatross.model.target import Registered, Target, TargetChange
from albatross.planner import targets

A, B, C = Target("10.0.0.1", 80), Target("10.0.0.2", 80), Target("10.0.0.3", 80)


def test_after_a_change_there_is_nothing_to_do() -> None:
    before = [Registered(A, "healthy"), Registered(B, "healthy"), Registered(C, "draining")]
    wanted = [A, C]
    found = after(before, targets.diff(wanted, before))
    assert {each.target: each.state for each in found} == {A: "healthy", B: "draining", C: "initial"}
    assert not targets.diff(wanted, found)


def test_one_that_was_deregistered_is_registered_again() -> None:
    found = after([Registered(A, "healthy")], TargetChange(deregister=(A,)))
    assert targets.diff([A], found).register == (A,)


def test_a_list_is_believed_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.monotonic", lambda: 1000.0)
    assert List((), 1000.0 - TRUST_SECONDS + 1).fresh
    assert not List((), 1000.0 - TRUST_SECONDS).fresh
