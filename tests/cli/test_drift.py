"""Differences between AWS and the objects, sorted by what AWS has."""

import json
from dataclasses import replace

import pytest
from tests.cli.test_status import BALANCER, GROUP, STACK

from albatross.cli import drift
from albatross.cli.decision import Decided
from albatross.model.observed import Owned
from albatross.model.plan import ChangeRecords, Create, Delete, Operation, Plan, Step, Update
from albatross.model.resources.record import Record
from albatross.model.resources.ref import Ref

HELD = Owned(resource=BALANCER, arn="arn:lb", dns_name="lb.elb")
KEPT = {Ref("LoadBalancer", "LoadBalancer", "arn"): "arn:lb"}


def decided(*operations: Operation, ids: dict[Ref, str] | None = None) -> Decided:
    found = Plan(stack=STACK, steps=tuple(Step(operation=each) for each in operations), ids=ids or {})
    return Decided(STACK, None, found, (), ())


def states(each: Decided) -> list[str]:
    return [one.state for one in drift.drifts([each])]


def test_each_operation_says_what_aws_has() -> None:
    record = Record(id="r", zone="Z", name="a.example.com", type="A", target="lb.elb", target_zone="Z2", member=None)
    owned = Owned(resource=record, arn="r")
    edited = Update(resource=replace(BALANCER, scheme="internet-facing"), before=HELD, changed=("scheme",))
    found = decided(
        edited,
        Create(resource=GROUP),
        Create(resource=BALANCER, replaces=HELD),
        Delete(before=HELD),
        ChangeRecords(zone="Z", creates=(record,)),
        ChangeRecords(zone="Z", deletes=(owned,)),
        ChangeRecords(zone="Z", creates=(record,), deletes=(owned,)),
        ids=KEPT,
    )
    assert states(found) == ["changed", "missing", "changed", "surplus", "missing", "surplus", "changed"]


def test_a_group_without_anything_is_new() -> None:
    assert states(decided(Create(resource=GROUP))) == ["new"]
    assert states(decided(Create(resource=GROUP), Delete(before=HELD))) == ["missing", "surplus"]
    assert states(Decided(STACK, None, None, (), ())) == []
    assert not drift.exists(Decided(STACK, None, None, (), ()))


def test_it_is_shown_with_the_next_pass(capsys: pytest.CaptureFixture[str]) -> None:
    drift.show([decided(Delete(before=HELD)), decided()], [], "text", False)
    shown = capsys.readouterr().out
    assert "   1 surplus  in AWS, and no object needs it" in shown
    assert "AWS does not say who changed a resource" in shown
    assert shown.count("Plan for") == 1
    drift.show([decided()], [], "text", False)
    assert capsys.readouterr().out == "no difference: AWS has what the objects describe (1 groups)\n"
    drift.show([decided(Delete(before=HELD))], [], "json", False)
    assert json.loads(capsys.readouterr().out)["drift"][0]["state"] == "surplus"
