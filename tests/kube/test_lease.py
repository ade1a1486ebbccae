import asyncio
from dataclasses import dataclass, field

import pytest
from tests.clock import until
from tests.kube.wire import Api

from albatross.errors import Fenced
from albatross.kube.client import MERGE, Request
from albatross.kube.lease import EXPIRED_SECONDS, Elector, Terms

PLACE = ("default", "leader")
TERMS = Terms()
LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases"


@dataclass
class Candidate:
    """One elector and what it does when it leads."""

    api: Api
    name: str
    leads: bool = False
    end: asyncio.Event = field(default_factory=asyncio.Event)

    async def lead(self) -> None:
        self.leads = True
        try:
            await self.end.wait()
        finally:
            self.leads = False

    def start(self) -> "asyncio.Task[bool]":
        return asyncio.create_task(Elector(self.api.client, PLACE, self.name, TERMS).run(self.lead))


async def holder(api: Api) -> dict[str, object]:
    found = await api.client.get(f"{LEASES}/leader")
    return dict(found["spec"])


async def held(api: Api, **spec: object) -> None:
    """A lease that another holds."""
    body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "leader"}}
    await api.client.create(LEASES, {**body, "spec": {"holderIdentity": "dead", "leaseDurationSeconds": 15, **spec}})


async def test_one_leads_and_hands_over_at_once(api: Api) -> None:
    one, two = Candidate(api, "one"), Candidate(api, "two")
    first = one.start()
    await api.until(lambda: one.leads)
    second = two.start()
    assert (await holder(api))["holderIdentity"] == "one"
    one.end.set()
    assert await first is True
    await api.until(lambda: two.leads)
    assert (await holder(api))["leaseTransitions"] == 1
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert (await holder(api))["holderIdentity"] == ""


async def test_a_leader_renews_and_leads_on(api: Api) -> None:
    one = Candidate(api, "one")
    task = one.start()
    await api.until(lambda: one.leads)
    began = api.clock.now()
    while api.clock.now() < began + 3 * TERMS.duration:
        before = (await holder(api))["renewTime"]
        await api.clock.advance(TERMS.retry)
        while (await holder(api))["renewTime"] == before:
            pass
    assert one.leads
    one.end.set()
    assert await task is True


async def test_a_leader_whose_requests_hang_stops_before_another_may_lead(api: Api) -> None:
    one = Candidate(api, "one")
    task = one.start()
    await api.until(lambda: one.leads)
    api.wire.hold()
    await api.clock.advance(TERMS.deadline - 0.1)
    assert one.leads
    await api.clock.advance(0.2)
    assert not one.leads, "it goes on writing beside its successor"
    assert task.done()
    assert task.result() is False


async def test_the_lease_of_a_dead_leader_is_taken_when_it_expires(api: Api) -> None:
    # its clock may differ from ours, so only what we have seen of it counts
    await held(api, renewTime="2020-01-01T00:00:00.000000Z", leaseTransitions=4)
    one = Candidate(api, "one")
    task = one.start()
    await until(lambda: api.clock.sleeping)
    seen = api.clock.now()
    while not one.leads:
        assert api.clock.now() < seen + TERMS.duration + 2 * TERMS.retry
        api.clock.skip()
        await until(lambda: one.leads or api.clock.sleeping)
    assert TERMS.duration < api.clock.now() - seen <= TERMS.duration + EXPIRED_SECONDS + 0.001  # not a whole pause later
    assert (await holder(api))["leaseTransitions"] == 5
    one.end.set()
    assert await task is True


