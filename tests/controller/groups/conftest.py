"""A model loop for each test."""

from collections.abc import AsyncIterator

import pytest
from tests.clock import Virtual
from tests.controller.groups.bed import Bed, running


@pytest.fixture
async def bed() -> AsyncIterator[Bed]:
    async with running() as found:
        yield found


@pytest.fixture
def clock() -> Virtual:
    """The clock of loops that remember."""
    return Virtual()
