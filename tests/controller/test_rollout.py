"""Many target groups change at the same time: what is sent is decided when it may be sent."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from tests.aws.scripted import CONFIG, Scripted, fails
from tests.clock import Virtual, settle
from tests.controller.scripted import Cluster

from albatross.aws.session.errors import Denied, Invalid
from albatross.aws.session.throttle import Rate, Throttle
from albatross.controller.bindings import KIND
from albatross.controller.queue import Queue
from albatross.controller.targets import TargetsLoop
from albatross.kube.events import Event, Recorder
from albatross.model.snapshot import Endpoint, EndpointSlice, Key, Metadata, Pod, Service, ServicePort

PORTS = (ServicePort("http", 80, 8080),)
VPC = {"Vpcs": [{"CidrBlockAssociationSet": [{"CidrBlock": "10.0.0.0/8", "CidrBlockState": {"State": "associated"}}]}]}


class Quiet(Recorder):
    """Keeps the reasons of events."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster, "targetGroupBinding")
        self.reasons: list[str] = []

    def emit(self, event: Event) -> None:
        self.reasons.append(event.reason)


class Bed:
    """Target groups by number, behind one bucket with four tokens and one more each second."""

    def __init__(self) -> None:
        self.clock = Virtual()
        self.members: dict[str, set[str]] = {}
        self.calls: list[str] = []
        self.session = Scripted(self.clock, CONFIG, DescribeVpcs=lambda **_: VPC, DescribeTargetHealth=self._health)
        self.session.answers |= {"RegisterTargets": self._register, "DeregisterTargets": self._deregister}
        self.session.throttle = Throttle([Rate("Elastic Load Balancing v2", "Targets$", 1, 4)], self.clock)
        self.cluster = Cluster()
        self.quiet = Quiet(self.cluster)
        self.loop = TargetsLoop(self.session, self.cluster, self.cluster.cache, CONFIG, self.quiet)
        self.leaving: Queue[Key] = Queue(clock=self.clock)
        self.loop.leave = self.leaving.add

    def _health(self, TargetGroupArn: str, **_: Any) -> dict[str, Any]:
        found = [{"Target": {"Id": each, "Port": 8080}, "TargetHealth": {"State": "healthy"}} for each in self.members[TargetGroupArn]]
        return {"TargetHealthDescriptions": found}

    def _register(self, TargetGroupArn: str, Targets: list[dict[str, Any]]) -> dict[str, Any]:
        self._note("+", TargetGroupArn, Targets)
        self.members[TargetGroupArn] |= {each["Id"] for each in Targets}
        return {}

    def _deregister(self, TargetGroupArn: str, Targets: list[dict[str, Any]]) -> dict[str, Any]:
        self._note("-", TargetGroupArn, Targets)
        self.members[TargetGroupArn] -= {each["Id"] for each in Targets}
        return {}

    def _note(self, sign: str, arn: str, targets: Sequence[dict[str, Any]]) -> None:
        self.calls.append(f"{arn}{sign}{','.join(each['Id'].rpartition('.')[2] for each in targets)}")

    def bind(self, name: str, *registered: int) -> Key:
        """A binding whose target group has these targets."""
        self.members[name] = {f"10.0.0.{each}" for each in registered}
        spec = {"targetGroupARN": name, "targetType": "ip", "ipAddressType": "ipv4", "serviceRef": {"name": name, "port": 80}}
        metadata = {"name": name, "namespace": "shop", "finalizers": ["elbv2.k8s.aws/resources"]}
        self.cluster.apply({"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": KIND, "metadata": metadata, "spec": spec})
        self.cluster.cache.put("Service", ("shop", name), Service(metadata=Metadata(namespace="shop", name=name), ports=PORTS))
        return ("shop", name)

    def serve(self, key: Key, *pods: int) -> None:
        """The Service has these pods now."""
        for each in pods:
            self.cluster.cache.put(
                "Pod", ("shop", f"p{each}"), Pod(namespace="shop", name=f"p{each}", uid=f"u{each}", pod_ip=f"10.0.0.{each}")
            )
        found = tuple(Endpoint(f"10.0.0.{each}", ("shop", f"p{each}"), "", True) for each in pods)
        piece = EndpointSlice(namespace="shop", name=key[1], service=key[1], ports=(("http", 8080),), endpoints=found)
        self.cluster.cache.put("EndpointSlice", ("shop", key[1]), piece)

    async def depart(self) -> None:
        """What the workers of the other queue do, one key at a time."""
        while True:
            key = await self.leaving.get()
            try:
                await self.loop.depart(key)
            finally:
                self.leaving.done(key)


