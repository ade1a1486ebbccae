"""What one edit of an Ingress costs as the cluster grows: `python benchmarks/edit.py [ingresses …]`.

Clusters of 100, 1,000 and 10,000 Ingresses, first in 100 groups, then in groups of 10; no socket and no AWS: facts come from a recording,
and nothing stands yet, so that a plan holds the whole group. Told are

- wake: CPU between the change and the group's key in the queue;
- pass: time from the key to the decision, which follows the size of the group;
- gap: the longest time that a task on the same loop, as the targets loop is one, had to wait while both went on;
- memory of the process.
"""

import asyncio
import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import structlog
from rich.console import Console
from rich.table import Table

from albatross.aws.session.client import Session
from albatross.aws.wire import answer
from albatross.catalog import kinds
from albatross.catalog.settings import Options
from albatross.controller.app import App
from albatross.controller.metrics import Metrics
from albatross.controller.process import SWITCH_SECONDS
from albatross.kube.client import Client
from albatross.kube.config import Access
from albatross.model.config import Config
from albatross.model.resources.stack import StackId

ACCOUNT = json.loads((Path(__file__).parent.parent / "tests/conformance/scenarios/_facts.json").read_text())
CONFIG = Config(cluster_name="prod-eks", region="ap-northeast-2", vpc_id=ACCOUNT["ec2.DescribeVpcs"][0]["VpcId"])
PREFIX = "alb.ingress.kubernetes.io/"
SHAPES: Mapping[str, Callable[[int], int]] = {"in 100 groups": lambda _: 100, "in groups of 10": lambda count: count // 10}
"""How many groups there are in a cluster of so many Ingresses."""
EDITS = 15
TICK_SECONDS = 0.0005


# A cluster and an account -------------------------------------------------------------------------------------------


class Answers:
    """Stands where a session remembers answers: all of them come from the recording."""

    async def get(self, key: Any, _seconds: float, _ask: Callable[[], Awaitable[Any]]) -> Any:
        """The recorded answer to a question."""
        return answer.read(key[1], ACCOUNT_ITEMS, CONFIG)

    def forget(self, key: Any) -> None:
        """Nothing is remembered."""

    def close(self) -> None:
        """Nothing is open."""


ACCOUNT_ITEMS: answer.Items = {key: value for key, value in ACCOUNT.items() if isinstance(value, list)}


class Nothing:
    """Stands where a session keeps its inventory: AWS has nothing."""

    async def nothing(self) -> list[Any]:
        """No load balancer, target group or security group."""
        return []

    load_balancers = target_groups = security_groups = nothing

    async def tags(self, _arns: list[str]) -> dict[str, dict[str, str]]:
        """Nothing has tags."""
        return {}


@dataclass(frozen=True)
class Place:
    """A cluster of so many Ingresses in so many groups."""

    count: int
    groups: int

    def group(self, number: int) -> str:
        """The group of one of them."""
        return f"group-{number % self.groups}"


def ingress(number: int, group: str, path: str = "/healthz") -> dict[str, Any]:
    """One of many."""
    annotations = {
        f"{PREFIX}group.name": group,
        f"{PREFIX}scheme": "internet-facing",
        f"{PREFIX}target-type": "ip",
        f"{PREFIX}tags": "team=shop,stage=prod",
        f"{PREFIX}healthcheck-path": path,
    }
    meta = {
        "namespace": f"shop-{number % 50}",
        "name": f"app-{number}",
        "uid": f"uid-{number}",
        "resourceVersion": "1",
        "annotations": annotations,
        "finalizers": [f"group.ingress.k8s.aws/{group}"],
    }
    backend = {"service": {"name": f"web-{number}", "port": {"number": 80}}}
    paths = [{"path": f"/{each}", "pathType": "Prefix", "backend": backend} for each in ("", "api", "img", "old")]
    spec = {"ingressClassName": "alb", "rules": [{"host": f"h{number}.example.com", "http": {"paths": paths}}]}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta, "spec": spec}


def service(number: int) -> dict[str, Any]:
    """The Service of one Ingress."""
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]
    meta = {"namespace": f"shop-{number % 50}", "name": f"web-{number}", "uid": f"service-{number}"}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"ports": ports}}


def binding(number: int, group: str) -> dict[str, Any]:
    """The binding of one Ingress' target group."""
    labels = {"ingress.k8s.aws/stack": group}
    meta = {"namespace": f"shop-{number % 50}", "name": f"k8s-web-{number}", "uid": f"binding-{number}", "labels": labels}
    spec = {"targetGroupARN": f"arn:{number}", "targetType": "ip", "serviceRef": {"name": f"web-{number}", "port": 80}}
    return {"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": "TargetGroupBinding", "metadata": meta, "spec": spec}


