"""What the benchmarks of a whole controller stand on: a sandbox account with AWS' latency and rate limits, a cluster, and a controller.

The account is the emulated one of the sandbox: 30 ms a call, and the documented buckets (Describe 200 + 50/s, Modify 20 + 3/s, Register and
Deregister together 20 + 4/s). The cluster is the sandbox's API server without controllers of workloads: pods are objects with addresses.
Health checks pass at once, and no data plane runs, so that the machine's processors serve the controller and the two servers only.
"""

import asyncio
import ipaddress
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from albatross.kube.client import Client
from albatross.kube.config import load
from albatross_sandbox import module

Object = dict[str, Any]
Call = Mapping[str, Any]

LATENCY = 0.03
CLUSTER, REGION, SPACE = "sandbox", "ap-northeast-2", "many"
PREFIX = "alb.ingress.kubernetes.io"
OURS = (
    "{python} -P -m albatross run --kubeconfig {kubeconfig} --cluster-name {cluster} --aws-region {region} --aws-vpc-id {vpc}"
    " --leader-election-namespace default --metrics-bind-addr 0 --health-probe-bind-addr {health}"
)


RATES = (
    {"service": "elbv2", "operation": "RegisterTargets|DeregisterTargets", "burst": 20, "rate": 4},
    {"service": "elbv2", "operation": "Describe.*", "burst": 200, "rate": 50},
    {"service": "elbv2", "operation": "Modify.*", "burst": 20, "rate": 3},
)
PATIENCE = 600.0
BLOCK = 250
"""Addresses that a node gets at a time."""


