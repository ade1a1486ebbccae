"""Events as values: who is told what, in which words."""

from dataclasses import replace

from albatross.catalog.problems import PROBLEMS
from albatross.catalog.tracking import INGRESS
from albatross.frontend import report
from albatross.model.ident import Ident
from albatross.model.observed import Owned
from albatross.model.plan import (
    Create,
    CreateBackendGroup,
    DeleteBinding,
    Done,
    Failed,
    Operation,
    Outcome,
    Plan,
    PutBinding,
    Result,
    SetCapacity,
    Skipped,
    Standby,
    Step,
)
from albatross.model.problem import Origin, Problem
from albatross.model.resources.binding import Binding
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Rule
from albatross.model.resources.stack import Stack, StackId
from albatross.model.resources.target_group import HealthCheck, TargetGroup

ERROR = next(code for code, row in PROBLEMS.items() if row.severity == "error")
A = Ident("Ingress", "shop", "a")
CHECK = HealthCheck(port=1, protocol="TCP", interval_seconds=5, timeout_seconds=2, healthy_threshold_count=2, unhealthy_threshold_count=2)
GROUP = TargetGroup(
    id="b-web",
    name="k8s-b",
    target_type="ip",
    port=80,
    protocol="HTTP",
    ip_address_type="ipv4",
    health_check=CHECK,
    member=Ident("Ingress", "shop", "b"),
)
STACK = Stack(id=StackId(INGRESS, "", "team"), target_groups=(GROUP,))
BALANCER = LoadBalancer(id="LoadBalancer", name="k8s-app", type="application", scheme="internal", ip_address_type="ipv4")


def test_a_broken_member_is_told_code_place_and_fix() -> None:
    line = report.broken(A, [Problem(ERROR, Origin.of(A, "spec"))])
    assert (line.ident, line.type, line.reason) == (A, "Warning", "FailedBuildModel")
    assert line.message.startswith(f"Failed build model due to {ERROR}: ")
    assert "[Ingress/shop/a spec] fix: " in line.message


def refusal(number: int) -> Problem:
    return Problem("LB520", Origin.of(A), (("remedy", "wait"), ("said", f"no {number}"), ("what", "put Binding x")))


def test_a_refusal_is_told_with_what_was_done_and_what_waits() -> None:
    binding = Binding(id="x", namespace="shop", name="t", target_group="arn", target_type="ip", service="web", port=80)
    gone = Step(operation=DeleteBinding(before=Owned(resource=binding, arn="shop/t")))
    made = Step(operation=CreateBackendGroup())
    outcome = Outcome(results=(Done(made), Failed(made, ValueError("quota")), Skipped(gone, made.id)))
    line = report.undone(A, [refusal(1)], report.progress(outcome, 1))
    assert line.reason == "FailedDeployModel"
    assert line.message.startswith("Failed deploy model due to LB520: put Binding x: no 1; fix: ")
    assert line.message.endswith("; 1 of 3 operations are done, 1 wait for it")


def test_of_many_refusals_some_are_told() -> None:
    line = report.undone(A, [refusal(number) for number in range(5)], report.progress(Outcome(), 5))
    assert "no 1" in line.message
    assert "no 2" not in line.message
    assert "; and 3 more; " in line.message


def test_a_refusal_without_a_plan() -> None:
    assert report.stopped(A, refusal(1)).reason == "FailedDeployModel"


def test_success_is_told_in_the_other_controllers_words() -> None:
    assert report.well(A) == report.Line(A, "Normal", "SuccessfullyReconciled", "Successfully reconciled")


def test_what_is_told_before_it_happens_has_reasons_of_its_own() -> None:
    lines = [report.warned(A, replace(refusal(1), code=code)) for code in ("LB501", "LB504")]
    assert [(each.type, each.reason) for each in lines] == [
        ("Warning", "ReplacingLoadBalancer"),
        ("Warning", "RemovingDeletionProtection"),
    ]


def test_a_wait_is_a_normal_event() -> None:
    line = report.waiting(Ident("Ingress", "shop", "web"), "certificate c is not issued yet")
    assert (line.type, line.reason, line.message) == ("Normal", "Waiting", "Waiting: certificate c is not issued yet")


