"""Every account of the sandbox: the home account, and others as soon as somebody calls in their name."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from albatross_sandbox.aws.front import Endpoint


class Accounts:
    """Endpoints by account number."""

    def __init__(self, make: Callable[[str], "Endpoint"]) -> None:
        self._make = make
        self._held: dict[str, Endpoint] = {}

    def of(self, account: str) -> "Endpoint":
        """The account's endpoint."""
        if account not in self._held:
            self._held[account] = self._make(account)
        return self._held[account]

    def __iter__(self) -> "Iterator[Endpoint]":
        return iter(list(self._held.values()))
