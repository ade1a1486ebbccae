"""Three controllers on one account: `python benchmarks/share.py [groups] [seconds]` prints how they get along.

Each has its own cluster name, groups and target groups, and the account has AWS' documented rates. All change the health checks of their
target groups as fast as they may: with the whole rate each (they slow down when AWS refuses), then with a third each (`--aws-api-share`).
It runs on a clock that jumps, so 5 minutes take seconds. Fair is 1 if all got the same, and 1/3 if one got everything (Jain's index).
"""

import asyncio
import heapq
import itertools
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from albatross.aws.session.throttle import Throttle, rates
from albatross.aws.session.turn import taking
from albatross.bucket import Bucket
from albatross.clock import Clock

SERVICE, OPERATION = "Elastic Load Balancing v2", "ModifyTargetGroup"
RATE, BURST, LATENCY = 3.0, 20, 0.03
CONTROLLERS = 3
AGAIN_SECONDS = 1.0
"""The pause of the AWS SDK after a refusal (its first tries wait 0 to 1 s, later ones longer)."""


class Jumping(Clock):
    """A clock that moves to the next event as soon as nothing else can run."""

    def __init__(self) -> None:
        self._now, self._order = 0.0, itertools.count()
        self._timers: list[tuple[float, int, Callable[[], object]]] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        self.later(seconds, woken.set)
        await woken.wait()

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        heapq.heappush(self._timers, (self._now + max(0.0, seconds), next(self._order), call))

    async def run(self, until: float) -> None:
        """Let time pass."""
        while True:
            for _ in range(20):
                await asyncio.sleep(0)
            if not self._timers or self._timers[0][0] > until:
                return
            self._now, _, call = heapq.heappop(self._timers)
            call()


@dataclass
class Account:
    """The bucket of the account, and who got what."""

    clock: Clock
    served: Counter[int] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.bucket = Bucket(BURST, RATE, self.clock)

    async def controller(self, number: int, throttle: Throttle, groups: int) -> None:
        """Change one target group after the other, without an end."""
        await asyncio.gather(*(self._group(number, throttle, f"{number}/{each}") for each in range(groups)))

    async def _group(self, number: int, throttle: Throttle, lane: str) -> None:
        with taking(lane, 0.0):
            while True:
                await throttle.wait(SERVICE, OPERATION)
                await self.clock.sleep(LATENCY)
                while not self.bucket.spare():
                    self.refused[number] += 1
                    throttle.refused(SERVICE, OPERATION)
                    await throttle.wait(SERVICE, OPERATION)
                    await self.clock.sleep(AGAIN_SECONDS)
                self.served[number] += 1


async def measure(name: str, share: float, groups: int, seconds: float) -> None:
    """One line of the table."""
    clock = Jumping()
    account = Account(clock)
    throttles = [Throttle(rates("", share), clock) for _ in range(CONTROLLERS)]
    tasks = [asyncio.create_task(account.controller(number, each, groups)) for number, each in enumerate(throttles)]
    await clock.run(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    got = [account.served[number] for number in range(CONTROLLERS)]
    total, possible = sum(got), BURST + RATE * seconds
    fair = total**2 / (CONTROLLERS * sum(each**2 for each in got))
    refused = sum(account.refused.values())
    print(f"{name:24} {total / possible:6.0%} of the rate used, {refused / (total + refused):5.1%} refused, fair {fair:.3f}, calls {got}")


def main() -> None:
    """Measure both ways."""
    groups, seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 50, float(sys.argv[2]) if len(sys.argv) > 2 else 300.0
    asyncio.run(measure("the whole rate each", 1.0, groups, seconds))
    asyncio.run(measure("a third each", 1 / CONTROLLERS, groups, seconds))


if __name__ == "__main__":
    main()
