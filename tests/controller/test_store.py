"""The ConfigMap that one leader writes and the next one reads."""

import asyncio

import pytest
from structlog.testing import capture_logs
from tests.clock import Virtual, settle
from tests.kube.wire import Api

from albatross.controller.digests import Digests
from albatross.controller.store import KEEP_SECONDS, DigestStore
from albatross.kube import configmap
from albatross.kube.client import Client
from albatross.kube.config import Access
from albatross.kube.lease import Elector

PLACE = ("default", "leader")
PATH = "/api/v1/namespaces/default/configmaps/leader"


def led(client: Client, number: int) -> DigestStore:
    """The store of the leader with this number."""
    elector = Elector(client, PLACE, str(number))
    elector.transitions = number
    return DigestStore(Digests("settings"), client, elector)


@pytest.fixture
async def first(api: Api) -> DigestStore:
    """The store of a leader that has put one group in place."""
    found = led(api.client, 0)
    await found.read()
    found.digests.note("a", "x")
    return found


async def test_the_next_leader_reads_what_this_one_wrote(api: Api, first: DigestStore) -> None:
    first.on = True
    await first.save()
    first.digests.postpone("b", lambda: "y")
    await first.save()
    second = led(api.client, 1)
    await second.read()
    assert second.digests.holds("a", "x")
    assert second.digests.holds("b", "y")
    third = led(api.client, 2)
    await third.read()
    assert not third.digests.claims, "another process led in between"


async def test_it_writes_only_changes_and_not_before_it_may(api: Api, first: DigestStore) -> None:
    await first.save()
    assert await configmap.read(api.client, PLACE) is None
    first.on = True
    await first.save()
    version = (await api.client.get(PATH))["metadata"]["resourceVersion"]
    await first.save()
    assert (await api.client.get(PATH))["metadata"]["resourceVersion"] == version


async def test_without_a_lease_nothing_is_kept(api: Api) -> None:
    found = DigestStore(Digests(), api.client)
    found.on = True
    found.digests.note("a", "x")
    await found.read()
    await found.save()
    assert await configmap.read(api.client, PLACE) is None


async def test_it_writes_from_time_to_time_and_survives_an_api_server_that_is_away() -> None:
    clock = Virtual()
    async with Client(Access(server="http://127.0.0.1:9", source="test"), clock=clock) as client:
        found = led(client, 1)
        found.digests.note("a", "x")
        with capture_logs() as lines:
            read = asyncio.create_task(found.read())
            while not read.done():
                await settle()
                clock.skip()
            keeping = asyncio.create_task(found.keep())
            await settle()
            await clock.advance(KEEP_SECONDS)
            while len(lines) < 2:
                await settle()
                clock.skip()
            keeping.cancel()
    assert [line["event"] for line in lines] == ["digests not read", "digests not written"]
    assert not found.digests.claims
