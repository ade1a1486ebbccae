"""The metrics, with the names that dashboards of the AWS controller use."""

import pytest
from tests.clock import Virtual

from albatross.aws.session.errors import COUNTED
from albatross.controller.metrics import Metrics


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def called(code: str) -> dict[str, float | None]:
    """The failure counters after a call with this result."""
    metrics = Metrics()
    metrics.called("elbv2", "CreateRule", code, 0.25)
    labels = {"service": "elbv2", "operation": "CreateRule", "status_code": "" if code else "200", "error_code": code}
    assert value(metrics, "aws_api_calls_total", **labels) == 1
    assert value(metrics, "aws_api_call_duration_seconds_sum", service="elbv2", operation="CreateRule") == 0.25
    return {kind: found for kind in COUNTED if (found := value(metrics, f"aws_api_call_{kind}_errors_total", **labels))}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("UnauthorizedOperation", "permission"),
        ("LimitExceeded", "service_limit_exceeded"),
        ("TooManyRules", "service_limit_exceeded"),
        ("Throttling", "throttled"),
        ("ValidationError", "validation"),
    ],
)
def test_a_failure_is_counted_by_its_kind(code: str, kind: str) -> None:
    assert called(code) == {kind: 1.0}


@pytest.mark.parametrize("code", ["", "RuleNotFound", "ExpiredToken"])
def test_others_are_counted_as_calls_only(code: str) -> None:
    assert called(code) == {}


async def test_a_stage_is_timed_even_if_it_fails() -> None:
    clock = Virtual()
    metrics = Metrics(clock)

    async def look() -> None:
        with metrics.timed("ingress", "look"):
            await clock.advance(3)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await look()
    name = "awslbc_controller_reconcile_stage_duration_sum"
    assert value(metrics, name, controller="ingress", reconcile_stage="look") == 3


def test_the_text_is_for_prometheus() -> None:
    metrics = Metrics()
    metrics.leader.labels("lock").set(1)
    assert b'leader_election_master_status{name="lock"} 1.0' in metrics.text()
