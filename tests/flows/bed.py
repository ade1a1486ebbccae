"""A world, and a controller in it: what flows do and look at."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import account
from tests.role import Place, Role

from albatross.catalog.kinds import KINDS
from albatross.catalog.permissions import Feature
from albatross.kube.client import Client
from albatross.kube.errors import KubeNotFound
from albatross_sandbox.world import World, clean

KUBECTL = str(Path(sys.executable).with_name("kubectl"))
CLI = (sys.executable, "-P", "-m", "albatross")
RUN = (*CLI, "run")
PATIENCE = 60.0
READS = ("Describe", "Get", "List")
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
NUMBER = itertools.count(1)
SHARED = ("--allow-deletions=all",)
"""A controller of many flows deletes more load balancers than is usual."""


async def until(true: Callable[[], Awaitable[Any]], what: str, seconds: float = PATIENCE) -> Any:
    """Wait until something is there; its value."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        found = await true()
        if found:
            return found
        assert asyncio.get_running_loop().time() < deadline, f"not within {seconds:g} s: {what}"
        await asyncio.sleep(0.1)


def place(world: World) -> Place:
    """The account of a world."""
    return Place(world.aws_endpoint, str(world.details["pod_identity"]), world.cluster_name, world.region)


@dataclass
class Controller:
    """`albatross run` as a process of its own, with the credentials of its role and no others."""

    world: World
    log: Path
    kubeconfig: str
    lease: str
    role: Role
    process: subprocess.Popen[bytes] | None = None
    usual: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    said: int = 0

    def start(self, *flags: str) -> None:
        assert self.process is None
        self.flags = flags
        environment = {**clean(os.environ), **self.world.environment(), "KUBECONFIG": self.kubeconfig}
        environment = {key: text for key, text in environment.items() if key not in KEYS} | self.role.environment(self.log.parent)
        own = ("--metrics-bind-addr", "0", "--health-probe-bind-addr", "0", "--page-bind-address", "0", "--leader-election-id", self.lease)
        with self.log.open("ab") as log:
            argv = (*RUN, "--cluster-name", self.world.cluster_name, *own, *self.usual, *flags)
            self.process = subprocess.Popen(argv, env=environment, stderr=log, stdin=subprocess.DEVNULL)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it; its exit code."""
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(how)
        try:
            return process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    def remember(self) -> None:
        """From now on, `lines` has what it logs."""
        self.said = len(self.log.read_text().splitlines())

    def lines(self) -> Iterator[dict[str, Any]]:
        """What it logged since the last `remember`."""
        for line in self.log.read_text().splitlines()[self.said :]:
            yield json.loads(line)


@dataclass
class Stage:
    """The world of a worker, and the controller that its flows share. A flow with a controller of its own clears the stage first."""

    world: World
    folder: Path
    features: tuple[Feature, ...] = ()
    shared: Controller | None = None
    kubeconfig: str = ""

    async def controller(self, features: tuple[Feature, ...]) -> Controller:
        """A running controller with the generated policy for the usual features and these."""
        if self.shared is None or self.features != features or not self._untouched(self.shared):
            self.clear()
            name = f"controller-{next(NUMBER)}"
            folder = self.folder / name
            folder.mkdir()
            self.features, self.kubeconfig = features, await account.seat(self.world.kubeconfig, name, folder)
            role = Role.made(place(self.world), name, *features)
            self.shared = Controller(self.world, folder / "controller.log", self.kubeconfig, name, role, usual=SHARED)
            self.shared.start()
        self.shared.remember()
        return self.shared

    def _untouched(self, found: Controller) -> bool:
        """Whether the flow before left it as it was: not ended, with the same flags, identity and permissions."""
        alive = found.process is not None and found.process.poll() is None
        kept = (found.flags, found.kubeconfig) == ((), self.kubeconfig)
        return alive and kept and found.role.held in ([], found.role.documents)

    def clear(self) -> None:
        """End the controller."""
        shared, self.shared = self.shared, None
        if shared is not None:
            shared.stop()


@dataclass
class Bed:
    """One test's namespace in a world, with kubectl and the account's journal."""

    world: World
    client: Client
    controller: Controller
    namespace: str
    mark: int = 0
    others: list[Controller] = field(default_factory=list)

    async def kubectl(self, *argv: str, text: str = "", check: bool = True) -> str:
        environment = {**os.environ, **self.world.environment()}
        process = await asyncio.create_subprocess_exec(
            *(KUBECTL, "-n", self.namespace, *argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        output, errors = await process.communicate(text.encode())
        assert not check or process.returncode == 0, errors.decode()
        return output.decode()

    async def run(self, *argv: str, text: str = "", **more: str) -> tuple[int, str]:
        """The exit code of a command, and all that it printed; `more` are further variables."""
        child = await asyncio.create_subprocess_exec(
            *argv,
            env={**os.environ, **self.world.environment(), **more},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output, _ = await child.communicate(text.encode())
        return child.returncode or 0, output.decode()

    async def get(self, kind: str, name: str = "") -> Any:
        """An object, or the list of a kind; empty when it is not there. Not through kubectl: flows look often."""
        path = KINDS[kind].path(self.namespace, name) if kind in KINDS else f"/api/v1/namespaces/{self.namespace}/{kind}"
        try:
            return await self.client.get(path)
        except KubeNotFound:
            return {}

    async def apply(self, *objects: dict[str, Any]) -> None:
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        await self.kubectl("apply", "-f", "-", text=text)

    async def address(self, name: str = "app") -> str:
        async def look() -> str:
            entries = (await self.get("Ingress", name)).get("status", {}).get("loadBalancer", {}).get("ingress") or [{}]
            return str(entries[0].get("hostname", ""))

        return str(await until(look, f"the address of ingress {name}"))

    async def event(self, reason: str, name: str = "app", contains: str = "") -> dict[str, Any]:
        async def look() -> Any:
            found = (await self.get("events")).get("items", [])
            fit = [e for e in found if e["reason"] == reason and e["involvedObject"]["name"] == name and contains in e["message"]]
            return fit and fit[-1]

        return dict(await until(look, f"event {reason} on {name} with {contains!r}"))

    def listener(self, balancer: str, port: int) -> dict[str, Any] | None:
        """Where the data plane serves a port of a load balancer, named by its ARN or in DNS; None where it does not."""
        with urllib.request.urlopen(self.world.envoy_status, timeout=10) as answer:
            balancers = json.load(answer)["load_balancers"]
        found = [each for each in balancers if balancer in (each["arn"], each["dns_name"].lower())]
        return next(({**row, "address": each["address"]} for each in found for row in each["listeners"] if row["port"] == port), None)

    # The account ------------------------------------------------------------------------------------------------------

    def call(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.world.aws_endpoint}/_sandbox/{path}", data=data)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def calls(self) -> list[dict[str, Any]]:
        """The account's calls since the last `remember`."""
        return list(self.call(f"journal?since={self.mark}")["calls"])

    def writes(self) -> list[str]:
        """Those that changed something, but for what pods' addresses and targets need."""
        spared = ("AssignPrivateIpAddresses", "UnassignPrivateIpAddresses", "RegisterTargets", "DeregisterTargets")
        return [c["operation"] for c in self.calls() if not c["operation"].startswith(READS) and c["operation"] not in spared]

    def remember(self) -> None:
        """From now on. The journal of a shared world has thousands of calls: it is read on from the mark before."""
        self.mark = max((c["n"] for c in self.calls()), default=self.mark)

    async def quiet(self, seconds: float = 1.5) -> None:
        """Wait until the controller has asked AWS nothing for a while, so that it has nothing to do."""
        loop = asyncio.get_running_loop()
        read, since = self.mark, loop.time()

        async def look() -> bool:
            nonlocal read, since
            fresh = self.call(f"journal?since={read}")["calls"]
            read = max((c["n"] for c in fresh), default=read)
            if any(c["operation"] != "DescribeTargetHealth" and not _probe(c) for c in fresh):
                since = loop.time()
            return loop.time() - since > seconds

        await until(look, "the controller is at rest")


