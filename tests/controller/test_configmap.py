"""The ConfigMap that one leader writes and the next one reads."""

import asyncio

import pytest
from structlog.testing import capture_logs
from tests.clock import Virtual, settle
from tests.kube.wire import Api

from albatross.controller.configmap import KEEP_SECONDS, DigestKeeper, Digests, keeper
from albatross.controller.legacy import Legacy
from albatross.kube.client import Client
from albatross.kube.config import Access
from albatross.kube.lease import Elector

PLACE = ("default", "leader")
PATH = "/api/v1/namespaces/default/configmaps/leader"


def led(client: Client, number: int, *, allowed: bool = True) -> DigestKeeper:
    """The keeper of the leader with this number."""
    elector = Elector(client, PLACE, str(number))
    elector.transitions = number
    return keeper(Legacy("settings"), client, elector, allowed=allowed)


@pytest.fixture
async def first(api: Api) -> DigestKeeper:
    """The keeper of a leader that has put one group in place."""
    found = led(api.client, 0)
    await found.read()
    found.legacy.note("a", "x")
    return found


async def test_the_next_leader_reads_what_this_one_wrote(api: Api, first: DigestKeeper) -> None:
    first.on = True
    await first.save()
    first.legacy.postpone("b", lambda: "y")
    await first.save()
    second = led(api.client, 1)
    await second.read()
    assert second.legacy.holds("a", "x")
    assert second.legacy.holds("b", "y")
    third = led(api.client, 2)
    await third.read()
    assert not third.legacy.claims, "another process led in between"


async def test_it_writes_only_changes_and_not_before_it_may(api: Api, first: DigestKeeper) -> None:
    await first.save()
    assert await Digests(api.client, *PLACE).load() == {}
    first.on = True
    await first.save()
    version = (await api.client.get(PATH))["metadata"]["resourceVersion"]
    await first.save()
    assert (await api.client.get(PATH))["metadata"]["resourceVersion"] == version


async def test_without_a_lease_or_a_permission_nothing_is_kept(api: Api) -> None:
    for found in (keeper(Legacy(), api.client, None, allowed=True), led(api.client, 1, allowed=False)):
        found.on = True
        found.legacy.note("a", "x")
        await found.read()
        await found.save()
    assert await Digests(api.client, *PLACE).load() == {}


async def test_it_writes_from_time_to_time_and_survives_an_api_server_that_is_away() -> None:
    clock = Virtual()
    async with Client(Access(server="http://127.0.0.1:9", source="test"), clock=clock) as client:
        found = led(client, 1)
        found.legacy.note("a", "x")
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
    assert not found.legacy.claims
