"""What one process costs at the limits of the account: `python benchmarks/limits.py [seconds]`.

It sends as many calls as AWS' buckets allow (50 reads, 3 changes and 4 registrations a second, after the bursts are used), signs and parses
each of them, and prints the part of one processor core that this takes. The budget is a quarter.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bed import CLUSTER, LATENCY, REGION, child

from albatross.aws.session.client import Session
from albatross.aws.session.transport import Settings
from albatross.model.config import Config

BUDGET = 0.25
AT_ONCE = 20
"""Calls of each kind that wait at any time."""


async def measure(seconds: float) -> float:
    """The part of a core, after the bursts are used up."""
    common = {"region": REGION, "cluster_name": CLUSTER, "cidr": "127.205.0.0/16", "domain": "example.com", "account": "123456789012"}
    with tempfile.TemporaryDirectory(prefix="albatross-bench-") as place:
        async with child("aws", common, Path(place)) as aws:
            keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
            settings = Settings(endpoints=dict.fromkeys(("elbv2", "ec2", "acm"), aws["endpoint"]), credentials=keys)
            config = Config(cluster_name=CLUSTER, region=REGION, vpc_id=aws["vpc_id"])
            async with Session(config, settings=settings) as session:
                return await _spent(session, aws, seconds)


async def _spent(session: Session, aws: Any, seconds: float) -> float:
    made = await session.call("elbv2", "CreateTargetGroup", Name="limits", Protocol="HTTP", Port=80, VpcId=aws["vpc_id"], TargetType="ip")
    arn, address = made["TargetGroups"][0]["TargetGroupArn"], aws["nodes"][0]["private_ip"]
    sent = 0

    async def forever(call: Callable[[], Awaitable[object]]) -> None:
        nonlocal sent
        while True:
            await call()
            sent += 1

    calls: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: session.call("elbv2", "DescribeTargetGroups", TargetGroupArns=[arn]),
        lambda: session.call("elbv2", "ModifyTargetGroup", TargetGroupArn=arn, HealthCheckPath="/"),
        lambda: session.call("elbv2", "RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": address, "Port": 80}]),
    )
    tasks = [asyncio.create_task(forever(call)) for call in calls for _ in range(AT_ONCE)]
    await asyncio.sleep(8)  # the bursts
    began, spent, before = time.perf_counter(), time.process_time(), sent
    await asyncio.sleep(seconds)
    took, used, rate = time.perf_counter() - began, time.process_time() - spent, (sent - before) / seconds
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(f"{rate:.0f} calls/s for {took:.0f} s (latency of the account not included: {LATENCY:g} s in the other benchmarks)")
    print(f"{used / took:.1%} of a core, {1000 * used / (rate * took):.1f} ms of CPU for each call (budget {BUDGET:.0%})")
    return used / took


if __name__ == "__main__":
    sys.exit(asyncio.run(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0)) > BUDGET)
