"""No write after the lease."""

import pytest
from tests.clock import Virtual

from albatross.errors import Fenced
from albatross.fence import Fence


def test_without_a_lease_it_is_open() -> None:
    fence = Fence(Virtual())
    fence.check("ModifyRule")
    assert fence.open


async def test_it_closes_when_the_lease_ends_and_opens_with_a_renewal() -> None:
    clock = Virtual()
    fence = Fence(clock)
    fence.extend(clock.now() + 10)
    await clock.advance(9.9)
    fence.check("ModifyRule")
    await clock.advance(0.1)
    with pytest.raises(Fenced, match="ModifyRule was not sent: the lease"):
        fence.check("ModifyRule")
    fence.extend(clock.now() + 10)
    fence.check("ModifyRule")
