"""Faults and latency that a test asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from albatross_sandbox.aws.fault import Fault

_ALIASES = {"elasticloadbalancingv2": "elbv2", "elasticloadbalancing": "elbv2", "tagging": "resourcegroupstaggingapi"}


class Lost(Exception):
    """The connection closes instead of an answer; status is what would have been answered, 0 if the call was never served."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(slots=True)
class Planned:
    """A fault that the next matching calls meet; times None is for ever."""

    service: str
    pattern: re.Pattern[str]
    fault: Fault
    times: int | None
    lost: str | None = None

    def matches(self, service: str, operation: str) -> bool:
        """Whether a call meets it."""
        return self.service in ("", "*", service) and self.pattern.fullmatch(operation) is not None and self.times != 0


@dataclass(slots=True)
class Delay:
    """Seconds that matching calls wait before they are served."""

    service: str
    pattern: re.Pattern[str]
    seconds: float


class Injector:
    """What the control API planned; nothing at first."""

    def __init__(self) -> None:
        self.faults: list[Planned] = []
        self.delays: list[Delay] = []

    def plan(self, rows: list[Mapping[str, Any]]) -> None:
        """Replace the planned faults by rows {service, operation, code, status, message, times, lost}.

        `lost` in place of an error closes the connection: "request" before the call is served, "answer" after.
        """
        self.faults = [
            Planned(
                service_name(row.get("service", "*")),
                re.compile(row.get("operation", ".*")),
                Fault(row.get("code", "InternalFailure"), row.get("message", "injected by the sandbox"), int(row.get("status", 400))),
                row.get("times"),
                row.get("lost"),
            )
            for row in rows
        ]

    def delay(self, rows: list[Mapping[str, Any]]) -> None:
        """Replace the latencies by rows {service, operation, seconds}; the first that matches a call counts."""
        self.delays = [
            Delay(service_name(row.get("service", "*")), re.compile(row.get("operation", ".*")), float(row["seconds"])) for row in rows
        ]

    def latency(self, service: str, operation: str) -> float:
        """Seconds that the call has to wait."""
        for delay in self.delays:
            if delay.service in ("", "*", service) and delay.pattern.fullmatch(operation):
                return delay.seconds
        return 0.0

    def check(self, service: str, operation: str) -> bool:
        """Raise the first planned fault that the call meets; True if its answer is to be lost instead."""
        for planned in self.faults:
            if planned.matches(service, operation):
                if planned.times is not None:
                    planned.times -= 1
                if planned.lost == "answer":
                    return True
                raise Lost(0) if planned.lost else planned.fault
        return False


def service_name(name: str) -> str:
    """The client name (`elbv2`) of a service under any of its names."""
    return _ALIASES.get(name.lower().replace(" ", ""), name.lower())
