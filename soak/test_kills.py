"""`kill -9` after every AWS call and after every write into the cluster."""

import pytest
from soak import kill, runs
from soak.conftest import Field

# A killed process leaves open what the operating system would close.
pytestmark = [pytest.mark.timeout(7200), pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]

AWS, CLUSTER, AGAIN = "kill -9 after an AWS call", "kill -9 after a write into the cluster", "kill -9 after every k-th AWS call"


def test_after_every_call(field: Field) -> None:
    for number in runs.spread(range(1, max(len(step.calls) for step in field.known.values()) + 1)):
        disturbed = {name: kill.call(number) for name, step in field.known.items() if number <= len(step.calls)}
        field.table.add(field.run(runs.cycle(field.world, field.known, AWS, f"call {number}", disturbed)))
    assert not field.table.failed(AWS)


def test_after_every_write(field: Field) -> None:
    for number in runs.spread(range(1, max(len(step.writes) for step in field.known.values()) + 1)):
        disturbed = {name: kill.write(number) for name, step in field.known.items() if number <= len(step.writes)}
        field.table.add(field.run(runs.cycle(field.world, field.known, CLUSTER, f"write {number}", disturbed)))
    assert not field.table.failed(CLUSTER)


@pytest.mark.parametrize("number", [13, 29, 37, 53])
def test_again_and_again(field: Field, number: int) -> None:
    rows = field.run(
        runs.cycle(field.world, field.known, AGAIN, f"every {number}", dict.fromkeys(runs.STEPS, kill.call(number, every=True)))
    )
    field.table.add(rows)
    assert not field.table.failed(AGAIN)
