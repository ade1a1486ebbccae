"""How many calls a restart costs: `python benchmarks/restart.py [stacks]` deploys them to an emulated account, then observes them all anew.

A stack is an ALB with two listeners, two rules and a target group. The peer (v3.5.0) needs 1,312 Describe calls for 100 such stacks.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from albatross.aws.perform.operation import perform
from albatross.aws.read.observe import observe
from albatross.aws.session.client import Session
from albatross.aws.session.transport import Settings
from albatross.catalog.tracking import INGRESS
from albatross.controller.execute import execute
from albatross.model.config import Config
from albatross.model.observed import Observed
from albatross.model.resources.action import FixedResponse, Forward, WeightedTargetGroup
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer, SubnetMapping
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Condition, Rule
from albatross.model.resources.security_group import Permission, SecurityGroup
from albatross.model.resources.stack import Stack, StackId
from albatross.model.resources.target_group import HealthCheck, TargetGroup
from albatross.planner.diff import plan
from albatross.planner.link import link

LB, SG, TG = Ref("LoadBalancer", "LoadBalancer", "arn"), Ref("SecurityGroup", "sg", "group_id"), Ref("TargetGroup", "web", "arn")
CHECK = HealthCheck(
    port="traffic-port",
    protocol="HTTP",
    path="/",
    http_code="200",
    interval_seconds=15,
    timeout_seconds=5,
    healthy_threshold_count=2,
    unhealthy_threshold_count=2,
)


def stack(number: int, subnets: list[str]) -> Stack:
    """One of many."""
    name = f"k8s-{number}"
    forward = (Forward((WeightedTargetGroup(TG),)),)
    path = (Condition(field="path-pattern", values=("/*",)),)
    missing = (FixedResponse(status_code="404", content_type="text/plain"),)
    balancer = LoadBalancer(
        id="LoadBalancer",
        name=name,
        type="application",
        scheme="internal",
        ip_address_type="ipv4",
        subnet_mappings=tuple(SubnetMapping(subnet_id=each) for each in subnets),
        security_groups=(SG,),
    )
    group = TargetGroup(
        id="web",
        name=name,
        target_type="ip",
        port=80,
        protocol="HTTP",
        protocol_version="HTTP1",
        ip_address_type="ipv4",
        health_check=CHECK,
    )
    ports = (80, 8080)
    return Stack(
        id=StackId(INGRESS, "shop", name),
        security_groups=(
            SecurityGroup(id="sg", name=name, description="d", ingress=(Permission(from_port=80, to_port=80, cidr="0.0.0.0/0"),)),
        ),
        load_balancers=(balancer,),
        target_groups=(group,),
        listeners=tuple(Listener(id=str(p), load_balancer=LB, port=p, protocol="HTTP", default_actions=missing) for p in ports),
        rules=tuple(
            Rule(id=f"{p}:1", listener=Ref("Listener", str(p), "arn"), priority=1, actions=forward, conditions=path) for p in ports
        ),
    )


async def measure(ready: Mapping[str, Any], count: int) -> None:
    """Deploy, restart, print."""
    config = Config(cluster_name="sandbox", region="ap-northeast-2", vpc_id=ready["vpc_id"])
    keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    settings = Settings(endpoints=dict.fromkeys(("elbv2", "ec2", "acm"), ready["endpoint"]), credentials=keys)
    stacks = [stack(number, [each["id"] for each in ready["subnets"] if not each["public"]]) for number in range(count)]
    control(ready, "limits", {"rates": [], "quotas": {"application-load-balancers": count + 1}})
    async with Session(config, settings=settings) as session:

        async def act(operation: Any, ids: Mapping[Ref, str]) -> Mapping[Ref, str]:
            return await perform(session, operation, ids)

        began = time.perf_counter()
        outcomes = await asyncio.gather(*(execute(plan(link(each, Observed(), config), config), act) for each in stacks))
        assert all(outcome.ok for outcome in outcomes), outcomes[0].failures
        print(f"{count} stacks deployed in {time.perf_counter() - began:.1f} s")
    since = max(call["n"] for call in control(ready, "journal?since=0")["calls"])
    async with Session(config, settings=settings) as session:
        began = time.perf_counter()
        found = await asyncio.gather(*(observe(session, each.id, config, each) for each in stacks))
        assert not any(plan(link(each, seen, config), config) for each, seen in zip(stacks, found, strict=True))
        seconds = time.perf_counter() - began
    calls = Counter(call["operation"] for call in control(ready, f"journal?since={since}")["calls"])
    print(f"restart: {sum(calls.values())} calls in {seconds:.1f} s, nothing to do; {dict(calls)}")


def control(ready: Mapping[str, Any], path: str, body: Any = None) -> Any:
    """A control call of the emulated account."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"{ready['endpoint']}/_sandbox/{path}", data) as answer:
        return json.load(answer)


def main() -> None:
    """Run it."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.json"
        config.write_text(json.dumps({"state": folder, "cidr": "127.203.0.0/16"}))
        command = [sys.executable, "-m", "albatross_sandbox.aws", "--config", str(config)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                asyncio.run(measure(json.loads(process.stdout.readline()), int(sys.argv[1]) if len(sys.argv) > 1 else 100))
            finally:
                process.stdin.close()


if __name__ == "__main__":
    main()