@dataclass
class Bed:
    """One account and one cluster. `spare` are addresses that no pod has yet, with their nodes."""

    aws: Mapping[str, Any]
    kubeconfig: str
    client: Client
    command: str
    folder: Path
    spare: list[tuple[str, str]] = field(default_factory=list)
    taken: int = 0
    since: int = 0

    # The account ------------------------------------------------------------------------------------------------------

    def control(self, path: str, body: Any = None) -> Any:
        """A control call of the account."""
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"{self.aws['endpoint']}/_sandbox/{path}", data) as answer:
            return json.load(answer)

    def calls(self) -> list[Call]:
        """The calls since the last mark, oldest first."""
        found: list[Call] = self.control(f"journal?since={self.since}")["calls"]
        return found

    def mark(self) -> None:
        """Count from here, with full buckets."""
        self.control("limits", {"rates": list(RATES)})
        self.since = max((call["n"] for call in self.control(f"journal?since={self.since}")["calls"]), default=self.since)

    def lift(self) -> None:
        """No rate limits, until the next mark."""
        self.control("limits", {"rates": []})

    def ec2(self, action: str, **form: str) -> None:
        """A call of EC2 that prepares the account."""
        scope = f"sandbox/20260101/{REGION}/ec2/aws4_request"
        headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
        data = urlencode({"Action": action, "Version": "2016-11-15", **form}).encode()
        urllib.request.urlopen(urllib.request.Request(self.aws["endpoint"], data, headers)).close()

    def address(self) -> tuple[str, str]:
        """An address on a node, and the name of the node."""
        if not self.spare:
            for node in self.aws["nodes"]:
                first = ipaddress.IPv4Address(node["private_ip"]) + 100 + self.taken
                block = [str(first + number) for number in range(BLOCK)]
                form = {f"PrivateIpAddress.{number}": each for number, each in enumerate(block, 1)}
                self.ec2("AssignPrivateIpAddresses", NetworkInterfaceId=node["eni_id"], **form)
                self.spare += [(each, node["name"]) for each in block]
            self.taken += BLOCK
        return self.spare.pop(0)

    # The cluster ------------------------------------------------------------------------------------------------------

    async def pod(self, name: str, app: str) -> Object:
        """Create a pod that is ready; the endpoint of an EndpointSlice for it."""
        (address, node), path = self.address(), f"/api/v1/namespaces/{SPACE}/pods"
        container = {"name": "web", "image": "web", "ports": [{"containerPort": 8080}]}
        spec = {"nodeName": node, "containers": [container]}
        await self.client.create(
            path, {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": app}}, "spec": spec}
        )
        conditions = [{"type": kind, "status": "True"} for kind in ("Ready", "ContainersReady", "PodScheduled", "Initialized")]
        status = {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "conditions": conditions}
        await self.client.patch(f"{path}/{name}/status", {"status": status})
        return {
            "addresses": [address],
            "conditions": {"ready": True, "serving": True, "terminating": False},
            "nodeName": node,
            "targetRef": {"kind": "Pod", "namespace": SPACE, "name": name},
        }

    async def service(self, number: int, pods: int) -> list[Object]:
        """Create a Service, its pods and its EndpointSlice; the endpoints."""
        app = f"app-{number}"
        endpoints = [await self.pod(f"{app}-{each}", app) for each in range(pods)]
        ports = [{"name": "http", "port": 80, "targetPort": 8080}]
        spec = {"selector": {"app": app}, "ports": ports, "clusterIP": "None"}
        await self.client.create(
            f"/api/v1/namespaces/{SPACE}/services", {"apiVersion": "v1", "kind": "Service", "metadata": {"name": app}, "spec": spec}
        )
        await self.client.create(f"/apis/discovery.k8s.io/v1/namespaces/{SPACE}/endpointslices", piece(app, endpoints))
        return endpoints

    async def services(self, count: int, pods: int) -> list[list[Object]]:
        """Create many; the endpoints of each."""
        await self.client.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}})
        for node in self.aws["nodes"]:
            metadata = {"name": node["name"], "labels": {"topology.kubernetes.io/region": REGION}}
            spec = {"providerID": node["provider_id"]}
            await self.client.create("/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": spec})
            status = {"conditions": [{"type": "Ready", "status": "True"}]}
            await self.client.patch(f"/api/v1/nodes/{node['name']}/status", {"status": status})
        return await many([self.service(number, pods) for number in range(count)])

    async def apply(self, ingresses: Iterable[Object]) -> None:
        """Create Ingresses, many at a time."""
        path = f"/apis/networking.k8s.io/v1/namespaces/{SPACE}/ingresses"
        await many([self.client.create(path, each) for each in ingresses])

    async def annotate(self, name: str, annotation: str, value: str) -> None:
        """Change one annotation of an Ingress."""
        body = {"metadata": {"annotations": {f"{PREFIX}/{annotation}": value}}}
        await self.client.patch(f"/apis/networking.k8s.io/v1/namespaces/{SPACE}/ingresses/{name}", body)

    async def served(self) -> bool:
        """Whether every Ingress has an address."""
        found = (await self.client.get(f"/apis/networking.k8s.io/v1/namespaces/{SPACE}/ingresses"))["items"]
        return all(each.get("status", {}).get("loadBalancer", {}).get("ingress") for each in found)

    # The controller ---------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def controller(self, *more: str, ready: bool = True) -> AsyncIterator["Controller"]:
        """Run the controller, and end it with the block. `more`: arguments that only ours has. Several can run at the same time."""
        health = f"127.0.0.1:{_free()}"
        facts = {"kubeconfig": self.kubeconfig, "cluster": CLUSTER, "region": REGION, "vpc": self.aws["vpc_id"], "health": health}
        argv = [each.format(python=sys.executable, **facts) for each in shlex.split(self.command)]
        keys = {"AWS_ACCESS_KEY_ID": "sandbox", "AWS_SECRET_ACCESS_KEY": "sandbox", "AWS_REGION": REGION}
        own = {"KUBECONFIG": self.kubeconfig, "AWS_ENDPOINT_URL": self.aws["endpoint"], "AWS_EC2_METADATA_DISABLED": "true", **keys}
        argv += more if self.command == OURS else ()
        log = self.folder / f"controller-{time.monotonic_ns()}.log"
        running = Controller(_start(argv, {**os.environ, **own}, log), log, health)
        try:
            if ready:
                await until(running.answers, PATIENCE, 0.05)
            yield running
        finally:
            await running.end()


@dataclass(frozen=True)
class Controller:
    """A running controller. `health` is the address of its probes."""

    process: "subprocess.Popen[bytes]"
    log: Path
    health: str

    async def answers(self) -> bool:
        """Whether its readiness probe answers. Ends the benchmark if it does not run any more."""
        if self.process.poll() is not None:
            sys.exit(f"the controller ended with {self.process.returncode}:\n{self.log.read_text()[-4000:]}")
        return await asyncio.to_thread(_ready, self.health)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send it a signal, and wait until it has ended. It may have ended before."""
        self.process.send_signal(number)
        await asyncio.to_thread(self.process.wait, 60)

    def used(self) -> tuple[float, float]:
        """CPU seconds, and the peak of the resident memory in MB."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(peak.split()[1]) / 1000

    def said(self, words: str) -> bool:
        """Whether its log has these words."""
        return words.encode() in self.log.read_bytes()

    def when(self, words: str) -> float:
        """The time in the first line of its log with these words, in seconds since the epoch."""
        line = next(each for each in self.log.read_text().splitlines() if words in each)
        return datetime.fromisoformat(json.loads(line)["timestamp"]).timestamp()


