"""What the sandbox's API server can carry: `python benchmarks/kube_api.py [pods]` prints a small table.

Everything but the first row goes over HTTP on loopback, with client and server sharing one process.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import sys
import time
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from albatross_sandbox.kube import bootstrap, identity
from albatross_sandbox.kube.cluster import Cluster
from albatross_sandbox.kube.server import Server

Rows = list[tuple[str, str]]


def pod(number: int) -> dict[str, Any]:
    """A pod as a Deployment makes it."""
    container = {
        "name": "web",
        "image": "registry.example.com/shop/web:1.2.3",
        "ports": [{"containerPort": 8080, "name": "http"}],
        "env": [{"name": f"SETTING_{item}", "value": "some value"} for item in range(10)],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": "http"}},
    }
    labels = {"app": f"app-{number % 500}", "pod-template-hash": "6d4cf56db6"}
    metadata = {"name": f"app-{number % 500}-{number}", "namespace": "load", "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}}


def memory() -> float:
    """MiB resident now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


async def creation(cluster: Cluster, count: int) -> Rows:
    """Objects a second in process, and what they weigh."""
    before, start = memory(), time.perf_counter()
    for number in range(count):
        await cluster.create(pod(number))
        if number % 500 == 0:
            await asyncio.sleep(0)
    seconds, weight = time.perf_counter() - start, memory() - before
    return [("created in process", f"{count / seconds:,.0f} pods/s"), (f"memory of {count:,} pods", f"{weight:,.0f} MiB")]


async def network(base: str, session: aiohttp.ClientSession) -> Rows:
    """Objects a second over HTTP, 16 at a time."""
    numbers = iter(range(10_000_000, 10_001_000))

    async def work() -> None:
        for number in numbers:
            async with session.post(f"{base}/api/v1/namespaces/load/pods", data=json.dumps(pod(number))) as answer:
                await answer.read()

    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(16)))
    return [("created over HTTP", f"{1000 / (time.perf_counter() - start):,.0f} pods/s")]


async def listing(base: str, session: aiohttp.ClientSession) -> Rows:
    """A whole list, and one label's."""
    rows = []
    for name, query in (("list of all pods", ""), ("list of one label", "?labelSelector=app%3Dapp-1")):
        start = time.perf_counter()
        async with session.get(f"{base}/api/v1/pods{query}", headers={"Accept-Encoding": "identity"}) as answer:
            size = len(await answer.read())
        rows.append((name, f"{1000 * (time.perf_counter() - start):,.0f} ms, {size / 2**20:,.1f} MiB"))
    return rows


async def latency(cluster: Cluster, base: str, session: aiohttp.ClientSession) -> Rows:
    """From a status write to its event at a watcher, with 20 others watching."""
    path = f"{base}/api/v1/pods?watch=1&resourceVersion={cluster.store.version}"
    watchers = [await session.get(path) for _ in range(21)]
    times = []
    for number in range(200):
        start = time.perf_counter()
        await cluster.patch_status("pods", "load", f"app-1-{1 + 500 * (number % 2)}", {"message": str(number)})
        await watchers[0].content.readline()
        times.append(1000 * (time.perf_counter() - start))
    for watcher in watchers:
        watcher.close()
    return [("write to watch event, median", f"{statistics.median(times):.2f} ms"), ("the slowest of 200", f"{max(times):.1f} ms")]


async def removal(cluster: Cluster) -> Rows:
    """A namespace with everything in it."""
    count, start = cluster.store.count("pods"), time.perf_counter()
    await cluster.delete("namespaces", "", "load")
    return [("namespace deleted", f"{count / (time.perf_counter() - start):,.0f} pods/s")]


async def run(count: int) -> Rows:
    """All measurements."""
    cluster = Cluster()
    server = Server(cluster)
    server.tokens.add(*identity.admin("token"))
    await bootstrap.fill(cluster)
    await cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "load"}})
    rows = await creation(cluster, count)
    async with server.listen("127.0.0.1", 0, None):
        headers = {"Authorization": "Bearer token", "Content-Type": "application/json"}
        async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=0), read_bufsize=2**20) as session:
            for part in (network(cluster.server, session), listing(cluster.server, session), latency(cluster, cluster.server, session)):
                rows += await part
    return rows + await removal(cluster)


def main() -> None:
    """Measure and print."""
    table = Table("what", "how much")
    for row in asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)):
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
