"""The targets that a target group is expected to have."""

from typing import Any

import pytest
from tests.aws.scripted import Scripted, fails
from tests.clock import Virtual

from albatross.aws.session import errors
from albatross.controller.known import TRUST_SECONDS, KnownTargets, List, after
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


async def test_a_list_is_believed_for_a_while() -> None:
    clock = Virtual()
    known = KnownTargets(clock, {"arn": List((), clock.now())})
    await clock.advance(TRUST_SECONDS - 1)
    assert known.members("arn") == ()
    await clock.advance(1)
    assert known.members("arn") is None
    assert known.members("other") is None


# Changes ---------------------------------------------------------------------------------------------------------------


def rows(*targets: Target) -> dict[str, Any]:
    found = [{"Target": {"Id": each.id, "Port": each.port}, "TargetHealth": {"State": "healthy"}} for each in targets]
    return {"TargetHealthDescriptions": found}


async def test_a_change_is_known_without_another_look() -> None:
    session = Scripted(DescribeTargetHealth=lambda **request: rows(A, B), RegisterTargets=done, DeregisterTargets=done)
    known = KnownTargets(session.clock)
    await known.look(session, "arn")
    await known.change(session, "arn", TargetChange(register=(C,), deregister=(A,)))
    assert {each.target: each.state for each in known.members("arn") or ()} == {A: "draining", B: "healthy", C: "initial"}
    assert [name for name, _ in session.calls] == ["DescribeTargetHealth", "RegisterTargets", "DeregisterTargets"]


async def test_a_target_with_another_server_id_is_deregistered_first() -> None:
    session = Scripted(RegisterTargets=done, DeregisterTargets=done)
    old, new = Target("10.0.0.1", 443, server_id="0x1"), Target("10.0.0.1", 443, server_id="0x2")
    change = TargetChange(register=(new,), deregister=(B, old))
    assert change.replaced == (old,)
    await KnownTargets(session.clock).change(session, "arn", change)
    seen = [(name, [each["Id"] for each in request["Targets"]]) for name, request in session.calls]
    assert seen == [("DeregisterTargets", ["10.0.0.1"]), ("RegisterTargets", ["10.0.0.1"]), ("DeregisterTargets", ["10.0.0.2"])]


async def test_a_change_of_an_unknown_group_teaches_nothing() -> None:
    session = Scripted(RegisterTargets=done)
    known = KnownTargets(session.clock)
    await known.change(session, "arn", TargetChange(register=(A,)))
    assert known.members("arn") is None


async def test_after_a_failure_the_group_is_unknown() -> None:
    session = Scripted(DescribeTargetHealth=lambda **request: rows(A), RegisterTargets=fails(errors.Limit, "TooManyTargets"))
    known = KnownTargets(session.clock)
    await known.look(session, "arn")
    with pytest.raises(errors.Limit):
        await known.change(session, "arn", TargetChange(register=(B,)))
    assert known.members("arn") is None


async def test_what_aws_denies_changes_nothing() -> None:
    session = Scripted(DescribeTargetHealth=lambda **request: rows(A), RegisterTargets=fails(errors.Denied, "AccessDenied"))
    known = KnownTargets(session.clock)
    await known.look(session, "arn")
    with pytest.raises(errors.Denied):
        await known.change(session, "arn", TargetChange(register=(B,)))
    assert [each.target for each in known.members("arn") or ()] == [A]


async def test_what_aws_denies_after_another_change_is_read_again() -> None:
    no = fails(errors.Denied, "AccessDenied")
    session = Scripted(DescribeTargetHealth=lambda **request: rows(A), RegisterTargets=done, DeregisterTargets=no)
    known = KnownTargets(session.clock)
    await known.look(session, "arn")
    with pytest.raises(errors.Denied):
        await known.change(session, "arn", TargetChange(register=(B,), deregister=(A,)))
    assert known.members("arn") is None


async def test_a_look_that_fails_leaves_nothing_to_believe() -> None:
    session = Scripted(DescribeTargetHealth=lambda **request: rows(A))
    known = KnownTargets(session.clock)
    await known.look(session, "arn")
    session.answers["DescribeTargetHealth"] = fails(errors.NotFound, "TargetGroupNotFound")
    with pytest.raises(errors.NotFound):
        await known.look(session, "arn")
    assert known.members("arn") is None


def done(**request: Any) -> dict[str, Any]:
    return {}
