"""The calls to AWS of the last minute, by the limits that AWS has for them."""

import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from albatross.aws.session.errors import COUNTED
from albatross.aws.session.throttle import RATES, Rate
from albatross.catalog import services
from albatross.clock import Clock
from albatross.page.view import CallRow

MINUTE = 60.0
FRESH_SECONDS = 5.0
"""The table is made again after this time (chosen by us), so that an idle page gets few messages."""
THROTTLED = COUNTED["throttled"]


@dataclass(slots=True)
class Meter:
    """Counts the calls of the last minute. `limits` are the buckets of the controller, those of AWS by default."""

    clock: Clock
    limits: tuple[Rate, ...] = RATES
    _calls: deque[tuple[float, str, str, str]] = field(default_factory=deque)
    _rows: tuple[CallRow, ...] = ()
    _at: float = float("-inf")

    def called(self, service: str, operation: str, code: str, seconds: float) -> None:
        """Note a call; for `Session.watcher`."""
        self._forget()
        self._calls.append((self.clock.now(), services.IDENTIFIERS.get(service, service), operation, code))

    def rows(self) -> tuple[CallRow, ...]:
        """A row for each limit with calls, and one for the other calls of each service."""
        now = self.clock.now()
        if now - self._at >= FRESH_SECONDS:
            self._at = now
            self._forget()
            self._rows = tuple(self._made())
        return self._rows

    def _forget(self) -> None:
        while self._calls and self.clock.now() - self._calls[0][0] > MINUTE:
            self._calls.popleft()

    def _made(self) -> Iterable[CallRow]:
        found: Counter[tuple[str, int]] = Counter()
        wrong: dict[tuple[str, int], Counter[bool]] = {}
        for _, service, operation, code in self._calls:
            key = self._named(service, operation)
            found[key] += 1
            if code:
                wrong.setdefault(key, Counter())[code in THROTTLED] += 1
        for key in sorted(found):
            errors = wrong.get(key, Counter())
            yield CallRow(name=key[0], calls=found[key], allowed=key[1], throttled=errors[True], failed=errors[False])

    def _named(self, service: str, operation: str) -> tuple[str, int]:
        for limit in self.limits:
            if limit.service == service and re.search(limit.pattern, operation):
                return f"{service}: {_plain(limit.pattern)}", int(limit.per_second * MINUTE)
        return f"{service}: other calls", 0


def _plain(pattern: str) -> str:
    """The pattern of a limit, without the signs of regular expressions."""
    if pattern == ".*":
        return "all calls"
    return ", ".join(f"{each.strip('^').removesuffix('.*')}…" if each.endswith(".*") else each.strip("^") for each in pattern.split("|"))
