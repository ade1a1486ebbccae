"""How fast a controller builds, edits and restarts: `python benchmarks/converge.py [ROWS…] [--controller COMMAND]`.

ROWS are names: own, group, rollout, edit, restart, restarts, ready (all without names); each builds what it needs: 100 Ingresses with two
pods each (restarts: 900, ready: 1,000), in the account and the cluster of `bed.py`. The floor is what AWS' buckets and the longest chain of
calls allow; the ratio is to the floor.

`--controller` runs another controller: a command with {kubeconfig}, {cluster}, {region}, {vpc} and {health} (the address where it must
answer /readyz). It can be given several times; each one runs all rows in turn, beginning with an empty account.
"""

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

from bed import OURS, SPACE, Bed, Call, Controller, Object, addresses, at, bed, ingress, many, reads, until

INGRESSES, PODS, ROUNDS, EDITS = 100, 2, 3, 5
SETTLE_SECONDS = 8.0
"""Until the buckets of the controller itself are full again."""
LIFTED = "--aws-api-throttle=Elastic Load Balancing v2:.*=1000:1000"


@dataclass(frozen=True)
class Figure:
    """One measurement: its floor and its goal in the same unit; None: there is none."""

    what: str
    value: float
    unit: str = "s"
    floor: float | None = None
    goal: float | None = None

    @property
    def reached(self) -> bool:
        """Whether it is within its goal."""
        return self.goal is None or self.value <= self.goal

    def line(self) -> str:
        """One line of the report."""
        floor = "" if self.floor is None else f"{_number(self.floor)}"
        ratio = "" if not self.floor else f"{self.value / self.floor:.1f}"
        goal = "" if self.goal is None else f"{_number(self.goal)}"
        verdict = "" if self.goal is None else "ok" if self.reached else "over"
        return f"{self.what:66} {_number(self.value):>8} {self.unit:5} {floor:>7} {ratio:>6} {goal:>7} {verdict}"


def heading() -> str:
    """The line above the figures."""
    return f"{'':66} {'now':>8} {'':5} {'floor':>7} {'ratio':>6} {'goal':>7}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


Figures = AsyncIterator[Figure]


def registered(calls: Sequence[Call]) -> frozenset[str]:
    """The targets that are registered by these calls."""
    return frozenset(ip for call in calls if call["operation"] == "RegisterTargets" and call["status"] < 400 for ip in addresses(call))


def ips(endpoints: Sequence[Sequence[Object]]) -> frozenset[str]:
    """The addresses of endpoints."""
    return frozenset(each["addresses"][0] for some in endpoints for each in some)


async def built(place: Bed, endpoints: Sequence[Sequence[Object]], group: str = "") -> tuple[float, float]:
    """Create the Ingresses; seconds until each has its address, and until every target is registered."""
    began = time.time()
    await place.apply(ingress(number, group) for number in range(len(endpoints)))
    served = await until(place.served)
    wanted = ips(endpoints)

    async def done() -> bool:
        return registered(place.calls()) >= wanted

    await until(done, every=0.2)
    return served - began, max(at(call) for call in place.calls() if call["operation"] == "RegisterTargets") - began


async def build(place: Bed, group: str) -> Figures:
    """The first rows: everything is new."""
    name = "one group of 100 members" if group else "100 own load balancers"
    endpoints = await place.services(INGRESSES, PODS)
    async with place.controller() as running:
        await asyncio.sleep(1)
        place.mark()
        served, targets = await built(place, endpoints, group)
        calls, (cpu, memory) = place.calls(), running.used()
        yield Figure(f"{name}, every Ingress has its address", served, floor=1, goal=3 if group else 4)
        yield Figure(f"{name}, every target registered", targets, floor=20, goal=22)
        yield Figure(f"{name}, reads to get there", reads(calls), "reads", 15, 60)
        yield Figure(f"{name}, refused by the account's buckets", sum(call["code"] == "Throttling" for call in calls), "calls")
        if not group:
            yield Figure("CPU of this row", cpu, goal=6)
            yield Figure("peak memory of this row", memory, "MB", goal=100)
        _explain(calls)


