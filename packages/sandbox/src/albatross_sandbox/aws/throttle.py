"""AWS's own rate limits: token buckets by service and operation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from albatross_sandbox.aws.clock import Clock
from albatross_sandbox.aws.fault import Fault


@dataclass(slots=True)
class Bucket:
    """A token bucket over the operations that its pattern matches."""

    service: str
    pattern: re.Pattern[str]
    burst: float
    rate: float
    level: float
    at: float

    def take(self, now: float) -> bool:
        """Take one token if there is one."""
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


# Elastic Load Balancing user guide, "Request throttling for the Elastic Load Balancing API" (2026-03):
# per account and Region; ELBv2 apart from Classic. Rows: service, operations, burst, tokens a second.
DEFAULTS: tuple[tuple[str, str, float, float], ...] = (
    ("elbv2", r"RegisterTargets|DeregisterTargets", 20, 4),
    ("elbv2", r"Describe.*", 200, 50),
    ("elbv2", r"Modify.*", 20, 3),
    # Route 53 developer guide, "Maximums on API requests": five a second for an account.
    ("route53", r".*", 5, 5),
)


class Throttle:
    """All buckets of the account; every one that matches a call must have a token for it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.buckets: list[Bucket] = []
        self.set([_row(*row) for row in DEFAULTS])

    def set(self, rows: list[Mapping[str, Any]]) -> None:
        """Replace every bucket by rows {service, operation, burst, rate}; an empty list lifts all limits."""
        now = self._clock.now()
        self.buckets = [_bucket(row, now) for row in rows]

    def shown(self) -> list[dict[str, Any]]:
        """The buckets as rows that `set` takes back, with what is left in each."""
        return [{**_row(b.service, b.pattern.pattern, b.burst, b.rate), "left": round(b.level, 3)} for b in self.buckets]

    def admit(self, service: str, operation: str) -> None:
        """Take the call's tokens; raises Fault(Throttling) if a bucket is empty."""
        now = self._clock.now()
        matching = [b for b in self.buckets if b.service == service and b.pattern.fullmatch(operation)]
        taken = [bucket.take(now) for bucket in matching]
        if not all(taken):
            raise Fault(_CODES.get(service, "Throttling"), "Rate exceeded")


_CODES = {"ec2": "RequestLimitExceeded", "wafv2": "ThrottlingException", "shield": "ThrottlingException", "acm": "ThrottlingException"}


def _bucket(row: Mapping[str, Any], now: float) -> Bucket:
    burst = float(row["burst"])
    return Bucket(row["service"], re.compile(row["operation"]), burst, float(row["rate"]), burst, now)


def _row(service: str, operation: str, burst: float, rate: float) -> dict[str, Any]:
    return {"service": service, "operation": operation, "burst": burst, "rate": rate}
