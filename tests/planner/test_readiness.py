"""Target health → readiness gates."""

import pytest

from albatross.model.snapshot import Pod, PodCondition
from albatross.model.target import Registered, Target, Wanted
from albatross.planner import readiness

TARGET = Target("10.0.0.1", 80)
GATE = "target-health.elbv2.k8s.aws/tgb"
POD = Pod(namespace="shop", name="a", uid="u", readiness_gates=(GATE,))
WANT = (Wanted(TARGET, pod=("shop", "a")),)


@pytest.mark.parametrize(
    ("state", "status", "reason"),
    [("healthy", "True", ""), ("initial", "False", "r"), ("draining", "False", "r"), ("", "Unknown", "")],
)
def test_the_gate_follows_the_target(state: str, status: str, reason: str) -> None:
    (gate,) = readiness.gates("tgb", WANT, [Registered(TARGET, state, reason)], {("shop", "a"): POD})
    assert (gate.status, gate.reason, gate.uid, gate.type) == (status, reason, "u", GATE)


def test_a_target_just_registered_says_so() -> None:
    (gate,) = readiness.gates("tgb", WANT, [], {("shop", "a"): POD})
    assert (gate.status, gate.reason) == ("False", "Elb.RegistrationInProgress")


def test_a_gate_that_reads_right_is_left() -> None:
    told = Pod(namespace="shop", name="a", readiness_gates=(GATE,), conditions=(PodCondition(type=GATE, status="True"),))
    assert readiness.gates("tgb", WANT, [Registered(TARGET, "healthy")], {("shop", "a"): told}) == ()


def test_a_pod_without_the_gate_is_left() -> None:
    bare = Pod(namespace="shop", name="a")
    assert readiness.gates("tgb", WANT, [], {("shop", "a"): bare}) == ()
    assert not readiness.pending("tgb", WANT, [], {("shop", "a"): bare})


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_targets_the_one_that_is_not_healthy_speaks(order: int) -> None:
    other = Target("10.0.0.1", 81)
    wanted = (*WANT, Wanted(other, pod=("shop", "a")))[::order]
    registered = [Registered(TARGET, "healthy"), Registered(other, "unhealthy", "r")]
    (gate,) = readiness.gates("tgb", wanted, registered, {("shop", "a"): POD})
    assert (gate.status, gate.reason) == ("False", "r")


def test_a_waiting_pod_makes_another_look_due() -> None:
    assert readiness.pending("tgb", WANT, [Registered(TARGET, "initial")], {("shop", "a"): POD})
    assert not readiness.pending("tgb", WANT, [Registered(TARGET, "healthy")], {("shop", "a"): POD})


def test_targets_are_named_once() -> None:
    assert readiness.targets([*WANT, *WANT]) == (TARGET,)