@pytest.fixture
async def bed() -> AsyncIterator[Bed]:
    found = Bed()
    yield found
    found.loop.networking = None  # type: ignore[assignment]


async def passes(bed: Bed, keys: Sequence[Key], seconds: float = 30) -> None:
    """A pass of each binding at the same time, and the deregistrations beside them."""
    leaving = [asyncio.create_task(bed.depart()) for _ in keys]
    running = [asyncio.create_task(bed.loop.reconcile(key)) for key in keys]
    await bed.clock.advance(seconds)
    await asyncio.gather(*running)
    for each in leaving:
        each.cancel()
    await asyncio.gather(*leaving, return_exceptions=True)


async def test_all_registrations_go_before_the_deregistrations(bed: Bed) -> None:
    keys = [bed.bind(f"g{number}", 1, 2) for number in range(8)]
    for key in keys:
        bed.serve(key, 2, 3)
    await passes(bed, keys)
    firsts = bed.calls[:8]
    assert [call[2] for call in firsts].count("-") <= 1, "a deregistration takes only what nobody else needs"
    assert sorted(call for call in bed.calls if "+" in call) == [f"g{number}+3" for number in range(8)]
    assert sorted(call for call in bed.calls if "-" in call) == [f"g{number}-1" for number in range(8)]
    assert all(found == {"10.0.0.2", "10.0.0.3"} for found in bed.members.values())


async def test_what_changes_while_a_call_waits_is_part_of_it(bed: Bed) -> None:
    keys = [bed.bind(f"g{number}") for number in range(6)]
    for key in keys:
        bed.serve(key, 1)
    running = [asyncio.create_task(bed.loop.reconcile(key)) for key in keys]
    await bed.clock.advance(0.5)
    assert len(bed.calls) == 4
    bed.serve(keys[5], 7, 8)  # the pod that the waiting call would have registered is gone
    await bed.clock.advance(10)
    await asyncio.gather(*running)
    assert bed.calls[-1] == "g5+7,8"


async def test_waiting_deregistrations_of_a_group_are_one_call(bed: Bed) -> None:
    key = bed.bind("g", 1, 2, 3, 4)
    other = [bed.bind(f"o{number}") for number in range(4)]
    for each in other:
        bed.serve(each, 9)
    bed.serve(key, 2, 3, 4)
    leaving = asyncio.create_task(bed.depart())
    await asyncio.gather(*(bed.session.turn("elbv2", "RegisterTargets") for _ in range(4)))
    await bed.loop.reconcile(key)
    assert bed.calls == []
    bed.serve(key, 4)
    await bed.loop.reconcile(key)
    await bed.clock.advance(5)
    assert bed.calls == ["g-1,2,3"]
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)


async def test_a_target_that_comes_back_is_not_deregistered(bed: Bed) -> None:
    key = bed.bind("g", 1, 2)
    bed.serve(key, 2)
    await asyncio.gather(*(bed.session.turn("elbv2", "RegisterTargets") for _ in range(4)))
    await bed.loop.reconcile(key)
    departing = asyncio.create_task(bed.loop.depart(key))
    await settle()
    bed.serve(key, 1, 2)
    await bed.clock.advance(5)
    await departing
    assert bed.calls == []
    await bed.loop.depart(key)
    assert bed.calls == []


async def test_a_group_is_not_emptied_before_it_is_filled(bed: Bed) -> None:
    key = bed.bind("g", 1)
    bed.serve(key, 1)
    await bed.loop.reconcile(key)
    bed.serve(key, 2)
    await bed.loop.depart(key)
    assert bed.calls == [], "its pass registers first"
    await passes(bed, [key])
    assert bed.calls == ["g+2", "g-1"]


async def test_a_refusal_is_told_and_after_an_error_the_group_is_read_again(bed: Bed) -> None:
    key = bed.bind("g", 1, 2)
    bed.serve(key, 2)
    bed.session.answers["DeregisterTargets"] = fails(Denied, "AccessDenied")
    with pytest.raises(Denied):
        await bed.loop.depart(key)
    assert bed.quiet.reasons
    assert len(bed.loop.known.members("g") or ()) == 2, "nothing has changed"
    bed.session.answers["DeregisterTargets"] = fails(Invalid, "ValidationError")
    with pytest.raises(Invalid):
        await bed.loop.depart(key)
    assert bed.loop.known.members("g") is None


async def test_a_binding_that_goes_is_left_to_its_end(bed: Bed) -> None:
    assert not (await bed.loop.depart(("shop", "unknown"))).failed
    key = bed.bind("g", 1)
    bed.cluster.mark_deleted(KIND, "g")
    await bed.loop.depart(key)
    assert bed.calls == []
