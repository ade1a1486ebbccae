"""A line for each thing that happens."""

import pytest

from albatross.cli.terminal.operation import line
from albatross.model.observed import Owned
from albatross.model.plan import (
    ChangeRecords,
    Create,
    CreateBackendGroup,
    Delete,
    DeleteBinding,
    Deregister,
    Done,
    Failed,
    Operation,
    PutBinding,
    Register,
    Retire,
    SetCapacity,
    SetRulePriorities,
    Skipped,
    Step,
    Update,
)
from albatross.model.resources.binding import Binding
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.record import Record
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Rule
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.target import Target
from albatross.wording.operation import sign, subject

GROUP = SecurityGroup(id="ManagedLBSecurityGroup", name="k8s-app", description="")
RECORD = Record(id="Z1/a/A", zone="Z1", name="a", type="A")
OWNED = Owned(resource=GROUP, arn="sg-1")
HELD = Owned(
    resource=LoadBalancer(id="LoadBalancer", name="k8s-app", type="application", scheme="internal", ip_address_type="ipv4"), arn="lb"
)
RULE = Rule(id="443:1", listener=Ref("Listener", "443", "arn"), priority=1, actions=(), conditions=())
TARGETS = Ref("TargetGroup", "a", "arn")
BINDING = Binding(
    id="a", namespace="shop", name="k8s-a", target_group=Ref("TargetGroup", "a", "arn"), target_type="ip", service="a", port=80
)
BALANCER = Ref("LoadBalancer", "LoadBalancer", "arn")

CASES: list[tuple[Operation, str, str]] = [
    (Create(resource=GROUP), "+", "security group k8s-app"),
    (Create(resource=RULE), "+", "rule 443:1"),
    (Create(resource=GROUP, replaces=OWNED), "-/+", "security group k8s-app"),
    (Update(resource=GROUP, before=OWNED, changed=("ingress",)), "~", "security group k8s-app"),
    (Delete(before=OWNED), "-", "security group k8s-app"),
    (Delete(before=OWNED, replaced=True), "-/+", "security group k8s-app"),
    (CreateBackendGroup(), "+", "backend security group shared by the cluster"),
    (Retire(before=HELD), "~", "address moves away from load balancer k8s-app"),
    (SetCapacity(load_balancer=BALANCER, units=100), "~", "capacity 100 LCUs"),
    (SetRulePriorities(listener=Ref("Listener", "443", "arn"), moves=()), "~", "rule priorities 443, 0 rules"),
    (ChangeRecords(zone="Z1", creates=(RECORD,)), "+", "DNS records in hosted zone Z1"),
    (ChangeRecords(zone="Z1", deletes=(Owned(resource=RECORD, arn="r"),)), "-", "DNS records in hosted zone Z1"),
    (ChangeRecords(zone="Z1", creates=(RECORD,), deletes=(Owned(resource=RECORD, arn="r"),)), "~", "DNS records in hosted zone Z1"),
    (Register(target_group=TARGETS, targets=(Target(id="10.0.0.1"),)), "+", "targets 1 of a"),
    (Deregister(target_group=TARGETS, targets=()), "-", "targets 0 of a"),
    (PutBinding(resource=BINDING), "+", "target group binding a"),
    (PutBinding(resource=BINDING, before=Owned(resource=BINDING, arn="shop/k8s-a")), "~", "target group binding a"),
    (DeleteBinding(before=Owned(resource=BINDING, arn="shop/k8s-a")), "-", "target group binding shop/k8s-a"),
]


@pytest.mark.parametrize(("operation", "mark", "words"), CASES, ids=lambda each: str(getattr(each, "id", "")) or None)
def test_each_kind_has_its_line(operation: Operation, mark: str, words: str) -> None:
    assert sign(operation) == mark
    assert line(Done(Step(operation=operation)), subject(operation)[1]).plain == f"  ✓ {mark:>3} {words}"


def test_what_failed_says_why() -> None:
    step = Step(operation=Create(resource=GROUP))
    assert line(Failed(step, ValueError("no room")), "k8s-app").plain == "  ✗   + security group k8s-app: no room"
    assert line(Skipped(step, "create x"), "k8s-app").plain == "  ·   + security group k8s-app: not done, it needs create x"
    assert line(Skipped(step), "k8s-app").plain == "  ·   + security group k8s-app: not done, stopped"