def fill(app: App, place: Place) -> None:
    """List the cluster."""
    alb = {"metadata": {"name": "alb"}, "spec": {"controller": "ingress.k8s.aws/alb"}}
    spaces: list[dict[str, Any]] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"shop-{each}"}} for each in range(50)]
    objects = [{"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", **alb}, *spaces]
    for number in range(place.count):
        objects += [service(number), ingress(number, place.group(number)), binding(number, place.group(number))]
    for each in objects:
        noun = kinds.parse(each)
        app.cache.put(each["kind"], kinds.key(noun), noun)


# The measurement ------------------------------------------------------------------------------------------------------


@dataclass
class Probe:
    """A task like the targets loop's: how late it comes to its turn, as far as that is this process' doing.

    The CPU that the process itself has spent meanwhile bounds what counts, so that other work on the machine does not.
    """

    gaps: list[float] = field(default_factory=list)

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            began, spent = time.perf_counter(), time.process_time()
            await asyncio.sleep(TICK_SECONDS)
            late = time.perf_counter() - began - TICK_SECONDS
            self.gaps.append(min(late, time.process_time() - spent))


@dataclass
class Bench:
    """A controller that has listed its cluster, and what has been measured."""

    app: App
    place: Place
    spent: list[float] = field(default_factory=list)
    passed: list[float] = field(default_factory=list)

    async def settle(self) -> None:
        """List, and drop every key that this brings."""
        fill(self.app, self.place)
        for _ in range(self.place.groups):
            self.app.groups_queue.done(await self.app.groups_queue.get())
        gc.collect()
        gc.freeze()  # as the controller does after its first lists

    async def edit(self, number: int, path: str) -> StackId:
        """Change one Ingress and take the key that this brings."""
        noun = kinds.parse(ingress(number, self.place.group(number), path))
        began = time.thread_time()
        self.app.cache.put("Ingress", kinds.key(noun), noun)
        stack = await self.app.groups_queue.get()
        self.spent.append(time.thread_time() - began)
        self.app.groups_queue.done(stack)
        return stack

    async def both(self, number: int, path: str) -> None:
        """An edit, and its pass up to the decision."""
        stack = await self.edit(number, path)
        began = time.perf_counter()
        groups = self.app.groups
        seen = await groups._see(stack)
        decision, _ = await groups.decider.decide(await groups.thread.run(groups._understand, seen))
        assert decision.plan
        self.passed.append(time.perf_counter() - began)


async def measure(place: Place) -> dict[str, float]:
    """One cluster's figures, in milliseconds and MiB."""
    sys.setswitchinterval(SWITCH_SECONDS)  # as the controller does
    session = Session(CONFIG)
    session.cache, session.inventory = Answers(), Nothing()  # type: ignore[assignment]
    app = App(Client(Access(server="http://127.0.0.1:9", source="benchmark")), session, CONFIG, Options(), Metrics())
    app._leading = True
    bench = Bench(app, place)
    await bench.settle()
    await bench.both(0, "/warm")
    bench.spent.clear()
    for each in range(EDITS):
        await bench.edit(each, f"/wake-{each}")
    woken = median(bench.spent)
    bench.passed.clear()
    gaps = [await probed(bench.both(each, f"/both-{each}")) for each in range(EDITS)]
    idle = [await probed(asyncio.sleep(0.05)) for _ in range(EDITS)]
    found = {"wake": woken, "pass": median(bench.passed), "gap": median(gaps), "idle": median(idle)}
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {name: seconds * 1000 for name, seconds in found.items()} | {"memory": memory}


async def probed(work: Awaitable[None]) -> float:
    """The longest gap while something goes on."""
    probe = Probe()
    task = asyncio.create_task(probe.run())
    await work
    task.cancel()
    return max(probe.gaps)


def main() -> None:
    """Measure each cluster in a process of its own, print the figures and their ratio to the first."""
    counts = [int(word) for word in sys.argv[1:]] or [100, 1000, 10_000]
    for name, groups in SHAPES.items():
        table = Table(f"Ingresses {name}", "wake ms", "×", "pass ms", "gap ms", "×", "gap of an idle loop ms", "peak MiB")
        first: dict[str, float] = {}
        for count in counts:
            argv = [sys.executable, __file__, "--one", str(count), str(groups(count))]
            found: dict[str, float] = json.loads(subprocess.run(argv, stdout=subprocess.PIPE, check=True).stdout)
            first = first or found
            wake, late = (f"{found[name] / first[name]:.2f}" for name in ("wake", "gap"))
            cells = {name: f"{value:.2f}" for name, value in found.items()}
            table.add_row(f"{count:,}", cells["wake"], wake, cells["pass"], cells["gap"], late, cells["idle"], f"{found['memory']:.0f}")
        Console(width=120).print(table)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
        print(json.dumps(asyncio.run(measure(Place(*(int(word) for word in sys.argv[2:]))))))
    else:
        main()
