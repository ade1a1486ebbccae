"""Client-side token buckets, so that a busy controller does not exhaust the rate of the account.

AWS: "Request throttling for the Elastic Load Balancing API": Describe* 200 tokens, 50/s; Modify* 20, 3/s; RegisterTargets and
DeregisterTargets together 20, 4/s. Route 53, "Maximums on API requests": 5/s.
"""

import asyncio
import heapq
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from albatross.aws.session.turn import LAZY, Turn, current
from albatross.bucket import Bucket
from albatross.catalog import services
from albatross.clock import Clock
from albatross.errors import AlbatrossError


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `burst` calls at once and `per_second` on, of operations of `service` (its identifier) that match `pattern`."""

    service: str
    pattern: str
    per_second: float
    burst: int


RATES: tuple[Rate, ...] = (
    Rate("Elastic Load Balancing v2", "^RegisterTargets|^DeregisterTargets", 4, 20),
    Rate("Elastic Load Balancing v2", "^Describe.*", 50, 200),
    Rate("Elastic Load Balancing v2", "^Modify.*", 3, 20),
    Rate("Route 53", ".*", 5, 5),
    Rate("WAF Regional", "^AssociateWebACL|DisassociateWebACL", 0.5, 1),
    Rate("WAF Regional", "^GetWebACLForResource|ListResourcesForWebACL", 1, 1),
    Rate("WAFV2", "^AssociateWebACL|DisassociateWebACL", 0.5, 1),
    Rate("WAFV2", "^GetWebACLForResource|ListResourcesForWebACL", 1, 1),
)
"""The buckets if the operator sets none."""


class RateError(AlbatrossError):
    """A throttle setting that can't be read."""


def rates(setting: str, share: float = 1.0) -> tuple[Rate, ...]:
    """Read `service:regex=rate:burst,…`; if a service is named, all its default buckets are replaced. Errors: RateError.

    `share` is the part of the default buckets; those that the setting names stay as they are.
    """
    own = tuple(_rate(part) for part in setting.split(",") if part)
    named = {rate.service for rate in own}
    return shared((rate for rate in RATES if rate.service not in named), share) + own


def _rate(part: str) -> Rate:
    match = re.fullmatch(r"\s*([^:]+):(.+)=([0-9.]+):([0-9]+)\s*", part)
    if match is None:
        raise RateError(f"throttle {part!r} must read `service id:operation regex=rate:burst`")
    service, pattern, rate, burst = match.groups()
    try:
        re.compile(pattern)
        limit = Rate(identifier(services.name(service) or ""), pattern, float(rate), int(burst))
    except (re.error, ValueError) as error:
        raise RateError(f"throttle {part!r}: {error}") from None
    except KeyError:
        raise RateError(f"throttle {part!r}: {services.unknown(service)}") from None
    if not limit.per_second:
        raise RateError(f"throttle {part!r}: a rate must be more than 0")
    return limit


def shared(limits: Iterable[Rate], share: float) -> tuple[Rate, ...]:
    """A part of each rate, for several controllers in one account; at least one call at once."""
    return tuple(replace(each, per_second=each.per_second * share, burst=max(1, int(each.burst * share))) for each in limits)


SLOWER = 0.5
"""The factor of the rate after AWS has refused a call because of the rate (chosen by us, as in TCP)."""
SLOWEST = 1 / 32
"""The lowest part of the rate (chosen by us: for Modify calls, one in ten seconds)."""
RECOVERY_SECONDS = 60.0
"""The time until the whole rate is used again, after it was 0 (chosen by us). It grows by the same amount in each second."""
PLENTY = 0.75
"""The part of a bucket that must be left for a lazy call (chosen by us), so that an edit finds tokens at any time."""
SHORTEST = 0.001
"""The shortest pause in seconds: without it, rounding could make a timer wait for nothing again and again."""
AGAIN_SECONDS = 1.0
"""Refusals within this time count as one: they are answers to calls that were sent together (chosen by us)."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left of a rate: `tokens` calls now (below zero: calls wait). `throttled` tries were refused by AWS so far."""

    service: str
    pattern: str
    tokens: float
    size: float
    per_second: float
    throttled: int


