"""A worker gets keys from a queue and reconciles them. Both loops use it."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from albatross.aws.session.turn import NORMAL, URGENT, taking
from albatross.controller.metrics import Metrics
from albatross.controller.queue import Queue
from albatross.errors import AlbatrossError

K = TypeVar("K", bound=Hashable)

log = structlog.get_logger("app")

KEPT = 10
"""One of this many workers processes only urgent keys (chosen by us)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a pass. `failed`: retry with back-off. `after`: reconcile again in this number of seconds.

    `within`: the back-off is at most this number of seconds. `first`: it begins with this number of seconds.
    """

    failed: bool = False
    after: float | None = None
    within: float | None = None
    first: float | None = None


@dataclass(frozen=True, slots=True)
class Worker(Generic[K]):
    """Runs passes for the keys of one queue; `name` is the loop's name in logs and metrics."""

    name: str
    queue: Queue[K]
    reconcile: Callable[[K], Awaitable[Verdict]]
    metrics: Metrics

    async def run(self, urgent: bool = False) -> None:
        """Run until cancelled; an error of a pass does not stop it. Several workers may run at the same time.

        `urgent`: process only urgent keys, so that one of them never waits for a worker.
        """
        while True:
            key = await self.queue.get(urgent)
            try:
                turn = taking(str(key), URGENT if self.queue.urgent(key) else NORMAL)
                with turn, self.metrics.passing(self.name, key):
                    verdict = await self._pass(key)
            finally:
                self.queue.done(key)
            self._settle(key, verdict)

    async def _pass(self, key: K) -> Verdict:
        try:
            return await self.reconcile(key)
        except AlbatrossError as error:
            log.warning("pass failed", controller=self.name, key=str(key), error=str(error))
            times = {name: getattr(error, f"retry_{name}", None) for name in ("after", "within", "first")}
            return Verdict(failed=True, **times)
        except Exception:
            log.exception("pass failed", controller=self.name, key=str(key))
            return Verdict(failed=True)

    def _settle(self, key: K, verdict: Verdict) -> None:
        self.metrics.passes.labels(self.name, "error" if verdict.failed else "success").inc()
        if verdict.failed:
            self.metrics.failed.labels(self.name).inc()
            self.queue.retry(key, verdict.after or 0, verdict.within, verdict.first)
            return
        self.queue.forget(key)
        if verdict.after is not None:
            self.queue.later(key, verdict.after)