async def own(place: Bed) -> Figures:
    """100 Ingresses with a load balancer each."""
    async for figure in build(place, ""):
        yield figure


async def group(place: Bed) -> Figures:
    """100 Ingresses on one load balancer."""
    async for figure in build(place, "one"):
        yield figure


async def rollout(place: Bed) -> Figures:
    """Each of 100 target groups gets a new pod for an old one, all at the same time, three times."""
    endpoints = await place.services(INGRESSES, PODS)
    place.lift()
    async with place.controller(LIFTED):
        await built(place, endpoints, "one")
    waits: list[float] = []
    async with place.controller() as running:
        await settled(place, running)
        for turn in range(ROUNDS):
            fresh = await many([place.pod(f"app-{number}-new-{turn}", f"app-{number}") for number in range(INGRESSES)])
            gone = [some[0] for some in endpoints]
            endpoints = [[*some[1:], each] for some, each in zip(endpoints, fresh, strict=True)]
            waits += await _rolled(place, endpoints, ips([gone]))
            await asyncio.sleep(SETTLE_SECONDS)
    quantiles = statistics.quantiles(waits, n=100)
    yield Figure("rollout over 100 target groups, change → registered, median", statistics.median(waits), floor=10, goal=11)
    yield Figure("the same, 99 %", quantiles[98], floor=20, goal=22)


async def _rolled(place: Bed, endpoints: Sequence[Sequence[Object]], gone: frozenset[str]) -> list[float]:
    """Publish these endpoints, the last of each new, and wait for all calls; seconds from each change until its target is registered."""
    changed: dict[str, float] = {}

    async def change(number: int, some: Sequence[Object]) -> None:
        changed[some[-1]["addresses"][0]] = time.time()
        path = f"/apis/discovery.k8s.io/v1/namespaces/many/endpointslices/app-{number}-x"
        await place.client.patch(path, {"endpoints": list(some)})

    place.mark()
    await many([change(number, some) for number, some in enumerate(endpoints)])
    fresh = frozenset(changed)
    await until(partial(_moved, place, fresh, gone), every=0.2)
    calls = [call for call in place.calls() if call["operation"] == "RegisterTargets" and call["status"] < 400]
    return [at(call) - changed.pop(ip) for call in calls for ip in addresses(call) if ip in changed]


async def _moved(place: Bed, new: frozenset[str], old: frozenset[str]) -> bool:
    """Whether the new targets are registered and the old ones deregistered."""
    calls = place.calls()
    gone = frozenset(ip for call in calls if call["operation"] == "DeregisterTargets" and call["status"] < 400 for ip in addresses(call))
    return registered(calls) >= new and gone >= old


async def edit(place: Bed) -> Figures:
    """One annotation is edited while all is in place."""
    endpoints = await place.services(INGRESSES, PODS)
    for number, name in enumerate(("own", "group")):
        place.lift()
        async with place.controller(LIFTED):
            await built(place, endpoints, "" if name == "own" else "one")
        async with place.controller() as running:
            await settled(place, running)
            seconds, asked = await _edited(place, count(20 + 10 * number))
        yield Figure(f"one annotation edit → its Modify call ({name}), median of {EDITS}", seconds, floor=0.03, goal=0.1)
        yield Figure("reads before it, most", asked, "reads", 0, 0)
        await _cleared(place)


async def _edited(place: Bed, values: "count[int]") -> tuple[float, int]:
    """The median of the seconds, and the most reads."""
    found: list[tuple[float, int]] = []
    for number in range(EDITS):
        place.mark()
        began = time.time()
        await place.annotate(f"app-{number * 7}", "healthcheck-interval-seconds", str(next(values)))

        async def modified() -> bool:
            return any(call["operation"] == "ModifyTargetGroup" for call in place.calls())

        await until(modified, every=0.02)
        calls = place.calls()
        first = next(index for index, call in enumerate(calls) if call["operation"] == "ModifyTargetGroup")
        found.append((at(calls[first]) - began, reads(calls[:first])))
        await asyncio.sleep(1.5)
    return statistics.median(each for each, _ in found), max(each for _, each in found)


