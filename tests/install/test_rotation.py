"""The order of a rotation."""

from datetime import UTC, datetime, timedelta

import pytest

from albatross.install.rotation import RENEW_BEFORE, SETTLE, Phase, Renewal, step

NOW = datetime(2030, 1, 1, tzinfo=UTC)
FAR, DUE, PAST = NOW + timedelta(days=300), NOW + RENEW_BEFORE, NOW
LONG, JUST = NOW - SETTLE, NOW - SETTLE + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("ends", "prepared", "authorities", "since", "registered", "due"),
    [
        (FAR, False, 1, None, True, None),
        (FAR, False, 1, LONG, False, None),
        (DUE, False, 1, LONG, False, Phase.EXTEND),
        (DUE, True, 2, JUST, True, None),
        (DUE, True, 2, LONG, False, None),
        (DUE, True, 2, LONG, True, Phase.PROMOTE),
        (PAST, True, 2, JUST, True, Phase.PROMOTE),
        (PAST, True, 2, JUST, False, None),
        (FAR, False, 2, JUST, True, None),
        (FAR, False, 2, LONG, False, None),
        (FAR, False, 2, LONG, True, Phase.TRIM),
        (FAR, False, 2, None, True, Phase.TRIM),
    ],
)
def test_each_step_waits_for_the_one_before(
    ends: datetime, prepared: bool, authorities: int, since: datetime | None, registered: bool, due: Phase | None
) -> None:
    assert step(Renewal(ends=ends, prepared=prepared, authorities=authorities, since=since), NOW, registered) is due
