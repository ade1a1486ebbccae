"""Waiting with a limit."""

import pytest
from tests.clock import Eager

from albatross.cli.wait import AGAIN_SECONDS, Late, until


async def test_the_first_answer_that_is_not_empty() -> None:
    answers, clock = iter(("", None, "there", "later")), Eager()

    async def look() -> str | None:
        return next(answers)

    assert await until(look, "it", 10, clock) == "there"
    assert clock.now() == 2 * AGAIN_SECONDS


async def test_the_limit() -> None:
    async def look() -> bool:
        return False

    with pytest.raises(Late, match="not within 10 s: the pod is ready"):
        await until(look, "the pod is ready", 10, Eager())
