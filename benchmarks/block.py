"""How long one object can hold the controller's event loop: the largest objects that an API server accepts, one after the other.

The controller runs in a thread of its own, and its time is that of the processor, so that neither the sandbox nor other programs count.
What is measured is the longest time between two looks at the sockets. Run: .venv/bin/python benchmarks/block.py
"""

import asyncio
import json
import logging
import os
import selectors
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import structlog

sys.path.insert(0, str(Path(__file__).parents[1]))

from soak import shop
from soak.loop import Steady
from soak.world import SERVICES, World, world

from albatross.catalog import settings
from albatross.clock import Clock
from albatross.controller import process

Object = dict[str, Any]
LIMIT_MS = 50.0
ANNOTATIONS = 250_000
"""Bytes of annotations; an API server accepts 256 KiB. All of an object may have 1.5 MB: the limit of etcd."""
WHOLE = 1_400_000
SECONDS = float(os.environ.get("SECONDS") or 4)
"""How long each object is there, and how long it is away again."""


class Measured(asyncio.SelectorEventLoop):
    """`longest` is the longest time, in seconds of this thread, between two looks at the sockets."""

    def __init__(self) -> None:
        self.longest = 0.0
        super().__init__(_Looks(self))


class _Looks(selectors.DefaultSelector):
    def __init__(self, loop: Measured) -> None:
        super().__init__()
        self._loop, self._since = loop, time.thread_time()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._loop.longest = max(self._loop.longest, time.thread_time() - self._since)
        found = super().select(timeout)
        self._since = time.thread_time()
        return found


def largest() -> Iterator[tuple[str, Object]]:
    """The objects, each with what is large in it."""
    ports = json.dumps([{"HTTP": number} for number in range(1, 15_000)])
    yield "an Ingress with 15,000 listen-ports", _named(shop.ingress({**shop.FIRST, "listen-ports": ports}, ("/", "web")), "ports")
    tags = ",".join(f"k{number}=v" for number in range(ANNOTATIONS // 10))
    yield "an Ingress with 25,000 tags", _named(shop.ingress({**shop.FIRST, "tags": tags}, ("/", "web")), "tags")
    keys = {f"conditions.s{number}": "[]" for number in range(ANNOTATIONS // 55)}
    yield "an Ingress with 4,500 annotations", _named(shop.ingress({**shop.FIRST, **keys}, ("/", "web")), "keys")
    action = json.dumps({"type": "fixed-response", "fixedResponseConfig": {"statusCode": "200", "messageBody": "x" * (ANNOTATIONS - 200)}})
    yield "an Ingress with one action of 250 kB", _named(shop.ingress({**shop.FIRST, "actions.web": action}, ("/", "web")), "action")
    nested = "[" * 90_000 + "]" * 90_000
    yield "an Ingress with JSON 90,000 deep", _named(shop.ingress({**shop.FIRST, "conditions.web": nested}, ("/", "web")), "nested")
    rows = [{"name": f"p{number}", "port": number, "targetPort": 8080, "protocol": "TCP"} for number in range(1, 15_000)]
    yield (
        "a Service with 15,000 ports",
        shop.service("many", shop.NETWORK, type="LoadBalancer", loadBalancerClass="service.k8s.aws/nlb", ports=rows),
    )
    yield "1,000 endpoints in a slice", shop.endpoints("web", [f"127.9.{number // 250}.{number % 250 + 1}" for number in range(1000)])
    paths = [(f"/{number}", "web") for number in range(WHOLE // 110)]
    yield "an Ingress with 12,000 paths", {**shop.ingress(shop.FIRST, *paths), "metadata": {"namespace": shop.SPACE, "name": "paths"}}


def _named(obj: Object, name: str) -> Object:
    return {**obj, "metadata": {**obj["metadata"], "name": name}}


def start(found: World) -> tuple[Measured, threading.Thread]:
    """A controller in a thread."""
    values = {
        "cluster-name": "soak",
        "aws-region": "ap-northeast-2",
        "aws-vpc-id": found.account.facts["vpc_id"],
        "kubeconfig": str(found.api.kubeconfig),
        "metrics-bind-addr": "0",
        "health-probe-bind-addr": "0",
        "enable-webhooks": "false",
        "enable-leader-election": "false",
        "aws-api-endpoints": ",".join(f"{name}={found.account.url}" for name in SERVICES),
    }
    given = settings.read(values)
    loop = Measured()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(process.serve(given.config, given.options, [], Clock()))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return loop, thread


async def main(loop: Steady) -> None:
    async with world(loop, Path(tempfile.mkdtemp())) as found:
        for each in (shop.service("web"), shop.service("api")):
            await found.api.apply(each)
        measured, _ = start(found)
        await asyncio.sleep(3)
        print(f"start: {1000 * measured.longest:.0f} ms")
        for name, obj in largest():
            measured.longest = 0.0
            await found.api.apply(obj)
            await asyncio.sleep(SECONDS)
            await found.api.cluster.delete(found.api.kind_key(obj), shop.SPACE, obj["metadata"]["name"])
            await asyncio.sleep(SECONDS)
            mark = "" if 1000 * measured.longest <= LIMIT_MS else f"  more than {LIMIT_MS:g} ms"
            print(f"{name}: {1000 * measured.longest:.0f} ms{mark}", flush=True)


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    steady = Steady()
    asyncio.set_event_loop(steady)
    steady.run_until_complete(main(steady))
    os._exit(0)  # the controller's thread runs on
