"""What a plan comes to: how many resources of each kind are created, changed, replaced and deleted."""

import pytest

from albatross.catalog.tracking import INGRESS
from albatross.cli.terminal.total import counts, headline, kinds, total
from albatross.model.observed import Owned
from albatross.model.plan import (
    ChangeRecords,
    Create,
    CreateBackendGroup,
    Delete,
    DeleteBinding,
    Deregister,
    Move,
    Operation,
    Plan,
    PutBinding,
    Register,
    Retire,
    SetCapacity,
    SetRulePriorities,
    Step,
    Update,
)
from albatross.model.resources.binding import Binding
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.record import Record
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Rule
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.stack import StackId
from albatross.model.target import Target
from albatross.wording.words import plural

GROUP = SecurityGroup(id="ManagedLBSecurityGroup", name="k8s-app", description="")
OWNED = Owned(resource=GROUP, arn="sg-1")
HELD = Owned(
    resource=LoadBalancer(id="LoadBalancer", name="k8s-app", type="application", scheme="internal", ip_address_type="ipv4"), arn="lb"
)
TARGETS = Ref("TargetGroup", "a", "arn")
BINDING = Binding(id="a", namespace="shop", name="k8s-a", target_group=TARGETS, target_type="ip", service="a", port=80)
BOUND = Owned(resource=BINDING, arn="shop/k8s-a")
RULE = Rule(id="80:1", listener=Ref("Listener", "80", "arn"), priority=1, actions=(), conditions=())
MOVE = Move(rule=Owned(resource=RULE, arn="rule"), priority=2)


def records(*names: str) -> tuple[Record, ...]:
    return tuple(Record(id=f"Z1/{name}/A", zone="Z1", name=name, type="A") for name in names)


GONE = tuple(Owned(resource=each, arn="r") for each in records("c", "d"))


def plan(*operations: Operation) -> Plan:
    return Plan(stack=StackId(INGRESS, "shop", "app"), steps=tuple(Step(operation=each) for each in operations))


CASES: list[tuple[Operation, dict[str, dict[str, int]]]] = [
    (Create(resource=GROUP), {"create": {"security group": 1}}),
    (Create(resource=GROUP, replaces=OWNED), {"replace": {"security group": 1}}),
    (Update(resource=GROUP, before=OWNED, changed=("ingress",)), {"change": {"security group": 1}}),
    (Delete(before=OWNED), {"delete": {"security group": 1}}),
    (Delete(before=OWNED, replaced=True), {}),
    (CreateBackendGroup(), {"create": {"backend security group": 1}}),
    (Retire(before=HELD), {"change": {"address": 1}}),
    (SetCapacity(load_balancer=TARGETS, units=1), {"change": {"capacity reservation": 1}}),
    (SetRulePriorities(listener=TARGETS, moves=(MOVE, MOVE)), {"change": {"rule priority": 2}}),
    (Register(target_group=TARGETS, targets=(Target("a"), Target("b"))), {"create": {"target": 2}}),
    (Deregister(target_group=TARGETS, targets=(Target("a"),)), {"delete": {"target": 1}}),
    (PutBinding(resource=BINDING), {"create": {"target group binding": 1}}),
    (PutBinding(resource=BINDING, before=BOUND), {"change": {"target group binding": 1}}),
    (DeleteBinding(before=BOUND), {"delete": {"target group binding": 1}}),
    # a record that changes is deleted and created in one call; it is one change
    (
        ChangeRecords(zone="Z1", creates=records("a", "b", "c"), deletes=GONE),
        {"create": {"DNS record": 2}, "change": {"DNS record": 1}, "delete": {"DNS record": 1}},
    ),
    (ChangeRecords(zone="Z1", creates=records("a", "b")), {"create": {"DNS record": 2}}),
]


@pytest.mark.parametrize(("operation", "wanted"), CASES)
def test_each_operation_is_counted(operation: Operation, wanted: dict[str, dict[str, int]]) -> None:
    assert total([plan(operation)]) == wanted


def test_several_plans_share_one_backend_group() -> None:
    found = total([plan(CreateBackendGroup(), Create(resource=GROUP)), plan(CreateBackendGroup(), Create(resource=GROUP))])
    assert found == {"create": {"backend security group": 1, "security group": 2}}
    assert list(kinds(found)) == [("create", "1 backend security group, 2 security groups")]


def test_words() -> None:
    assert counts(total([])) == "0 changes"
    assert plural("rule priority", 2) == "2 rule priorities"
    assert plural("target group", 1000) == "1,000 target groups"
    both = headline({"create": {"rule": 2}, "delete": {"rule": 1}}, 3, 1)
    assert both == "Total of 3 groups: 2 to create, 1 to delete; 1 group has no plan"
    assert headline({}, 2, 2) == "Total of 2 groups: 0 changes; 2 groups have no plan"
