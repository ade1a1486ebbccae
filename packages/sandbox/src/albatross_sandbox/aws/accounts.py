"""Every account of the sandbox: the home account, and others as soon as somebody calls in their name; each has Regions."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from albatross_sandbox.aws.front import Endpoint

GLOBAL = frozenset({"iam", "sts", "route53", "shield", "cloudfront", "organizations"})
"""Services that are the same whatever Region a call is signed for."""


class Accounts:
    """Endpoints by account number and Region. Only the home Region has a cluster and a data plane; the others begin empty."""

    def __init__(self, home: str, make: Callable[[str, str], "Endpoint"]) -> None:
        self._home = home
        self._make = make
        self._held: dict[tuple[str, str], Endpoint] = {}

    def of(self, account: str, service: str = "", region: str = "") -> "Endpoint":
        """The endpoint that serves a call; without a Region, and for global services, that of the home Region."""
        key = (account, self._home if service in GLOBAL or not region else region)
        if key not in self._held:
            self._held[key] = self._make(*key)
        return self._held[key]

    def __iter__(self) -> "Iterator[Endpoint]":
        return iter(list(self._held.values()))
