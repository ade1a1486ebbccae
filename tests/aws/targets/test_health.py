"""Registration, deregistration and health of targets."""

from typing import Any

from tests.aws.scripted import Scripted
from tests.clock import Virtual

from albatross.aws.targets import health
from albatross.aws.targets.health import CHUNK, VPC_SECONDS
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
