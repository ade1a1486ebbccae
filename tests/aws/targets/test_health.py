"""Registration, deregistration and health of targets."""

import asyncio
from typing import Any

import pytest
from tests.aws.scripted import Scripted, fails
from tests.clock import Virtual, settle

from albatross.aws.session import errors
from albatross.aws.targets import health
from albatross.aws.targets.health import CHUNK, LINGER, VPC_SECONDS, Batches
from albatross.model.target import Registered, Target

A, B = Target("10.0.0.1", 80), Target("10.0.0.2", 80, "all")


def done(**request: Any) -> dict[str, Any]:
    return {}


def session(**answers: Any) -> Scripted:
    return Scripted(Virtual(), RegisterTargets=done, DeregisterTargets=done, **answers)


def asked(found: Scripted) -> list[tuple[str, list[str]]]:
    """The calls, with the last part of each target's address."""
    return [(name, [each["Id"].rpartition(".")[2] for each in given["Targets"]]) for name, given in found.calls]


# One by one ------------------------------------------------------------------------------------------------------------


async def test_targets_are_written_with_what_they_have() -> None:
    found = session()
    await health.register(found, "arn", [A, B, Target("i-1")])
    assert found.calls[0][1] == {
        "TargetGroupArn": "arn",
        "Targets": [{"Id": "10.0.0.1", "Port": 80}, {"Id": "10.0.0.2", "Port": 80, "AvailabilityZone": "all"}, {"Id": "i-1"}],
    }


async def test_server_ids_are_written_and_read() -> None:
    target = Target("10.0.0.1", 443, server_id="0x0123456789abcdef")
    row = {"Id": "10.0.0.1", "Port": 443, "QuicServerId": "0x0123456789abcdef"}
    found = session(DescribeTargetHealth=lambda **request: {"TargetHealthDescriptions": [{"Target": row}]})
    await health.register(found, "arn", [target])
    await health.deregister(found, "arn", [target])
    assert [request["Targets"] for _, request in found.calls] == [[row], [row]]
    assert await health.registered(found, "arn") == (Registered(target, ""),)


async def test_many_are_split_and_none_is_no_call() -> None:
    found = session()
    await health.deregister(found, "arn", [])
    assert found.calls == []
    await health.deregister(found, "arn", [Target(f"10.0.0.{n}", 80) for n in range(CHUNK + 1)])
    assert [(name, len(names)) for name, names in asked(found)] == [("DeregisterTargets", CHUNK), ("DeregisterTargets", 1)]


async def test_those_that_are_not_registered_are_no_members() -> None:
    rows = [
        {"Target": {"Id": "10.0.0.1", "Port": 80}, "TargetHealth": {"State": "healthy"}},
        {"Target": {"Id": "10.0.0.2", "Port": 80}, "TargetHealth": {"State": "unused", "Reason": "Target.NotRegistered"}},
        {"Target": {"Id": "10.0.0.3"}},
    ]
    found = session(DescribeTargetHealth=lambda **request: {"TargetHealthDescriptions": rows})
    assert await health.registered(found, "arn") == (Registered(A, "healthy"), Registered(Target("10.0.0.3"), ""))
    assert await health.registered(found, "arn", []) == ()
    await health.registered(found, "arn", [A])
    assert [given.get("Targets") for _, given in found.calls] == [None, [{"Id": "10.0.0.1", "Port": 80}]]


async def test_a_group_is_described_by_arn_or_name() -> None:
    found = session(DescribeTargetGroups=lambda **request: {"TargetGroups": [request]})
    assert await health.group(found, "arn", "name") == {"TargetGroupArns": ["arn"]}
    assert await health.group(found, "", "name") == {"Names": ["name"]}


async def test_a_vpcs_ranges_are_believed_for_a_while() -> None:
    vpc = {
        "CidrBlockAssociationSet": [
            {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}},
            {"CidrBlock": "10.1.0.0/16", "CidrBlockState": {"State": "disassociated"}},
        ],
        "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": "fd00::/56", "Ipv6CidrBlockState": {"State": "associated"}}],
    }
    clock = Virtual()
    found = Scripted(clock, DescribeVpcs=lambda **request: {"Vpcs": [vpc]})
    for _ in range(2):
        assert await health.cidrs(found, "vpc-1") == ("10.0.0.0/16", "fd00::/56")
    assert found.count("DescribeVpcs") == 1
    await clock.advance(VPC_SECONDS)
    await health.cidrs(found, "vpc-1")
    assert found.count("DescribeVpcs") == 2


# Many at once ----------------------------------------------------------------------------------------------------------


async def test_those_who_come_at_once_share_a_call() -> None:
    found, batches = session(), Batches()
    running = asyncio.gather(*(batches.register(found, "arn", [each]) for each in (A, B, A)), batches.deregister(found, "arn", [B]))
    await settle()
    assert found.calls == []
    assert isinstance(found.clock, Virtual)
    await found.clock.advance(LINGER)
    await running
    assert asked(found) == [("RegisterTargets", ["1", "2"]), ("DeregisterTargets", ["2"])]
    assert len(batches) == 0, "nothing is kept of a group that nobody waits for"


async def test_a_refusal_reaches_all_who_share_it_and_nobody_else() -> None:
    found, batches = session(), Batches()
    found.answers["RegisterTargets"] = fails(errors.Limit, "TooManyTargets")
    calls = batches.register(found, "arn", [A]), batches.register(found, "arn", [B]), batches.deregister(found, "arn", [A])
    running = asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(found.clock, Virtual)
    await found.clock.advance(LINGER)
    assert [type(each) for each in await running] == [errors.Limit, errors.Limit, type(None)]
    assert len(batches) == 0


async def test_none_is_no_call() -> None:
    found, batches = session(), Batches()
    await batches.register(found, "arn", [])
    assert (len(batches), found.calls) == (0, [])


async def test_one_who_gives_up_takes_no_other_down() -> None:
    found, batches = session(), Batches()
    first, second = (asyncio.ensure_future(batches.register(found, "arn", [each])) for each in (A, B))
    await settle()
    first.cancel()
    assert isinstance(found.clock, Virtual)
    await found.clock.advance(LINGER)
    await second
    assert first.cancelled()


async def test_what_comes_during_a_call_goes_with_the_next() -> None:
    found, batches, gate = session(), Batches(), asyncio.Event()

    class Slow(Scripted):
        async def call(self, service: str, operation: str, /, **request: Any) -> dict[str, Any]:
            await gate.wait()
            return await super().call(service, operation, **request)

    found = Slow(Virtual(), RegisterTargets=done)
    first = asyncio.ensure_future(batches.register(found, "arn", [A]))
    assert isinstance(found.clock, Virtual)
    await found.clock.advance(LINGER)
    second = asyncio.ensure_future(batches.register(found, "arn", [B]))
    await settle()
    gate.set()
    await asyncio.gather(first, second)
    assert asked(found) == [("RegisterTargets", ["1"]), ("RegisterTargets", ["2"])]


async def test_a_cancelled_call_leaves_nobody_waiting() -> None:
    batches = Batches()

    def cancelled(**request: Any) -> dict[str, Any]:
        raise asyncio.CancelledError

    found = Scripted(Virtual(), RegisterTargets=cancelled)
    many = [Target(f"10.0.{n // 256}.{n % 256}", 80) for n in range(CHUNK + 1)]
    running = asyncio.ensure_future(batches.register(found, "arn", many))
    assert isinstance(found.clock, Virtual)
    await found.clock.advance(LINGER)
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(batches) == 0
