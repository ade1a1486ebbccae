"""Events as values: who is told what, in which words."""

from dataclasses import replace

from albatross.catalog.problems import PROBLEMS
from albatross.frontend import report
from albatross.model.ident import Ident
from albatross.model.observed import Owned
from albatross.model.plan import CreateBackendGroup, DeleteBinding, Done, Failed, Outcome, Skipped, Step
from albatross.model.problem import Origin, Problem
from albatross.model.resources.binding import Binding

ERROR = next(code for code, row in PROBLEMS.items() if row.severity == "error")
A = Ident("Ingress", "shop", "a")


def test_a_broken_member_is_told_code_place_and_fix() -> None:
    line = report.broken(A, [Problem(ERROR, Origin.of(A, "spec"))])
    assert (line.ident, line.type, line.reason) == (A, "Warning", "FailedBuildModel")
    assert line.message.startswith(f"Failed build model due to {ERROR}: ")
    assert "[Ingress/shop/a spec] fix: " in line.message


def refusal(number: int) -> Problem:
    return Problem("LB520", Origin.of(A), (("said", f"no {number}"), ("what", "put Binding x")))


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