def _start(argv: Sequence[str], environment: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as file:
        return subprocess.Popen(argv, env=environment, stdout=file, stderr=file)


def _free() -> int:
    """A port that nobody uses, so that two runs on one machine do not take each other's controller for their own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _ready(health: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{health}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def ingress(number: int, group: str = "", **annotations: str) -> Object:
    """One of many: alone on a load balancer, or in a group."""
    backend = {"service": {"name": f"app-{number}", "port": {"number": 80}}}
    rule = {"host": f"app-{number}.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    chosen = {"scheme": "internal", "target-type": "ip", **({"group.name": group} if group else {}), **annotations}
    metadata = {"name": f"app-{number}", "annotations": {f"{PREFIX}/{key}": value for key, value in chosen.items()}}
    spec = {"ingressClassName": "alb", "rules": [rule]}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec}


def piece(app: str, endpoints: Sequence[Object]) -> Object:
    """The EndpointSlice of a Service."""
    metadata = {"name": f"{app}-x", "labels": {"kubernetes.io/service-name": app}}
    ports = [{"name": "http", "port": 8080, "protocol": "TCP"}]
    kind = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": metadata, "addressType": "IPv4"}
    return {**kind, "ports": ports, "endpoints": list(endpoints)}


def at(call: Call) -> float:
    """The time of a call, in seconds since the epoch."""
    return datetime.fromisoformat(call["at"]).timestamp()


def reads(calls: Iterable[Call]) -> int:
    """How many of the calls only read."""
    return sum(call["operation"].startswith(("Describe", "Get", "List")) and call["operation"] != "GetCallerIdentity" for call in calls)


def addresses(call: Call) -> frozenset[str]:
    """The targets of a call that registers or deregisters."""
    return frozenset(each["Id"] for each in call["request"].get("Targets") or ())


async def until(true: Callable[[], Awaitable[bool]], within: float = PATIENCE, every: float = 0.05) -> float:
    """Wait until something is true; the time then."""
    deadline = time.monotonic() + within
    while not await true():
        if time.monotonic() > deadline:
            sys.exit(f"not within {within:g} s")
        await asyncio.sleep(every)
    return time.time()


async def many(works: Iterable[Awaitable[Any]], at_once: int = 16) -> list[Any]:
    """Await all, some of them at a time."""
    slots = asyncio.Semaphore(at_once)

    async def work(each: Awaitable[Any]) -> Any:
        async with slots:
            return await each

    return list(await asyncio.gather(*(work(each) for each in works)))


@asynccontextmanager
async def child(name: str, config: Mapping[str, Any], folder: Path) -> AsyncIterator[Mapping[str, Any]]:
    """A part of the sandbox; what it says when it is ready."""
    file = folder / f"{name}.json"
    file.write_text(json.dumps({"state": str(folder), **config}))
    with (folder / f"{name}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *module.argv(f"albatross_sandbox.{name}"),
            *("--config", str(file)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            limit=2**24,
        )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def bed(command: str = OURS, quota: int = 1100) -> AsyncIterator[Bed]:
    """An account and a cluster with the IngressClass `alb`; rate limits are lifted until the first mark."""
    with tempfile.TemporaryDirectory(prefix="albatross-bench-") as place:
        folder = Path(place)
        common = {"region": REGION, "cluster_name": CLUSTER, "cidr": "127.204.0.0/16", "domain": "example.com", "account": "123456789012"}
        async with child("aws", common, folder) as aws:
            found = {**common, "nodes": aws["nodes"], "aws_endpoint": aws["endpoint"], "workloads": False}
            async with child("kube", found, folder) as kube, Client(load(kube["kubeconfig"])) as client:
                made = Bed(aws, kube["kubeconfig"], client, command, folder)
                made.control("latency", {"seconds": LATENCY})
                made.control("timing", {"health_checks": False})
                made.control("limits", {"rates": [], "quotas": {"application-load-balancers": quota, "target-groups": 3 * quota}})
                await client.create("/apis/networking.k8s.io/v1/ingressclasses", CLASS)
                yield made


CLASS: Object = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "IngressClass",
    "metadata": {"name": "alb"},
    "spec": {"controller": "ingress.k8s.aws/alb"},
}
