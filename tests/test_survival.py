"""A sample of `make soak`: create, edit, replace and delete, each with a disturbance, each compared with a run without one."""

import pytest
from soak import fault, fuzz, kill, refused, runs, strange
from soak.conftest import Field, field
from soak.runs import Disturb
from structlog.testing import capture_logs

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

STRANGE = 500
field = field  # noqa: PLW0127  # the fixture


def disturbed(field: Field) -> dict[str, Disturb]:
    """A disturbance for each step; the controller is killed in the middle of its calls."""
    calls = {step: len(known.calls) // 2 for step, known in field.known.items()}
    return {
        "create": kill.call(calls["create"]),
        "edit": fault.fault("timeout after effect", "elbv2:CreateTargetGroup"),
        "replace": kill.write(1),
        "delete": kill.call(calls["delete"]),
    }


@pytest.mark.timeout(240)
def test_the_end_is_that_of_an_undisturbed_run(field: Field) -> None:
    rows = field.run(runs.cycle(field.world, field.known, "sample", "sample", disturbed(field)))
    assert [(row.step, row.ok, row.told, row.difference) for row in rows] == [(step, True, (), ()) for step in runs.STEPS]
    assert all(row.happened for row in rows)
    assert all((row.seconds or 0) <= 60 for row in rows)


@pytest.mark.timeout(240)
def test_what_aws_refuses_costs_few_calls_and_is_in_place_soon(field: Field) -> None:
    """At most ten calls a minute while nothing can change, and 30 s after the permission is there."""
    known = field.run(refused.accepted(field.world))
    row = field.run(refused.denied(field.world, known, "elbv2:CreateRule", 13))
    assert row.difference == ()
    assert (row.seconds or 0) <= 30
    assert 10 <= row.calls <= 10 * refused.MINUTES


@pytest.mark.timeout(240)
def test_strange_objects_have_problems_and_their_neighbour_goes_on(field: Field) -> None:
    world = field.world
    world.account.endpoint.store.limits.update(dict.fromkeys(strange.QUOTAS, 1000))
    field.run(runs.begin(world))
    neighbour = strange.Neighbour(world, field.known)
    field.run(neighbour.move_in())
    with capture_logs() as logs:
        taken, wrong = field.run(strange.live(world, fuzz.objects(2, STRANGE, fuzz.CHEAP)))
    assert taken > STRANGE / 2
    assert wrong == []
    assert [each for each in logs if each.get("exc_info")] == []
    assert field.run(neighbour.wrong()) == []
