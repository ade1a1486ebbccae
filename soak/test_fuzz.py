"""Ten thousand strange objects, through files and through a controller."""

from pathlib import Path

import pytest
from soak import fuzz, runs, strange
from soak.conftest import Field
from structlog.testing import capture_logs

pytestmark = [pytest.mark.timeout(7200), pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]

ALL, AT_ONCE = 10_000, 250
SEEDS = range(ALL // AT_ONCE)


def test_through_files(tmp_path: Path) -> None:
    for seed in runs.spread(SEEDS):
        wrong = strange.files(tmp_path, fuzz.objects(seed, AT_ONCE))
        assert not wrong, (seed, wrong[:5])


def test_through_a_controller(field: Field) -> None:
    world = field.world
    world.account.endpoint.store.limits.update(dict.fromkeys(strange.QUOTAS, 100_000))
    for seed in runs.spread(SEEDS):
        field.run(runs.begin(world))
        neighbour = strange.Neighbour(world, field.known)
        field.run(neighbour.move_in())
        with capture_logs() as logs:
            taken, wrong = field.run(strange.live(world, fuzz.objects(seed, AT_ONCE)))
        crashes = [str(each)[:500] for each in logs if each.get("exc_info")]
        wrong += field.run(neighbour.wrong())
        assert taken > AT_ONCE / 2
        assert not wrong + crashes, (seed, (wrong + crashes)[:5])
        field.run(strange.clear(world))
        field.run(world.step("delete"))
        field.run(world.rest(300))
    field.run(world.clear())
