"""What takes keys from a queue and works on them, the same for both loops."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from albatross.controller.metrics import Metrics
from albatross.controller.queue import Queue
from albatross.errors import AlbatrossError

K = TypeVar("K", bound=Hashable)

log = structlog.get_logger("app")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a pass ended: `failed`: try again, backing off; `after`: look again in so many seconds."""

    failed: bool = False
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Worker(Generic[K]):
    """Passes over the keys of one queue; `name` is the loop's in logs and metrics."""

    name: str
    queue: Queue[K]
    reconcile: Callable[[K], Awaitable[Verdict]]
    metrics: Metrics

    async def run(self) -> None:
        """Work until cancelled; no error of a pass ends it. Several may run at once."""
        while True:
            key = await self.queue.get()
            try:
                verdict = await self._pass(key)
            finally:
                self.queue.done(key)
            self._settle(key, verdict)

    async def _pass(self, key: K) -> Verdict:
        try:
            return await self.reconcile(key)
        except AlbatrossError as error:
            log.warning("pass failed", controller=self.name, key=str(key), error=str(error))
            return Verdict(failed=True, after=getattr(error, "retry_after", None))
        except Exception:
            log.exception("pass failed", controller=self.name, key=str(key))
            return Verdict(failed=True)

    def _settle(self, key: K, verdict: Verdict) -> None:
        self.metrics.passes.labels(self.name, "error" if verdict.failed else "success").inc()
        if verdict.failed:
            self.queue.retry(key, verdict.after or 0)
            return
        self.queue.forget(key)
        if verdict.after is not None:
            self.queue.later(key, verdict.after)
