"""A fence: no write leaves the process after its lease has expired.

A process can be stopped for a minute (SIGSTOP, a frozen machine) and continue, while another replica leads. A task that waits for the rate
limiter, or for its next try, would then write over the work of the new leader. Therefore the clients for AWS and for Kubernetes ask the
fence at the moment when they send a write, on every try.
"""

import math
from dataclasses import dataclass, field

from albatross.clock import Clock
from albatross.errors import Fenced


@dataclass(slots=True)
class Fence:
    """Open until a time, in seconds of `clock`. Without leader election nobody sets a time, and it stays open."""

    clock: Clock = field(default_factory=Clock)
    _until: float = math.inf

    @property
    def open(self) -> bool:
        """Whether this process may write now."""
        return self.clock.now() < self._until

    def extend(self, until: float) -> None:
        """Keep it open until this time."""
        self._until = until

    def check(self, what: str) -> None:
        """Return if this process may write now. `what` names the write. Errors: Fenced."""
        if not self.open:
            raise Fenced(f"{what} was not sent: the lease of this process has expired, and another replica may lead now")
