"""A model loop for each test."""

from collections.abc import AsyncIterator

import pytest
from tests.controller.groups.bed import Bed
from tests.controller.scripted import Account, Cluster, Heard
from tests.world import CONFIG

from albatross.controller.groups import Groups
from albatross.controller.index import Index


@pytest.fixture
async def bed() -> AsyncIterator[Bed]:
    cluster, account = Cluster(), Account(CONFIG)
    heard = Heard(cluster)
    index = Index(cluster.cache, CONFIG)
    cluster.cache.listen(index.note)  # type: ignore[arg-type]  # whether a change matters is the queue's business
    found = Bed(cluster, account, heard, Groups(cluster, cluster.cache, account, CONFIG, index, heard))
    yield found
    await found.groups.close()
    account.inventory.close()
