"""The cluster that most tests of this folder use."""

from collections.abc import AsyncIterator

import pytest
from packages.sandbox.tests.pods.cluster import Bed, bed


@pytest.fixture
async def running() -> AsyncIterator[Bed]:
    async with bed() as made:
        yield made
