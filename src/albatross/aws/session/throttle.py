"""Client-side token buckets, so that a busy controller does not exhaust the rate of the account.

AWS: "Request throttling for the Elastic Load Balancing API": Describe* 200 tokens, 50/s; Modify* 20, 3/s; RegisterTargets and
DeregisterTargets together 20, 4/s. Route 53, "Maximums on API requests": 5/s.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

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


def rates(setting: str) -> tuple[Rate, ...]:
    """Read `service:regex=rate:burst,…`; if a service is named, all its default buckets are replaced. Errors: RateError."""
    own = tuple(_rate(part) for part in setting.split(",") if part)
    named = {rate.service for rate in own}
    return tuple(rate for rate in RATES if rate.service not in named) + own


def _rate(part: str) -> Rate:
    match = re.fullmatch(r"\s*([^:]+):(.+)=([0-9.]+):([0-9]+)\s*", part)
    if match is None:
        raise RateError(f"throttle {part!r} must read `service id:operation regex=rate:burst`")
    service, pattern, rate, burst = match.groups()
    try:
        re.compile(pattern)
        limit = Rate(services.IDENTIFIERS[services.name(service) or ""], pattern, float(rate), int(burst))
    except (re.error, ValueError) as error:
        raise RateError(f"throttle {part!r}: {error}") from None
    except KeyError:
        raise RateError(f"throttle {part!r}: {services.unknown(service)}") from None
    if not limit.per_second:
        raise RateError(f"throttle {part!r}: a rate must be more than 0")
    return limit


@dataclass(slots=True)
class _Limit:
    service: str
    pattern: re.Pattern[str]
    bucket: Bucket
    throttled: int = 0

    def holds(self, service: str, operation: str) -> bool:
        return self.service == service and bool(self.pattern.search(operation))


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a rate: `tokens` calls now (below zero: calls wait). `throttled` tries were refused by AWS so far."""

    service: str
    pattern: str
    tokens: float
    size: float
    per_second: float
    throttled: int


class Throttle:
    """The buckets of one account and region; share it between sessions. Calls are served in the order of arrival."""

    def __init__(self, limits: Iterable[Rate] = RATES, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self._limits = [_Limit(r.service, re.compile(r.pattern), Bucket(r.burst, r.per_second, self.clock)) for r in limits]

    async def wait(self, service_id: str, operation: str) -> None:
        """Wait until every bucket that matches the operation has a token."""
        wait = max((each.bucket.take() for each in self._limits if each.holds(service_id, operation)), default=0.0)
        if wait > 0:
            await self.clock.sleep(wait)

    def refused(self, service_id: str, operation: str) -> None:
        """AWS throttled a try of this operation."""
        for each in self._limits:
            if each.holds(service_id, operation):
                each.throttled += 1

    def allowances(self) -> tuple[Allowance, ...]:
        """Every bucket as it is now."""
        return tuple(
            Allowance(each.service, each.pattern.pattern, each.bucket.left, each.bucket.burst, each.bucket.per_second, each.throttled)
            for each in self._limits
        )