async def _cleared(place: Bed) -> None:
    """Delete every Ingress."""
    place.lift()
    path = "/apis/networking.k8s.io/v1/namespaces/many/ingresses"
    async with place.controller(LIFTED, "--allow-deletions=all"):
        await many([place.client.delete(f"{path}/app-{number}") for number in range(INGRESSES)])

        async def gone() -> bool:
            return not (await place.client.get(path))["items"]

        await until(gone, every=0.5)


async def restart(place: Bed) -> Figures:
    """A controller starts, and nothing has to be done."""
    endpoints = await place.services(INGRESSES, PODS)
    place.lift()
    async with place.controller(LIFTED):
        await built(place, endpoints)
    place.mark()
    began = time.time()
    async with place.controller(ready=False) as running:
        ended = await settled(place, running, "groups in place")
        calls = [call for call in place.calls() if at(call) <= ended]
        writes = [call["operation"] for call in calls if not reads([call]) and call["operation"] != "GetCallerIdentity"]
        yield Figure("restart, all in place (own)", ended - began, goal=2.5)
        yield Figure("reads until then", reads(calls), "reads", goal=220)
        yield Figure("writes", len(writes), "calls", goal=0)
        _explain(calls)


async def restarts(place: Bed) -> Figures:
    """A controller starts with many load balancers, of which one changed in the meantime, and one Service got a pod."""
    count = int(os.environ.get("RESTARTS", "900"))
    endpoints = await place.services(count, PODS)
    place.lift()
    async with place.controller(LIFTED):
        await built(place, endpoints)
    fresh = await place.pod("late", "app-11")
    await place.annotate("app-7", "healthcheck-interval-seconds", "77")
    path = f"/apis/discovery.k8s.io/v1/namespaces/{SPACE}/endpointslices/app-11-x"
    await place.client.patch(path, {"endpoints": [*endpoints[11], fresh]})
    place.mark()
    began = time.time()
    async with place.controller(ready=False) as running:
        ended = await settled(place, running, "groups in place")
        calls = [call for call in place.calls() if at(call) <= ended]
        writes = [call for call in place.calls() if not reads([call]) and call["operation"] != "GetCallerIdentity"]
        yield Figure(f"restart with {count} load balancers, all in place", ended - began, goal=20)
        yield Figure("reads until then", reads(calls), "reads")
        for operation, what in (("ModifyTargetGroup", "what was edited meanwhile"), ("RegisterTargets", "a pod that came meanwhile")):
            yield Figure(what, next(at(call) for call in writes if call["operation"] == operation) - began)
        yield Figure("other writes", len(writes) - 2, "calls", goal=0)
        last = await settled(place, running)
        yield Figure("everything is compared again", last - began)
        yield Figure("reads until then", reads(place.calls()), "reads")
        _explain(calls)


async def settled(place: Bed, running: Controller, words: str = "first pass") -> float:
    """Wait until the controller has looked at everything; the time then. Ours says so; another one asks nothing for two seconds."""

    async def over() -> bool:
        await running.answers()
        if place.command == OURS:
            return running.said(words)
        calls = place.calls()
        return bool(calls) and time.time() - at(calls[-1]) > 2

    await until(over)
    last = running.when(words) if running.said(words) else max(at(call) for call in place.calls())
    await asyncio.sleep(SETTLE_SECONDS)
    return last