# Who is served ---------------------------------------------------------------------------------------------------------

B = Ident("Ingress", "shop", "b")


def rule(member: Ident | None) -> Create:
    listener = Ref("Listener", "80", "arn")
    return Create(resource=Rule(id="80:1", listener=listener, priority=1, actions=(), conditions=(), member=member))


def bound(name: str) -> PutBinding:
    binding = Binding(id=name, namespace="shop", name="t", target_group="arn", target_type="ip", service="web", port=80)
    return PutBinding(resource=binding)


def served(*failed: Operation, blamed: tuple[Ident, ...] = ()) -> set[Ident]:
    results: tuple[Result, ...] = (Done(Step(operation=rule(A))), *(Failed(Step(operation=each), ValueError("no")) for each in failed))
    return set(report.served(STACK, Outcome(results=results), (A, B), blamed))


def test_members_are_served_if_what_they_need_is_done() -> None:
    assert served() == {A, B}
    assert served(blamed=(A,)) == {B}
    assert served(rule(A)) == {B}
    assert served(rule(A), rule(B)) == set()
    assert served(rule(None)) == served(CreateBackendGroup()) == set()
    assert served(bound("b-web")) == {A}
    assert served(bound("unknown")) == set()
    assert served(SetCapacity(load_balancer=Ref("LoadBalancer", "LoadBalancer", "arn"), units=1)) == {A, B}


def test_the_names_of_a_stack_are_those_that_stand_and_those_that_are_replaced() -> None:
    name = Ref("LoadBalancer", "LoadBalancer", "dns_name")
    new = Create(resource=BALANCER, replaces=Owned(resource=BALANCER, arn="old", dns_name="Old.elb"))
    plan = Plan(
        stack=STACK.id, steps=(Step(operation=new), Step(operation=rule(A))), ids={name: "Now.elb", replace(name, field="arn"): "arn"}
    )
    assert report.known(plan) == {"now.elb", "old.elb"}
    learnt = {name: "New.elb", replace(name, field="arn"): "arn"}
    assert report.renamed(new, learnt) == {"new.elb"}
    assert report.renamed(replace(new, replaces=None), learnt) == report.renamed(bound("x"), learnt) == frozenset()


def test_another_address_is_named_with_the_old_one() -> None:
    status = report.Status(A, {"loadBalancer": {"ingress": [{"hostname": "new.elb"}]}})
    (line,) = report.changed(status, ["Old.elb", ""])
    assert (line.type, line.reason) == ("Warning", "AddressChanged")  # LB525
    assert "the address of Ingress/shop/a is new.elb now, and no longer old.elb" in line.message
    assert report.changed(status, []) == report.changed(status, ["new.elb"]) == ()
    assert report.changed(replace(status, body={"loadBalancer": {"ingress": None}}), ["old.elb"]) == ()


def test_who_shows_an_address_that_stays_keeps_it() -> None:
    waits, moved = (Owned(resource=BALANCER, arn=each, dns_name=f"{each}.ELB") for each in ("waits", "moved"))
    plan = Plan(stack=STACK.id, standby=(Standby(before=waits, grace_seconds=300.0), Standby(before=moved, grace_seconds=300.0, until=1.0)))
    assert report.known(plan) == {"waits.elb", "moved.elb"}
    assert report.staying(plan) == {"waits.elb"}
    standing = report.Standing(STACK, served=frozenset({A}), known=report.known(plan), staying=report.staying(plan))
    assert [standing.shown(A, names) for names in ([], ["waits.elb"], ["moved.elb"], ["new.elb", "waits.elb"])] == [
        True,
        False,
        True,
        False,
    ]


def test_the_text_of_an_annotation_is_bounded_and_says_each_problem_once() -> None:
    one = Problem("LB520", Origin.of(A), (("remedy", "wait"), ("said", "no"), ("what", "put Binding x")))
    assert report.noted([one, one]) == report.noted([one])
    assert report.noted([one]).startswith("LB520: ")
    assert report.noted([]) == ""
    long = report.noted(replace(one, args=(("said", "x" * number), ("what", "y"))) for number in range(100))
    assert (len(long), long[-1]) == (report.LONGEST, "…")
