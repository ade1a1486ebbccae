"""The record of every call that reached the account."""

from dataclasses import dataclass
from typing import Any

from albatross_sandbox.aws.clock import moment

_KEPT = 200_000  # entries; older ones fall off, numbers go on


@dataclass(slots=True)
class Entry:
    """One call and what became of it."""

    n: int
    at: float
    service: str
    operation: str
    request: Any
    principal: str
    status: int = 0
    code: str | None = None

    def shown(self) -> dict[str, Any]:
        """The entry as the control API gives it."""
        return {
            "n": self.n,
            "at": moment(self.at).isoformat(),
            "service": self.service,
            "operation": self.operation,
            "status": self.status,
            "code": self.code,
            "request": self.request,
            "principal": self.principal,
        }


class Journal:
    """Calls in order of arrival, numbered from 1."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._count = 0

    def open(self, at: float, service: str, operation: str, request: Any, principal: str) -> Entry:
        """Note a call's arrival; the caller fills in status and code."""
        self._count += 1
        entry = Entry(self._count, at, service, operation, request, principal)
        self._entries.append(entry)
        if len(self._entries) > _KEPT:
            del self._entries[: _KEPT // 10]
        return entry

    def since(self, n: int) -> list[dict[str, Any]]:
        """Entries with a number above n."""
        if not self._entries:
            return []
        skip = max(0, n + 1 - self._entries[0].n)
        return [entry.shown() for entry in self._entries[skip:]]

    def reset(self) -> None:
        """Forget every entry and count from 1 again."""
        self._entries.clear()
        self._count = 0
