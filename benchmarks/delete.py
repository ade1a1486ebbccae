"""How long a cluster's Ingresses take to come and to go: `python benchmarks/delete.py [ingresses]`, in a sandbox world of its own.

Each Ingress is a group of its own: a load balancer, a security group, a listener, a rule, a target group. AWS takes the network interfaces
of a deleted load balancer away some moments later, and until then its security group cannot go.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from albatross.kube.client import Client
from albatross.kube.config import load
from albatross_sandbox import world

KUBECTL = str(Path(sys.executable).with_name("kubectl"))
INGRESSES = "/apis/networking.k8s.io/v1/namespaces/many/ingresses"
PATIENCE = 300.0
"""Seconds for all of them."""


def service() -> dict[str, Any]:
    """What every Ingress forwards to; nothing runs behind it."""
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": ports}}


def ingress(number: int) -> dict[str, Any]:
    """One of many."""
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}
    prefix = "alb.ingress.kubernetes.io"
    annotations = {f"{prefix}/scheme": "internal", f"{prefix}/target-type": "ip"}
    spec = {"ingressClassName": "alb", "rules": [{"http": {"paths": [path]}}]}
    metadata = {"name": f"app-{number}", "annotations": annotations}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec}


async def kubectl(*argv: str, text: str = "") -> None:
    """The real kubectl."""
    process = await asyncio.create_subprocess_exec(
        *(KUBECTL, "-n", "many", *argv), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
    )
    await process.communicate(text.encode())
    assert process.returncode == 0, argv


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds."""
    deadline = time.perf_counter() + PATIENCE
    while not await true():
        assert time.perf_counter() < deadline
        await asyncio.sleep(0.1)


async def measure(count: int) -> None:
    """Apply, delete, print."""
    os.environ["ALBATROSS_ALLOW_DELETIONS"] = "all"
    async with world.running(controller=True) as found:
        os.environ.update(found.environment())
        async with Client(load(found.kubeconfig)) as client:

            async def served() -> bool:
                stand = (await client.get(INGRESSES))["items"]
                return all(each.get("status", {}).get("loadBalancer", {}).get("ingress") for each in stand)

            async def gone() -> bool:
                return not (await client.get(INGRESSES))["items"]

            await kubectl("create", "namespace", "many")
            items = [service(), *(ingress(number) for number in range(count))]
            began = time.perf_counter()
            await kubectl("apply", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
            await until(served)
            print(f"{count} Ingresses have addresses {time.perf_counter() - began:.1f} s after kubectl apply began")
            began = time.perf_counter()
            await kubectl("delete", "ingress", "--all", "--wait=false")
            await until(gone)
            print(f"{count} Ingresses are gone {time.perf_counter() - began:.1f} s after kubectl delete began")


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 40))