@dataclass(slots=True)
class _Limit:
    """One bucket and the calls that wait for it.

    Calls that wait are sorted by the time at which they would be sent if their lane had a bucket for itself, plus their patience. So a lane
    with a hundred calls does not delay a lane with one.
    """

    rate: Rate
    pattern: re.Pattern[str]
    bucket: Bucket
    clock: Clock
    waiting: list["_Call"] = field(default_factory=list)
    lanes: dict[str, float] = field(default_factory=dict)
    part: float = 1.0
    throttled: int = 0
    slowed: float = float("-inf")
    grew: float = float("-inf")
    order: Iterator[int] = field(default_factory=itertools.count)
    woken: float = float("inf")

    def holds(self, service: str, operation: str) -> bool:
        return self.rate.service == service and bool(self.pattern.search(operation))

    def budget(self) -> Budget:
        self._recover()
        left = self.bucket.left() - self._queue()
        return Budget(self.rate.service, self.rate.pattern, left, self.bucket.burst, self.bucket.per_second, self.throttled)

    async def take(self, turn: Turn) -> None:
        self._recover()
        if not self._queue() and self.bucket.left() >= self._least(turn.patience >= LAZY) and self.bucket.spare():
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        virtual = max(self.clock.now(), self.lanes.get(turn.lane, 0.0)) + 1 / self.bucket.per_second
        self.lanes[turn.lane] = virtual
        heapq.heappush(self.waiting, _Call(virtual + turn.patience, next(self.order), future, turn.patience >= LAZY))
        self._pump()
        await future

    def _queue(self) -> int:
        """The number of calls that wait. Those of cancelled tasks are forgotten."""
        while self.waiting and self.waiting[0].future.done():
            heapq.heappop(self.waiting)
        if not self.waiting:
            self.lanes.clear()
        return len(self.waiting)

    def _least(self, lazy: bool) -> float:
        """The tokens that must exist: a lazy call uses only what is left over, as long as its patience lasts."""
        return PLENTY * self.bucket.burst if lazy else 1.0

    def _pump(self) -> None:
        """Let calls go as long as there are tokens for the first one, and look again when there is one more."""
        self._recover()
        while self._queue():
            first, now = self.waiting[0], self.clock.now()
            least = max(1.0, self._least(first.lazy and now < first.deadline))
            if self.bucket.left() < least or not self.bucket.spare():
                self._later(min(self.bucket.due(least), max(first.deadline - now, self.bucket.due(1.0))))
                return
            heapq.heappop(self.waiting).future.set_result(None)

    def _later(self, seconds: float) -> None:
        due = self.clock.now() + max(seconds, SHORTEST)
        if due < self.woken:
            self.woken = due
            self.clock.later(max(seconds, SHORTEST), partial(self._again, due))

    def _again(self, due: float) -> None:
        if due == self.woken:  # else an earlier timer has run since
            self.woken = float("inf")
            self._pump()

    def slow(self) -> None:
        """AWS has refused a call: others use the account's rate too, so use less of it."""
        now = self.clock.now()
        if now - self.slowed < AGAIN_SECONDS:
            return
        self._recover()
        self.part, self.slowed = max(SLOWEST, self.part * SLOWER), now
        self.bucket.change(self.rate.per_second * self.part, min(self.bucket.left(), 0.0))

    def _recover(self) -> None:
        if self.part < 1:
            now = self.clock.now()
            grown = min(1.0, self.part + (now - max(self.slowed, self.grew)) / RECOVERY_SECONDS)
            self.part, self.grew = grown, now
            self.bucket.change(self.rate.per_second * self.part)


@dataclass(order=True, slots=True)
class _Call:
    """A call that waits. After its deadline, a lazy call is like any other."""

    deadline: float
    number: int
    future: asyncio.Future[None] = field(compare=False)
    lazy: bool = field(compare=False)


def identifier(service: str) -> str:
    """The service id (`Elastic Load Balancing v2`) of a name in botocore (`elbv2`)."""
    return services.IDENTIFIERS[service]


class Throttle:
    """The buckets of one account and region; share it between sessions.

    If AWS refuses a call because of its rate, the bucket fills half as fast, and then faster again, by the same amount in each second. So
    controllers that share an account end with equal parts of it, without knowing each other.
    """

    def __init__(self, limits: Iterable[Rate] = RATES, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self._limits = [
            _Limit(each, re.compile(each.pattern), Bucket(_spared(each.burst), each.per_second, self.clock), self.clock) for each in limits
        ]

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The limits that it keeps: those of the setting, or of AWS; with a share of the account, that part of them."""
        return tuple(each.rate for each in self._limits)

    async def wait(self, service_id: str, operation: str) -> None:
        """Wait until every bucket that matches the operation has a token; the turn of the task says who is first."""
        turn = current()
        for each in self._matching(service_id, operation):
            await each.take(turn)

    def plenty(self, service_id: str, operation: str, part: float = PLENTY) -> bool:
        """Whether no call waits for the operation's buckets and this part of their tokens is left: then nobody misses one."""
        return all(not each._queue() and each.bucket.left() >= part * each.bucket.burst for each in self._matching(service_id, operation))

    def refused(self, service_id: str, operation: str) -> None:
        """AWS has refused this operation because of its rate."""
        for each in self._matching(service_id, operation):
            each.throttled += 1
            each.slow()

    def part(self, service_id: str, operation: str) -> float:
        """The part of the rate that is used now: 1 unless AWS has refused calls."""
        return min((each.part for each in self._matching(service_id, operation)), default=1.0)

    def budgets(self) -> tuple[Budget, ...]:
        """Every bucket as it is now."""
        return tuple(each.budget() for each in self._limits)

    def _matching(self, service_id: str, operation: str) -> list[_Limit]:
        return [each for each in self._limits if each.holds(service_id, operation)]


def _spared(burst: int) -> int:
    """A twentieth fewer than AWS allows at once, because calls do not arrive at AWS exactly at the pace of our tokens."""
    return burst - burst // 20
