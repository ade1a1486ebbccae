import asyncio
from dataclasses import dataclass, field

from tests.kube.wire import Api, until

from albatross.kube.lease import Elector, Terms

PLACE = ("default", "leader")
TERMS = Terms(duration=1, deadline=0.6, retry=0.05)


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
    found = await api.client.get("/apis/coordination.k8s.io/v1/namespaces/default/leases/leader")
    return dict(found["spec"])


async def test_one_leads_and_hands_over_at_once(api: Api) -> None:
    one, two = Candidate(api, "one"), Candidate(api, "two")
    first = one.start()
    await until(lambda: one.leads)
    second = two.start()
    assert (await holder(api))["holderIdentity"] == "one"
    one.end.set()
    assert await first is True
    await until(lambda: two.leads)
    assert (await holder(api))["leaseTransitions"] == 1
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert (await holder(api))["holderIdentity"] == ""


async def test_a_leader_whose_requests_hang_stops_before_another_may_lead(api: Api) -> None:
    one = Candidate(api, "one")
    task = one.start()
    await until(lambda: one.leads)
    started = asyncio.get_running_loop().time()
    api.wire.hold()
    assert await task is False
    assert asyncio.get_running_loop().time() - started < TERMS.duration
    assert not one.leads


async def test_the_lease_of_a_dead_leader_is_taken_when_it_expires(api: Api) -> None:
    spec = {"holderIdentity": "dead", "leaseDurationSeconds": 1, "renewTime": "2020-01-01T00:00:00.000000Z", "leaseTransitions": 4}
    body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "leader"}, "spec": spec}
    await api.client.create("/apis/coordination.k8s.io/v1/namespaces/default/leases", body)
    one = Candidate(api, "one")
    task = one.start()
    # its clock may differ from ours, so only what we have seen of it counts
    await asyncio.wait([task], timeout=0.3)
    assert not one.leads
    await until(lambda: one.leads)
    assert (await holder(api))["leaseTransitions"] == 5
    one.end.set()
    assert await task is True


async def test_a_stolen_lease_ends_the_lead(api: Api) -> None:
    one = Candidate(api, "one")
    task = one.start()
    await until(lambda: one.leads)
    path = "/apis/coordination.k8s.io/v1/namespaces/default/leases/leader"
    stolen = {"holderIdentity": "thief", "leaseDurationSeconds": 60, "renewTime": "2030-01-01T00:00:00.000000Z"}
    await api.client.patch(path, {"spec": stolen})
    assert await task is False
    assert (await holder(api))["holderIdentity"] == "thief"


async def test_an_unreachable_server_is_tried_again(api: Api) -> None:
    api.wire.closed = True
    one = Candidate(api, "one")
    task = one.start()
    await until(lambda: api.wire.connections > 2)
    api.wire.closed = False
    await until(lambda: one.leads)
    one.end.set()
    assert await task is True