async def test_a_lease_that_is_renewed_is_not_taken(api: Api) -> None:
    await held(api, renewTime="2020-01-01T00:00:00.000000Z")
    one = Candidate(api, "one")
    task = one.start()
    for minute in range(10):
        await until(lambda: api.clock.sleeping)
        await api.client.patch(f"{LEASES}/leader", {"spec": {"renewTime": f"2020-01-01T00:{minute:02}:00.000000Z"}})
        await api.clock.advance(TERMS.duration - TERMS.retry)
    assert not one.leads
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_stolen_lease_ends_the_lead(api: Api) -> None:
    one = Candidate(api, "one")
    task = one.start()
    await api.until(lambda: one.leads)
    stolen = {"holderIdentity": "thief", "leaseDurationSeconds": 60, "renewTime": "2030-01-01T00:00:00.000000Z"}
    await api.client.patch(f"{LEASES}/leader", {"spec": stolen})
    await api.clock.advance(TERMS.retry)
    assert await task is False
    assert (await holder(api))["holderIdentity"] == "thief"


async def test_an_unreachable_server_is_tried_again(api: Api) -> None:
    api.wire.closed = True
    one = Candidate(api, "one")
    task = one.start()
    await api.until(lambda: api.wire.connections > 2)
    api.wire.closed = False
    await api.until(lambda: one.leads)
    one.end.set()
    assert await task is True


async def test_a_renewal_that_fails_is_tried_again(api: Api) -> None:
    one = Candidate(api, "one")
    task = one.start()
    await api.until(lambda: one.leads)
    before, tried = (await holder(api))["renewTime"], api.wire.connections
    api.wire.closed = True
    api.wire.cut()
    await api.clock.advance(TERMS.retry)
    await api.until(lambda: api.wire.connections > tried)
    api.wire.closed = False
    await api.clock.advance(TERMS.retry)
    while (await holder(api))["renewTime"] == before:
        pass
    assert one.leads
    one.end.set()
    assert await task is True


@pytest.mark.parametrize("taken", [True, False])
async def test_the_leader_writes_its_labels_and_annotations(api: Api, taken: bool) -> None:
    if taken:
        await held(api, holderIdentity="")
        await api.client.patch(f"{LEASES}/leader", {"metadata": {"annotations": {"a": "kept", "who": "another"}}})
    leads = asyncio.Event()

    async def lead() -> None:
        leads.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(Elector(api.client, PLACE, "me", TERMS, {"annotations": {"who": "me"}, "labels": {"app": "ours"}}).run(lead))
    await leads.wait()
    metadata = (await api.client.get(f"{LEASES}/leader"))["metadata"]
    assert metadata["annotations"] == {**({"a": "kept"} if taken else {}), "who": "me"}
    assert metadata["labels"] == {"app": "ours"}
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_leader_that_was_stopped_and_continues_writes_nothing(api: Api) -> None:
    one = Candidate(api, "one")
    task = one.start()
    await api.until(lambda: one.leads)
    await api.client.create("/api/v1/namespaces/default/configmaps", {"metadata": {"name": "in-time"}})
    api.clock._now += TERMS.deadline  # the process stands still, and no timer has run yet
    with pytest.raises(Fenced, match="POST /api/v1/namespaces/default/configmaps was not sent"):
        await api.client.create("/api/v1/namespaces/default/configmaps", {"metadata": {"name": "too-late"}})
    found = await api.client.get("/api/v1/namespaces/default/configmaps")
    assert "too-late" not in {each["metadata"]["name"] for each in found["items"]}
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_it_knows_whether_the_leader_before_it_ended_cleanly(api: Api) -> None:
    first = Elector(api.client, PLACE, "one", TERMS)
    assert await first.run(_nothing) is True
    assert not first.took_over
    second = Elector(api.client, PLACE, "two", TERMS)
    assert await second.run(_nothing) is True
    assert not second.took_over, "it released the lease"
    assert (second.transitions, second.place) == (first.transitions + 1, PLACE)
    dead = {"spec": {"holderIdentity": "dead", "leaseDurationSeconds": 15}}
    await api.client.call(Request(method="PATCH", path=f"{LEASES}/leader", body=dead, content_type=MERGE, fenced=False))
    third = Elector(api.client, PLACE, "three", TERMS)
    task = asyncio.create_task(third.run(_nothing))
    while not task.done():
        await until(lambda: task.done() or api.clock.sleeping)
        api.clock.skip()
    assert third.took_over


async def _nothing() -> None:
    """A lead that ends at once."""
