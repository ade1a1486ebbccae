"""Every operation of AWS, and every kind of write into the cluster, with every kind of fault."""

import pytest
from soak import fault, refused, runs, trouble
from soak.conftest import Field

# A killed process leaves open what the operating system would close.
pytestmark = [pytest.mark.timeout(7200), pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]

MOST_SECONDS = 30.0
"""The longest time until the end state after a permission is there again."""
CALLS = 10
"""The most calls a minute while nothing can change."""


@pytest.mark.parametrize("kind", fault.KINDS)
def test_every_operation(field: Field, kind: str) -> None:
    names = sorted({each for step in field.known.values() for each in step.calls if kind != fault.LAGS or fault.lags(each)})
    for name in runs.spread(names):
        disturbed = {step: fault.fault(kind, name) for step, known in field.known.items() if name in known.calls}
        field.table.add(field.run(runs.cycle(field.world, field.known, f"AWS: {kind}", name, disturbed)))
    assert not field.table.failed(f"AWS: {kind}")
    assert kind != fault.DENIED or not field.table.slow(f"AWS: {kind}", MOST_SECONDS)


def test_expired_credentials(field: Field) -> None:
    family = "AWS: ExpiredToken for a minute, all operations"
    field.table.add(field.run(runs.cycle(field.world, field.known, family, "all", dict.fromkeys(runs.STEPS, fault.expired))))
    assert not field.table.failed(family)
    assert not field.table.slow(family, MOST_SECONDS)


@pytest.mark.parametrize("kind", [*trouble.WAYS, trouble.DENIED])
def test_every_write(field: Field, kind: str) -> None:
    family = f"API server: {kind}"
    for name in runs.spread(sorted({each for step in field.known.values() for each in step.writes})):
        disturbed = {step: trouble.write(kind, name) for step, known in field.known.items() if name in known.writes}
        field.table.add(field.run(runs.cycle(field.world, field.known, family, name, disturbed)))
    assert not field.table.failed(family)


@pytest.mark.parametrize("name", trouble.EVENTS)
def test_events(field: Field, name: str) -> None:
    field.table.add(field.run(runs.cycle(field.world, field.known, name, name, trouble.everywhere(trouble.EVENTS[name]))))
    assert not field.table.failed(name)


def test_the_namespace_is_deleted(field: Field) -> None:
    field.table.add([field.run(trouble.gone_space(field.world, field.known))])
    assert not field.table.failed(trouble.SPACE)


def test_at_rest_it_calls_rarely(field: Field) -> None:
    """At most ten calls a minute while nothing can change."""
    assert field.run(trouble.idle(field.world, field.known)) <= CALLS


def test_what_aws_refuses_costs_few_calls(field: Field) -> None:
    known = field.run(refused.accepted(field.world))
    for number, operation in enumerate(runs.spread(refused.DENIED)):
        phase = refused.PHASES[number % len(refused.PHASES)]
        field.table.add([field.run(refused.denied(field.world, known, operation, phase))])
    for annotation in runs.spread(refused.MISSING):
        field.table.add([field.run(refused.missing(field.world, known, annotation))])
    assert not field.table.failed(refused.FAMILY)
    assert not field.table.slow(refused.FAMILY, MOST_SECONDS)
    assert not field.table.busy(refused.FAMILY, CALLS * refused.MINUTES)