def _probe(call: dict[str, Any]) -> bool:
    """Whether a call is not the controller's: the data plane polls the account too."""
    return "envoy" in str(call.get("principal", ""))


# Objects ---------------------------------------------------------------------------------------------------------------


def backend(name: str, port: int | str = 80) -> dict[str, Any]:
    return {"service": {"name": name, "port": {"number": port} if isinstance(port, int) else {"name": port}}}


def service(name: str = "web", **spec: Any) -> dict[str, Any]:
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {"selector": {"app": name}, "ports": ports, **spec}}


def deployment(name: str = "web", replicas: int = 2) -> dict[str, Any]:
    containers = [{"name": "web", "image": "echo", "ports": [{"name": "http", "containerPort": 8080}]}]
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": containers}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def ingress(name: str = "app", service: str = "web", **annotations: str) -> dict[str, Any]:
    own = {
        "scheme": "internet-facing",
        "target-type": "ip",
        **{key.replace("_", "-").replace("--", "."): text for key, text in annotations.items()},
    }
    metadata = {"name": name, "annotations": {f"alb.ingress.kubernetes.io/{key}": text for key, text in own.items()}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend(service)}
    spec = {"ingressClassName": "alb", "rules": [{"host": f"{name}.example.com", "http": {"paths": [path]}}]}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec}
