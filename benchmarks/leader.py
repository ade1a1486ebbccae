"""How long a change of the leader takes: `python benchmarks/leader.py [INGRESSES]` (100; at least 7), each with a load balancer of its own.

Two controllers run in the account and the cluster of `bed.py`: one leads, the other waits. The first is killed, and at that moment one
Ingress is edited and one pod turns ready; another Ingress is edited when the second controller leads. Then a third one starts and waits,
and the second ends with SIGTERM. All seconds are since the signal, except for the edit after it: that one counts from itself.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from bed import Bed, Call, Controller, Object, addresses, at, bed, reads, until
from converge import LIFTED, PODS, SETTLE_SECONDS, Figure, Figures, built, heading, settled

INGRESSES, GOAL = 100, 20.0
STEADY_SECONDS = 40.0
"""How long a leader has led before it ends (chosen by us: a real one has led for days, and everything is settled)."""


@dataclass(frozen=True)
class Change:
    """One change of the leader: its signal, and the numbers of the Ingresses that change with it."""

    name: str
    signal: signal.Signals
    edited: int
    grown: int
    later: int
    value: int


CHANGES = (Change("kill -9", signal.SIGKILL, 1, 3, 5, 20), Change("SIGTERM", signal.SIGTERM, 2, 4, 6, 21))


async def measure(count: int) -> bool:
    """Build, change the leader twice; whether all goals were reached."""
    reached = True
    async with bed() as place:
        endpoints = await place.services(count, PODS)
        place.lift()
        async with place.controller(LIFTED):
            await built(place, endpoints)
        async with place.controller() as first:
            await settled(place, first)
            async with place.controller() as second:
                await asyncio.sleep(STEADY_SECONDS)
                reached &= await report(changed(place, endpoints, CHANGES[0], (first, second)))
                async with place.controller() as third:
                    await asyncio.sleep(STEADY_SECONDS)
                    reached &= await report(changed(place, endpoints, CHANGES[1], (second, third)))
    return reached


async def report(figures: Figures) -> bool:
    """Print figures; whether all goals were reached."""
    reached = True
    async for figure in figures:
        print(figure.line(), flush=True)
        reached &= figure.reached
    return reached


async def changed(place: Bed, endpoints: Sequence[Sequence[Object]], change: Change, pair: tuple[Controller, Controller]) -> Figures:
    """End the first controller of the pair, and wait until the second has done everything."""
    leader, standby = pair
    fresh = await place.pod(f"late-{change.grown}", f"app-{change.grown}")
    await asyncio.sleep(SETTLE_SECONDS)
    place.mark()
    began = time.time()
    ending = asyncio.create_task(leader.end(change.signal))
    await asyncio.sleep(0)  # the signal is sent first
    await place.annotate(f"app-{change.edited}", "healthcheck-interval-seconds", str(change.value))
    path = f"/apis/discovery.k8s.io/v1/namespaces/many/endpointslices/app-{change.grown}-x"
    await place.client.patch(path, {"endpoints": [*endpoints[change.grown], fresh]})
    led = await _said(standby, "leading")
    again = time.time()
    await place.annotate(f"app-{change.later}", "healthcheck-interval-seconds", str(change.value + 10))
    edited = await _sent(place, partial(_modifies, change.value))
    late = await _sent(place, partial(_modifies, change.value + 10))
    grown = await _sent(place, lambda call: bool(addresses(call) & set(fresh["addresses"])))
    yield Figure(f"{change.name}: the standby leads", led - began, goal=GOAL)
    yield Figure("an edit at the signal → its Modify call", edited - began, goal=GOAL)
    yield Figure("a pod that turns ready at the signal → RegisterTargets", grown - began, goal=GOAL)
    yield Figure("an edit as soon as it leads → its Modify call", late - again)
    for what, words in (("every group is in place", "groups in place"), ("the first pass is over", "first pass")):
        ended = await _said(standby, words)
        yield Figure(what, ended - began)
        yield Figure("reads until then", reads(call for call in place.calls() if at(call) <= ended), "reads")
    await ending


async def _said(running: Controller, words: str) -> float:
    """Wait for words in its log; the time of them."""

    async def said() -> bool:
        await running.answers()
        return running.said(f'"{words}"')

    await until(said)
    return running.when(f'"{words}"')


async def _sent(place: Bed, is_it: Callable[[Call], bool]) -> float:
    """Wait for a call that AWS accepted; its time."""

    def found() -> list[float]:
        return [at(call) for call in place.calls() if call["status"] < 400 and is_it(call)]

    async def sent() -> bool:
        return bool(found())

    await until(sent)
    return found()[0]


def _modifies(value: int, call: Call) -> bool:
    return call["operation"] == "ModifyTargetGroup" and str(call["request"].get("HealthCheckIntervalSeconds")) == str(value)


def main() -> None:
    """Read the argument, measure."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else INGRESSES
    print(f"{count} Ingresses with load balancers of their own; load of the machine {os.getloadavg()[0]:.1f}")
    print(heading())
    sys.exit(not asyncio.run(measure(count)))


if __name__ == "__main__":
    main()
