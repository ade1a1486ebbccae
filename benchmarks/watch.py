"""What it costs to list and watch a large cluster: `python benchmarks/watch.py [pods] [slices]` prints a small table.

A second process plays the API server with pods as a real one sends them (3 KiB each, managedFields among it); only this process is
measured. Pods and slices are listed by streaming, then every pod changes once.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from rich.console import Console
from rich.table import Table

from albatross.kube.cache import Cache
from albatross.kube.client import Client
from albatross.kube.config import Access
from albatross.kube.watch import Reflector

POD, SLICE = "Pod", "EndpointSlice"


# The server ----------------------------------------------------------------------------------------------------------


def pod(number: int, ready: str = "True") -> dict[str, Any]:
    """A pod of a Deployment, of which there are 500."""
    app = f"app-{number % 500}"
    meta = {
        "name": f"{app}-6d4cf56db6-{number:05}",
        "namespace": f"team-{number % 50}",
        "uid": f"2f0b1f8e-0000-4000-8000-{number:012}",
        "resourceVersion": str(1000 + number),
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "labels": {"app": app, "pod-template-hash": "6d4cf56db6"},
        "annotations": {"kubernetes.io/psp": "eks.privileged", "checksum/config": "0" * 64},
        "ownerReferences": [
            {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{app}-6d4cf56db6", "uid": "0" * 36, "controller": True}
        ],
        "managedFields": [
            {"manager": name, "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"x": "y" * 300}}}
            for name in ("kube-controller-manager", "kubelet")
        ],
    }
    container = {
        "name": "web",
        "image": "registry.example.com/shop/web:1.2.3",
        "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
        "env": [{"name": f"SETTING_{item}", "value": "some value"} for item in range(10)],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
        "volumeMounts": [{"name": "kube-api-access", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": True}],
    }
    conditions = [
        {"type": kind, "status": ready, "lastTransitionTime": "2026-01-01T00:00:00Z"}
        for kind in ("Ready", "ContainersReady", "Initialized")
    ]
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    status = {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "hostIP": "10.0.0.1", "conditions": conditions}
    return {"metadata": meta, "spec": {"nodeName": f"node-{number % 200}", "containers": [container]}, "status": status}


def piece(number: int, pods: int) -> dict[str, Any]:
    """A slice with its share of the pods."""
    members = range(number, pods, max(1, pods // 4))
    endpoints = [
        {
            "addresses": [f"10.{member >> 16 & 255}.{member >> 8 & 255}.{member & 255}"],
            "conditions": {"ready": True, "serving": True, "terminating": False},
            "nodeName": f"node-{member % 200}",
            "targetRef": {"kind": "Pod", "name": f"app-{member % 500}-6d4cf56db6-{member:05}", "namespace": f"team-{member % 50}"},
        }
        for member in members
    ]
    labels = {"kubernetes.io/service-name": f"app-{number}", "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}
    meta = {"name": f"app-{number}-x", "namespace": f"team-{number % 50}", "resourceVersion": str(number + 1), "labels": labels}
    return {"metadata": meta, "addressType": "IPv4", "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}], "endpoints": endpoints}


def line(kind: str, obj: dict[str, Any]) -> bytes:
    """One event of a watch."""
    return json.dumps({"type": kind, "object": obj}).encode() + b"\n"


def serve(pods: int, slices: int) -> None:
    """Play the API server on a free port, which is printed."""
    end = line("BOOKMARK", {"metadata": {"resourceVersion": "9", "annotations": {"k8s.io/initial-events-end": "true"}}})
    first = {
        POD: b"".join(line("ADDED", pod(n)) for n in range(pods)) + end,
        SLICE: b"".join(line("ADDED", piece(n, pods)) for n in range(slices)) + end,
    }
    changes = b"".join(line("MODIFIED", pod(number, "False")) for number in range(pods))
    go = asyncio.Event()

    async def watch(request: web.Request) -> web.StreamResponse:
        kind = POD if request.path.endswith("/pods") else SLICE
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(first[kind])
        if kind == POD:
            await go.wait()
            await answer.write(changes)
        await asyncio.sleep(3600)
        return answer

    async def change(_: web.Request) -> web.Response:
        go.set()
        return web.json_response({})

    async def forever() -> None:
        app = web.Application()
        app.router.add_get("/change", change)
        app.router.add_get("/{path:.*}", watch)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until the measuring process is gone

    asyncio.run(forever())


# The measurement -----------------------------------------------------------------------------------------------------


def used() -> tuple[float, float]:
    """CPU seconds so far, and MiB resident now."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    with open("/proc/self/statm") as file:
        return own.ru_utime + own.ru_stime, int(file.read().split()[1]) * resource.getpagesize() / 2**20


async def measure(port: int, pods: int) -> AsyncIterator[tuple[str, str]]:
    """Rows of the table."""
    cache = Cache()
    done = asyncio.Event()
    seen = 0

    def hear(_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == pods:
            done.set()

    async with Client(Access(server=f"http://127.0.0.1:{port}", source="benchmark")) as client:
        reflectors = [Reflector(client, cache, kind) for kind in (POD, SLICE)]
        (cpu, rss), start = used(), time.perf_counter()
        tasks = [asyncio.create_task(reflector.run()) for reflector in reflectors]
        await asyncio.gather(*(reflector.synced.wait() for reflector in reflectors))
        gc.collect()
        after = used()
        yield "listed", f"{pods:,} pods, {len(cache.objects(SLICE)):,} slices"
        yield "time", f"{time.perf_counter() - start:.1f} s"
        yield "CPU", f"{after[0] - cpu:.1f} s"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        yield "memory", f"{after[1] - rss:.0f} MiB more ({after[1]:.0f} MiB resident, peak {peak:.0f})"
        cache.listen(hear)
        cpu, start = used()[0], time.perf_counter()
        await client.get("/change")
        await done.wait()
        seconds = time.perf_counter() - start
        yield "changes", f"{pods / seconds:,.0f}/s ({(used()[0] - cpu) / pods * 1e6:.0f} µs CPU each)"
        rounds, start = 1000, time.perf_counter()
        for _ in range(rounds):
            cache.put(POD, ("team-0", "x"), None if cache.get(POD, ("team-0", "x")) else next(iter(cache.objects(POD).values())))
            cache.snapshot()
        yield "snapshot after a change", f"{(time.perf_counter() - start) / rounds * 1e6:.0f} µs"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def main(pods: int, slices: int) -> None:
    """Start the server, measure, print."""
    arguments = (sys.executable, __file__, "--serve", str(pods), str(slices))
    server = await asyncio.create_subprocess_exec(*arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    assert server.stdout is not None
    assert server.stdin is not None
    table = Table("watching a large cluster", "")
    try:
        port = int(await server.stdout.readline())
        async for name, text in measure(port, pods):
            table.add_row(name, text)
    finally:
        server.stdin.close()
        server.terminate()
        await server.wait()
    Console().print(table)


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[:1] == ["--serve"]:
        serve(int(words[1]), int(words[2]))
    else:
        counts = [int(word) for word in words]
        asyncio.run(main(*(counts + [20_000, 5_000][len(counts) :])))
