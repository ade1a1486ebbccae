"""The last pass of each stack; nothing is kept while no page is served."""

from tests.clock import Virtual
from tests.planner import stand

from albatross.controller.passes import PLANS, Passes
from albatross.model.facts import Facts
from albatross.model.observed import Observed
from albatross.model.plan import Done, Failed, Outcome, Skipped
from albatross.model.problem import Origin, Problem
from albatross.pipeline import Decision

PLAN = stand.plan(stand.STACK, Observed())
DECISION = Decision(stand.STACK, PLAN, ())
PROBLEM = Problem("LB511", Origin("Ingress", "shop", "app"))


def passes(on: bool = True) -> Passes:
    return Passes(Virtual(), on)


def test_off_nothing_is_kept() -> None:
    found = passes(on=False)
    found.looked(stand.ID, Facts(), Observed())
    found.decided(stand.ID, DECISION)
    found.stepped(stand.ID, PLAN.steps[0], Done(PLAN.steps[0]))
    found.ended(stand.ID, Outcome(), (), {})
    found.stopped(stand.ID, PROBLEM)
    assert (found.last, len(found.plans)) == ({}, 0)


def test_a_plan_from_its_decision_to_its_end() -> None:
    found = passes()
    called: list[int] = []
    found.changed = lambda: called.append(len(found.plans))
    found.looked(stand.ID, Facts(), Observed())
    found.decided(stand.ID, DECISION)
    found.stepped(stand.ID, PLAN.steps[0], None)
    found.stepped(stand.ID, PLAN.steps[0], Done(PLAN.steps[0]))
    (run,) = found.plans
    assert (run.done, run.running) == (1, True)
    assert called == [1, 1]
    found.ended(stand.ID, Outcome(results=tuple(Done(step) for step in PLAN.steps), ids={stand.LB: "arn:lb"}), (), {})
    assert not found.plans[0].running
    assert found.last[stand.ID].ids == {stand.LB: "arn:lb"}
    assert found.last[stand.ID].applied
    found.looked(stand.ID, Facts(), Observed())
    assert not found.last[stand.ID].applied


def test_a_plan_that_fails_and_a_pass_that_stops() -> None:
    found = passes()
    found.decided(stand.ID, DECISION)
    step = PLAN.steps[0]
    outcome = Outcome(results=(Failed(step, OSError("no")), Skipped(PLAN.steps[1], step.id)))
    found.ended(stand.ID, outcome, ((step.operation, PROBLEM),), {step.id: "no"})
    assert (found.plans[0].failed, found.last[stand.ID].applied) == (((step.id, "no"),), False)
    found.stopped(stand.ID, PROBLEM)
    assert found.last[stand.ID].failed == ((None, PROBLEM),)
    found.stopped(stand.ID, None)
    assert found.last[stand.ID].failed == ()


def test_an_error_keeps_the_last_stack_and_an_empty_plan_is_no_entry() -> None:
    found = passes()
    found.decided(stand.ID, DECISION)
    found.decided(stand.ID, Decision(None, None, (PROBLEM,)))
    assert (found.last[stand.ID].stack, found.last[stand.ID].problems) == (stand.STACK, (PROBLEM,))
    assert len(found.plans) == 1
    found.forget(stand.ID)
    assert found.last == {}


def test_old_plans_are_forgotten() -> None:
    found = passes()
    for _ in range(PLANS + 3):
        found.decided(stand.ID, DECISION)
    assert [found.plans[0].number, found.plans[-1].number] == [4, PLANS + 3]
