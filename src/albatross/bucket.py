"""A token bucket with a clock: it limits how often something may happen."""

from dataclasses import dataclass, field

from albatross.clock import Clock


@dataclass(slots=True)
class Bucket:
    """At most `burst` at once, and `per_second` on average. It starts full."""

    burst: float
    per_second: float
    clock: Clock
    _tokens: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._tokens, self._at = self.burst, self.clock.now()

    def take(self) -> float:
        """Remove a token, even if there is none yet. Returns the seconds until the token exists."""
        self._fill()
        self._tokens -= 1
        return max(0.0, -self._tokens / self.per_second)

    def due(self, tokens: float = 1.0) -> float:
        """The seconds until so many tokens exist; they must be less than a burst."""
        self._fill()
        return max(0.0, (tokens - self._tokens) / self.per_second)

    def left(self) -> float:
        """The tokens that exist now."""
        self._fill()
        return self._tokens

    def change(self, per_second: float, tokens: float | None = None) -> None:
        """Fill at another rate from now on. `tokens`: how many there are now, if not as many as before."""
        self._fill()
        self.per_second = per_second
        self._tokens = self._tokens if tokens is None else tokens

    def spare(self) -> bool:
        """Remove a token if there is one. Returns whether there was one."""
        self._fill()
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _fill(self) -> None:
        now = self.clock.now()
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.per_second)
        self._at = now
