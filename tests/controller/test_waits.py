from tests.clock import Virtual

from albatross.controller.waits import ArrivalTimes, GateWaits
from albatross.model.target import Gate

TYPE = "target-health.elbv2.k8s.aws/tgb"
BINDING = ("shop", "tgb")


def gate(status: str, pod: str = "a") -> Gate:
    return Gate(("shop", pod), "uid", TYPE, status)


def told(waits: GateWaits) -> tuple[float | None, float | None]:
    """How many gates were met, and their seconds."""
    labels = {"namespace": "shop", "name": "tgb"}
    read = waits.metrics.registry.get_sample_value
    return read("awslbc_readiness_gate_ready_seconds_count", labels), read("awslbc_readiness_gate_ready_seconds_sum", labels)


async def test_a_gate_is_timed_from_its_first_unmet_reading() -> None:
    clock = Virtual()
    waits = GateWaits(clock=clock)
    waits.note(BINDING, gate("False"))
    await clock.advance(5)
    waits.note(BINDING, gate("Unknown"))
    await clock.advance(25)
    waits.note(BINDING, gate("True"))
    assert told(waits) == (1.0, 30.0)
    waits.note(BINDING, gate("True"))
    assert told(waits) == (1.0, 30.0)


def test_gates_met_at_once_and_pods_that_go_are_not_counted() -> None:
    waits = GateWaits()
    waits.note(BINDING, gate("True"))
    waits.note(BINDING, gate("False", "b"))
    waits.forget(("shop", "b"))
    waits.note(BINDING, gate("True", "b"))
    assert told(waits) == (None, None)
    assert ("shop", "b") not in waits.unmet


def timed(waits: ArrivalTimes) -> tuple[float | None, float | None]:
    """How many registrations were timed, and their seconds."""
    read = waits.metrics.registry.get_sample_value
    return read("albatross_target_registration_seconds_count"), read("albatross_target_registration_seconds_sum")


async def test_a_registration_is_timed_from_the_first_change() -> None:
    clock = Virtual()
    waits = ArrivalTimes(clock=clock)
    waits.note(BINDING)
    await clock.advance(2)
    waits.note(BINDING)
    waits.begin(BINDING)
    await clock.advance(1)
    waits.registered(BINDING, 2)
    waits.done(BINDING)
    assert timed(waits) == (2.0, 6.0)


async def test_a_pass_that_fails_does_not_end_the_wait() -> None:
    clock = Virtual()
    waits = ArrivalTimes(clock=clock)
    waits.note(BINDING)
    waits.begin(BINDING)
    await clock.advance(5)
    waits.note(BINDING)
    waits.begin(BINDING)
    waits.registered(BINDING, 1)
    waits.done(BINDING)
    assert timed(waits) == (1.0, 5.0)


def test_a_registration_that_follows_no_change_is_not_timed() -> None:
    waits = ArrivalTimes()
    waits.begin(BINDING)
    waits.registered(BINDING, 3)
    assert timed(waits) == (0.0, 0.0)
