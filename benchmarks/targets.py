"""Memory of a controller with many targets: `python benchmarks/targets.py [load balancers] [targets of each]`.

Cache, bindings and targets loop are the real ones, in this process; the account answers from memory, and every pod is read as the API
server sends it. Printed: time and memory until every target is registered, and then for one pod that is replaced in each group.
"""

import asyncio
import gc
import logging
import resource
import sys
import time
from typing import Any

import structlog
from watch import pod

from albatross.aws.session.client import Session
from albatross.aws.session.throttle import Throttle
from albatross.catalog import kinds
from albatross.controller.bindings import KIND
from albatross.controller.targets import TargetsLoop
from albatross.kube.cache import Cache
from albatross.kube.client import Client, Object, Request
from albatross.kube.config import Access
from albatross.kube.events import Recorder
from albatross.model.config import Config

BUDGET = 300.0
"""MiB resident at most."""
SPACE = "many"


class Account(Session):
    """Target groups with their targets, in memory."""

    def __init__(self, config: Config) -> None:
        super().__init__(config, throttle=Throttle(()))
        self.groups: dict[str, set[str]] = {}

    async def call(self, service: str, operation: str, /, **request: Any) -> dict[str, Any]:
        """Answer one call."""
        if operation == "DescribeVpcs":
            block = {"CidrBlock": "10.0.0.0/8", "CidrBlockState": {"State": "associated"}}
            return {"Vpcs": [{"CidrBlockAssociationSet": [block]}]}
        group = self.groups.setdefault(request["TargetGroupArn"], set())
        ids = {each["Id"] for each in request.get("Targets") or ()}
        if operation == "RegisterTargets":
            group |= ids
        elif operation == "DeregisterTargets":
            group -= ids
        else:
            found = [{"Target": {"Id": each, "Port": 8080}, "TargetHealth": {"State": "healthy"}} for each in sorted(group)]
            return {"TargetHealthDescriptions": found}
        return {}


class Silent(Client):
    """An API server that accepts every write."""

    async def call(self, request: Request) -> Object:
        """Answer one request."""
        return {"metadata": {"name": "x", "namespace": SPACE, "uid": "u", "resourceVersion": "1"}}


def put(cache: Cache, obj: dict[str, Any]) -> None:
    """As a watch does."""
    noun = kinds.parse(obj)
    cache.put(obj["kind"], kinds.key(noun), noun)


def serve(cache: Cache, number: int, members: list[dict[str, Any]]) -> None:
    """The slices of a Service, with a hundred pods each, as Kubernetes makes them."""
    name = f"app-{number}"
    for first in range(0, len(members), 100):
        metadata = {"name": f"{name}-{first}", "namespace": SPACE, "labels": {"kubernetes.io/service-name": name}}
        endpoints = [
            {
                "addresses": [each["status"]["podIP"]],
                "conditions": {"ready": True},
                "targetRef": {"kind": "Pod", "namespace": SPACE, "name": each["metadata"]["name"]},
            }
            for each in members[first : first + 100]
        ]
        ports = [{"name": "http", "port": 8080}]
        body = {"kind": "EndpointSlice", "metadata": metadata, "addressType": "IPv4", "ports": ports, "endpoints": endpoints}
        put(cache, {"apiVersion": "discovery.k8s.io/v1", **body})


def fill(cache: Cache, number: int, count: int) -> list[dict[str, Any]]:
    """A binding with its Service and its pods."""
    name = f"app-{number}"
    metadata = {"name": name, "namespace": SPACE, "uid": name, "resourceVersion": "1"}
    put(cache, {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": [{"name": "http", "port": 80}]}})
    spec = {"targetGroupARN": f"arn:{name}", "targetType": "ip", "ipAddressType": "ipv4", "serviceRef": {"name": name, "port": 80}}
    own = {**metadata, "finalizers": ["elbv2.k8s.aws/resources"]}
    put(cache, {"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": KIND, "metadata": own, "spec": spec})
    members = []
    for each in range(number * count, (number + 1) * count):
        found = pod(each)
        found["metadata"]["namespace"] = SPACE
        put(cache, {"apiVersion": "v1", "kind": "Pod", **found})
        members.append({"metadata": {"name": found["metadata"]["name"]}, "status": {"podIP": found["status"]["podIP"]}})
    serve(cache, number, members)
    return members


def resident() -> float:
    """MiB now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


async def measure(balancers: int, count: int) -> float:
    """Fill, register, replace; the peak in MiB."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    config = Config(cluster_name="c", region="eu-west-1", vpc_id="vpc-1")
    cache, client, account = Cache(), Silent(Access(server="http://127.0.0.1:9", source="benchmark")), Account(config)
    loop = TargetsLoop(account, client, cache, config, Recorder(client, "targetGroupBinding", off=True))
    before, began = resident(), time.perf_counter()
    members = [fill(cache, number, count) for number in range(balancers)]
    gc.collect()
    print(f"{balancers} target groups with {count:,} pods each: {time.perf_counter() - began:.1f} s, {resident() - before:.0f} MiB more")
    for what in ("every target registered", "one pod of each group replaced"):
        began = time.perf_counter()
        for key in cache.keys(KIND):
            await loop.reconcile(key)
        print(f"{what}: {time.perf_counter() - began:.1f} s, {resident():.0f} MiB resident")
        for number, some in enumerate(members):
            serve(cache, number, some[1:])
    assert all(len(found) == count - 1 for found in account.groups.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak {peak:.0f} MiB (budget {BUDGET:.0f} MiB)")
    return peak


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:]]
    sys.exit(asyncio.run(measure(*(numbers + [50, 1000][len(numbers) :]))) > BUDGET)
