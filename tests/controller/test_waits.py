from tests.clock import Virtual

from albatross.controller.waits import GateWaits
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
