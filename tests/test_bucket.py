"""A token bucket with a clock that only the test moves."""

import pytest
from tests.clock import Virtual

from albatross.bucket import Bucket


async def test_a_burst_is_free_and_credit_costs_time() -> None:
    bucket = Bucket(2, 0.5, Virtual())
    assert [bucket.take() for _ in range(4)] == [0, 0, 2, 4]


async def test_what_is_spare_is_never_on_credit() -> None:
    clock = Virtual()
    bucket = Bucket(2, 0.5, clock)
    assert [bucket.spare() for _ in range(4)] == [True, True, False, False]
    await clock.advance(2)
    assert [bucket.spare() for _ in range(2)] == [True, False]


async def test_it_never_holds_more_than_a_burst() -> None:
    clock = Virtual()
    bucket = Bucket(2, 0.5, clock)
    await clock.advance(1000)
    assert [bucket.take() for _ in range(3)] == [0, 0, pytest.approx(2)]
