"""A world in one process and on one clock: an account, an API server, pods that answer, and controllers that can be killed."""

import asyncio
import gc
import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from soak import shop
from soak.account import CLUSTER, REGION, Account, account, ordered
from soak.cluster import Api, api
from soak.loop import Life, Loop, LoopClock, start

from albatross.catalog import settings
from albatross.controller import process
from albatross.controller.app import App

SERVICES = ("elbv2", "ec2", "acm", "wafv2", "sts", "shield", "waf-regional", "route53", "iam")
PODS = ("web", "api", "net", "new")
LEASES = "leases.coordination.k8s.io"
TO_REST, TO_END = 5.0, 600.0
"""Seconds without a call after which the controller is at rest, and the longest time until it is."""


@dataclass
class Controller:
    """A process of the controller. `task` is what runs in it."""

    life: Life
    clock: LoopClock
    task: asyncio.Task[bool]
    apps: list[App]

    def kill(self) -> None:
        """`kill -9`: from now on, nothing of it reaches the world."""
        self.life.end()
        self.task.cancel()

    async def gone(self) -> None:
        """Wait until the interpreter has forgotten it, too."""
        self.kill()
        await asyncio.gather(self.task, return_exceptions=True)
        for app in self.apps:
            app.groups.thread.close()
        gc.unfreeze()


@dataclass
class World:
    """Everything; `steps` are create, edit, replace and delete, each a function that changes objects."""

    loop: Loop
    account: Account
    api: Api
    pods: dict[str, list[str]]
    state_folder: Path
    controllers: list[Controller] = field(default_factory=list)
    spawned: int = 0
    beside: list[asyncio.Future[Any]] = field(default_factory=list)

    def spawn(self, **flags: str) -> Controller:
        """Start a controller."""
        own = {
            "cluster-name": CLUSTER,
            "aws-region": REGION,
            "aws-vpc-id": self.account.facts["vpc_id"],
            "kubeconfig": str(self.api.kubeconfig),
            "metrics-bind-addr": "0",
            "health-probe-bind-addr": "0",
            "enable-webhooks": "false",
            "enable-dns": "true",
            "allow-deletions": "all",  # the strange objects are deleted at once
            "aws-api-endpoints": ",".join(f"{name}={self.account.url}" for name in SERVICES),
        }
        given = settings.read({**own, **{name.replace("_", "-"): text for name, text in flags.items()}})
        assert not given.complaints, given.complaints
        life, clock = Life(), LoopClock(self.loop)
        apps: list[App] = []
        found = Controller(life, clock, start(process.serve(given.config, given.options, apps, clock), life), apps)
        self.controllers.append(found)
        self.spawned += 1
        return found

    async def clear(self) -> None:
        """End all controllers, and forget who led."""
        for each in self.controllers:
            await each.gone()
        self.controllers.clear()
        for lease in self.api.objects(LEASES):
            await self.api.cluster.delete(LEASES, lease["metadata"]["namespace"], lease["metadata"]["name"])

    async def furnish(self) -> None:
        """Make what is there before the first step: a namespace, a class, nodes, pods."""
        for obj in shop.fixed(self.account.facts["nodes"]):
            await self.api.apply(obj)
        for name, addresses in self.pods.items():
            for address in addresses:
                pod = shop.pod(name, address, self._node(address))
                await self.api.apply(pod)
                await self.api.cluster.patch_status("pods", shop.SPACE, pod["metadata"]["name"], shop.pod_status(address))

    def _node(self, address: str) -> str:
        """The name of the node whose interface has the address of a pod."""
        return str(next(each["name"] for each in self.account.facts["nodes"] if _subnet(each["private_ip"]) == _subnet(address)))

    # Steps -------------------------------------------------------------------------------------------------------------

    async def step(self, name: str) -> None:
        """Do what a user does: create, edit, replace or delete."""
        if name == "delete":
            for key in ("ingresses.networking.k8s.io", "services", "endpointslices.discovery.k8s.io"):
                await self._delete(key)
            return
        certificate = self.account.facts["certificates"][1]["arn"]
        made = {"create": shop.create(self.pods), "edit": shop.edit(self.pods, certificate), "replace": shop.replace(certificate)}
        for obj in made[name]:
            await self.api.apply(obj)

    async def _delete(self, key: str) -> None:
        for obj in self.api.objects(key):
            if obj["metadata"]["namespace"] == shop.SPACE:
                await self.api.cluster.delete(key, shop.SPACE, obj["metadata"]["name"])

    async def rest(self, seconds: float = TO_END) -> float | None:
        """Wait until the controller sends nothing for a while. The seconds until its last call; None if it does not come to rest."""
        loop, began = self.loop, self.loop.time()
        count, since = self.sent(), loop.time()
        while loop.time() - began < seconds:
            await asyncio.sleep(1)
            if (now := self.sent()) != count:
                count, since = now, loop.time()
            elif loop.time() - since >= TO_REST:
                return since - began
        return None

    def sent(self) -> tuple[int, int]:
        """The calls and the writes into the cluster so far that change what is compared. Digests are kept up to 30 s after a pass."""
        writes = sum("configmaps" not in name for name in self.api.face.names)
        return sum(each.operation != "DescribeTargetHealth" for each in self.account.calls), writes

    # What is compared --------------------------------------------------------------------------------------------------

    async def state(self) -> Any:
        """The account and what the controller wrote into the cluster, without what differs from run to run."""
        keys = ("ingresses.networking.k8s.io", "services", "targetgroupbindings.elbv2.k8s.aws")
        kept = [_essence(each) for each in self.api.objects(*keys) if each["metadata"]["namespace"] == shop.SPACE]
        text = json.dumps({"account": await self.account.state(), "cluster": kept})
        groups = (await self.account.endpoint.cloud.ec2("DescribeSecurityGroups"))["securityGroupInfo"] or []
        for each in groups:
            text = text.replace(each["groupId"], f"<{each['groupName']}>")
        for pattern, plain in _RANDOM:
            text = pattern.sub(plain, text)
        return ordered(json.loads(text))

    def warnings(self) -> list[str]:
        """What users were told is wrong."""
        return [f"{each['reason']}: {each['message']}" for each in self.api.objects("events") if each.get("type") == "Warning"]

    async def forget_events(self) -> None:
        for each in self.api.objects("events"):
            await self.api.cluster.delete("events", each["metadata"]["namespace"], each["metadata"]["name"])


