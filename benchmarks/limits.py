"""What one controller costs at the limits of the account: `python benchmarks/limits.py [INGRESSES] [SECONDS]` (100, 30).

A whole controller runs in the account and the cluster of `bed.py`. Ingresses are edited and pods are replaced without a pause, twice as
many as AWS allows to change (3 Modify calls and 4 of RegisterTargets and DeregisterTargets a second). When the bursts are used, it prints
the part of one processor core that the process needs. The budget is a quarter. Then it sends only calls: what 50 reads a second would cost
in addition, which a controller needs only after a start.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from bed import CLUSTER, REGION, SPACE, Bed, Object, at, bed, child, many
from converge import LIFTED, PODS, built, settled

from albatross.aws.session.client import Session
from albatross.aws.session.transport import Settings
from albatross.model.config import Config

INGRESSES, SECONDS = 100, 30.0
BUDGET = 0.25
EDITS, ROLLOUTS = 6.0, 4.0
"""Edits and replaced pods in a second: each edit is one Modify call, each replaced pod one call to register and one to deregister."""
MODIFIES, REGISTERS, READS = 3.0, 4.0, 50.0
"""What AWS allows in a second."""
BURSTS_SECONDS = 15.0
AT_ONCE = 20
"""Reads that wait at any time."""


async def whole(ingresses: int, seconds: float) -> float:
    """The part of a core that a whole controller needs."""
    async with bed() as place:
        endpoints = await place.services(ingresses, PODS)
        others = await many([place.pod(f"app-{number}-other", f"app-{number}") for number in range(ingresses)])
        place.lift()
        async with place.controller(LIFTED):
            await built(place, endpoints)
        async with place.controller() as running:
            await settled(place, running)
            place.mark()
            streams = [asyncio.create_task(each) for each in (editing(place, ingresses), rolling(place, endpoints, others))]
            await asyncio.sleep(BURSTS_SECONDS)
            began, before = time.time(), running.used()[0]
            await asyncio.sleep(seconds)
            ended, (after, memory) = time.time(), running.used()
            for each in streams:
                each.cancel()
            await asyncio.gather(*streams, return_exceptions=True)
            made = Counter(call["operation"] for call in place.calls() if began <= at(call) < ended)
    took = ended - began
    share = (after - before) / took
    modified = sum(number for operation, number in made.items() if operation.startswith("Modify")) / took
    moved = (made["RegisterTargets"] + made["DeregisterTargets"]) / took
    print(f"{ingresses} load balancers, calls a second: {modified:.1f} of {MODIFIES:g} Modify, {moved:.1f} of {REGISTERS:g} of targets")
    print(f"{share:.1%} of a core for {took:.0f} s (budget {BUDGET:.0%}), {memory:.0f} MB; {dict(made)}")
    return share


async def editing(place: Bed, ingresses: int) -> None:
    """Edit one Ingress after the other, without an end."""
    for number in count():
        await place.annotate(f"app-{number % ingresses}", "healthcheck-interval-seconds", str(20 + number // ingresses % 200))
        await asyncio.sleep(1 / EDITS)


async def rolling(place: Bed, endpoints: Sequence[Sequence[Object]], others: Sequence[Object]) -> None:
    """Replace one pod of each Service by another one, and the next time the other way round, without an end."""
    for number in count():
        turn, app = divmod(number, len(endpoints))
        first, *rest = endpoints[app]
        path = f"/apis/discovery.k8s.io/v1/namespaces/{SPACE}/endpointslices/app-{app}-x"
        await place.client.patch(path, {"endpoints": [first if turn % 2 else others[app], *rest]})
        await asyncio.sleep(1 / ROLLOUTS)


async def asked(seconds: float) -> float:
    """The part of a core that 50 reads a second need: to sign, to send and to parse them."""
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
    arn = made["TargetGroups"][0]["TargetGroupArn"]
    sent = 0

    async def forever(call: Callable[[], Awaitable[object]]) -> None:
        nonlocal sent
        while True:
            await call()
            sent += 1

    tasks = [
        asyncio.create_task(forever(lambda: session.call("elbv2", "DescribeTargetGroups", TargetGroupArns=[arn]))) for _ in range(AT_ONCE)
    ]
    await asyncio.sleep(8)  # the burst
    began, spent, before = time.perf_counter(), time.process_time(), sent
    await asyncio.sleep(seconds)
    took, used, rate = time.perf_counter() - began, time.process_time() - spent, (sent - before) / seconds
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    each = used / (rate * took)
    print(f"reads: {1000 * each:.1f} ms of CPU for each; {READS:g} a second: {READS * each:.1%} of a core")
    return READS * each


async def measure(ingresses: int, seconds: float) -> bool:
    """Measure both; whether the process keeps its budget."""
    share = await whole(ingresses, seconds)
    print(f"together {share + await asked(seconds / 3):.1%}")
    return share <= BUDGET


def main() -> None:
    """Read the arguments, measure."""
    ingresses = int(sys.argv[1]) if len(sys.argv) > 1 else INGRESSES
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    print(f"load of the machine {os.getloadavg()[0]:.1f}")
    sys.exit(not asyncio.run(measure(ingresses, seconds)))


if __name__ == "__main__":
    main()
