"""The account's clock and what runs by it."""

import asyncio

import pytest

from albatross_sandbox.aws.clock import Clock
from albatross_sandbox.aws.fault import Fault
from albatross_sandbox.aws.throttle import Throttle


async def test_advancing_wakes_who_is_due() -> None:
    clock = Clock()
    short, long = asyncio.create_task(clock.sleep(10)), asyncio.create_task(clock.sleep(100))
    await asyncio.sleep(0)
    clock.advance(11)
    await asyncio.wait_for(short, 1)
    assert not long.done()
    clock.advance(90)
    await asyncio.wait_for(long, 1)


def test_only_goes_forward() -> None:
    with pytest.raises(ValueError, match="forward"):
        Clock().advance(-1)


@pytest.mark.parametrize(
    ("operation", "burst", "rate"),
    [("DescribeRules", 200, 50), ("ModifyRule", 20, 3), ("RegisterTargets", 20, 4), ("DeregisterTargets", 20, 4)],
)
def test_rates_that_aws_documents(operation: str, burst: int, rate: int) -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(burst):
        throttle.admit("elbv2", operation)
    with pytest.raises(Fault, match="Rate exceeded"):
        throttle.admit("elbv2", operation)
    clock.advance(1)
    for _ in range(rate):
        throttle.admit("elbv2", operation)
    with pytest.raises(Fault, match="Rate exceeded"):
        throttle.admit("elbv2", operation)


def test_register_and_deregister_share_a_bucket() -> None:
    throttle = Throttle(Clock())
    for _ in range(10):
        throttle.admit("elbv2", "RegisterTargets")
        throttle.admit("elbv2", "DeregisterTargets")
    with pytest.raises(Fault, match="Rate exceeded"):
        throttle.admit("elbv2", "RegisterTargets")
    throttle.admit("elbv2", "CreateRule")
    throttle.admit("ec2", "DescribeVpcs")