async def ready(place: Bed) -> Figures:
    """One pod turns ready, with 10,000 pods in the cluster, while 1,000 Ingresses are edited one after the other."""
    ingresses, pods, samples = (int(each) for each in os.environ.get("READY", "1000,10,40").split(","))
    endpoints = await place.services(ingresses, pods)
    place.lift()
    async with place.controller(LIFTED) as building:
        began = time.time()
        for first in range(0, ingresses, 50):
            await place.apply(ingress(number, f"group-{number // 50}") for number in range(first, first + 50))

        async def served() -> bool:
            return await building.answers() and await place.served()  # it may lose its lease on a busy machine, and end

        await until(served, every=1)
        wanted = ips(endpoints)

        async def done() -> bool:
            return registered(place.calls()) >= wanted

        await until(done, every=1)
        print(f"# {ingresses} Ingresses with {pods} pods each built in {time.time() - began:.0f} s", file=sys.stderr)
    waits: list[float] = []
    async with place.controller() as running:
        await settled(place, running)
        place.mark()
        editing = asyncio.create_task(_editing(place, ingresses))
        for sample in range(samples):
            number = sample * 7 % ingresses
            fresh = await place.pod(f"late-{sample}", f"app-{number}")
            endpoints[number].append(fresh)
            await asyncio.sleep(0.6)
            began = time.time()
            path = f"/apis/discovery.k8s.io/v1/namespaces/many/endpointslices/app-{number}-x"
            await place.client.patch(path, {"endpoints": endpoints[number]})
            wanted = frozenset(fresh["addresses"])
            await until(partial(_has, place, wanted), every=0.1)
            found = next(c for c in place.calls() if c["operation"] == "RegisterTargets" and addresses(c) & wanted)
            waits.append(at(found) - began)
        editing.cancel()
    yield Figure(f"one pod ready → RegisterTargets, median of {samples}", 1000 * statistics.median(waits), "ms")
    yield Figure("the same, 99 %", 1000 * statistics.quantiles(waits, n=100, method="inclusive")[98], "ms", goal=50)


async def _editing(place: Bed, ingresses: int) -> None:
    for value in count(20):
        for number in range(ingresses):
            await place.annotate(f"app-{number}", "healthcheck-interval-seconds", str(20 + value % 200))
            await asyncio.sleep(0.05)


async def _has(place: Bed, wanted: frozenset[str]) -> bool:
    return registered(place.calls()) >= wanted


def _explain(calls: Sequence[Call]) -> None:
    """The calls by operation, for those who want to know."""
    if os.environ.get("EXPLAIN"):
        for (operation, code), number in Counter((call["operation"], call["code"]) for call in calls).most_common():
            print(f"#   {number:5} {operation} {code or ''}", file=sys.stderr)


ROWS: dict[str, Callable[[Bed], Figures]] = {
    "own": own,
    "group": group,
    "rollout": rollout,
    "edit": edit,
    "restart": restart,
    "restarts": restarts,
    "ready": ready,
}


async def measure(names: Sequence[str], command: str) -> bool:
    """Run the rows and print their figures; whether all goals were reached."""
    print(heading())
    reached = True
    for name in names:
        async with bed(command) as place:
            async for figure in ROWS[name](place):
                print(figure.line(), flush=True)
                reached &= figure.reached
    return reached


def main() -> None:
    """Read the arguments, measure."""
    parser = argparse.ArgumentParser(description="Build, edit, roll out and restart 100 Ingresses.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"any of {', '.join(ROWS)}; without names, all")
    parser.add_argument("--controller", action="append", metavar="COMMAND", help="another controller, or `ours`; several run in turn")
    options = parser.parse_args()
    if unknown := set(options.rows) - set(ROWS):
        parser.error(f"unknown rows: {', '.join(sorted(unknown))}")
    reached = True
    for command in options.controller or ["ours"]:
        print(f"controller: {command}; load of the machine {os.getloadavg()[0]:.1f}")
        reached &= asyncio.run(measure(options.rows or list(ROWS), OURS if command == "ours" else command))
    sys.exit(not reached)


if __name__ == "__main__":
    main()