_RANDOM = (
    (re.compile(r"-\d{9,10}(?=\.ap-)|-[0-9a-f]{16}(?=\.elb)"), ""),
    (re.compile(r"(loadbalancer/(?:app|net)/[^/\"]+|targetgroup/[^/\"]+)/[0-9a-f]{16}"), r"\1"),
    # Names contain a digest of the uid of a Service. `counts` of the state shows if two names become one by that.
    (re.compile(r"(k8s-[a-z]+-[a-z]+-)[0-9a-f]{10}"), r"\1"),
)


def _essence(obj: dict[str, Any]) -> dict[str, Any]:
    meta = obj["metadata"]
    kept = {name: meta.get(name) for name in ("name", "annotations", "labels")}
    kept["finalizers"] = sorted(meta.get("finalizers") or ())
    spec = {
        name: value for name, value in obj.get("spec", {}).items() if name not in ("clusterIP", "clusterIPs") and obj["kind"] != "Service"
    }
    status = {name: value for name, value in obj.get("status", {}).items() if name != "observedGeneration"}
    return {"kind": obj["kind"], "metadata": kept, "spec": spec, "status": status}


@asynccontextmanager
async def world(loop: Loop, folder: Path) -> AsyncIterator[World]:
    """A world with pods, without a controller."""
    os.environ.update(AWS_ACCESS_KEY_ID="soak", AWS_SECRET_ACCESS_KEY="soak", AWS_EC2_METADATA_DISABLED="true")
    cidr = f"127.{2 + os.getpid() % 250}.0.0/16"
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(account(loop, folder, cidr))
        served = await stack.enter_async_context(api(folder))
        found = World(loop, held, served, {name: [] for name in PODS}, folder)
        for number, name in enumerate(PODS * 3):
            await _run(stack, found, name, number)
        await found.furnish()
        try:
            yield found
        finally:
            await found.clear()


async def _run(stack: AsyncExitStack, found: World, name: str, number: int) -> None:
    """Give a pod an address and let it answer there."""
    node = found.account.facts["nodes"][number % 3]
    address = f"{_subnet(node['private_ip'])}.{20 + number}"
    given = {"NetworkInterfaceId": node["eni_id"], "PrivateIpAddress.1": address}
    await found.account.endpoint.cloud.ec2("AssignPrivateIpAddresses", **given)
    server = await asyncio.start_server(_answer, address, 8080)
    stack.callback(server.close)
    found.pods[name].append(address)


def _subnet(address: str) -> str:
    return address.rpartition(".")[0]


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A pod: every request is answered with 200."""
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()
