"""The metrics that are read at the moment when Prometheus asks, so that nothing keeps them up to date in between."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from albatross.aws.session.client import Session
from albatross.clock import Clock
from albatross.controller.bindings import KIND
from albatross.controller.metrics import Reading
from albatross.controller.queue import Queue
from albatross.kube.cache import Cache
from albatross.kube.watch import Reflector
from albatross.model.snapshot import TargetGroupBinding

WINDOW_SECONDS = 180.0
TOP = 3
"""The busiest objects: three of each loop in three minutes, as in the AWS controller."""


@dataclass(frozen=True)
class Figures:
    """Sizes and ages of the parts of one process; `queues` by the name of the loop."""

    cache: Cache
    session: Session
    queues: Mapping[str, Queue[Any]]
    reflectors: Sequence[Reflector]

    def read(self) -> Iterator[Reading]:
        """All values."""
        for name, queue in self.queues.items():
            running = queue.running
            yield "workqueue_depth", (name,), len(queue)
            yield "workqueue_unfinished_work_seconds", (name,), sum(running)
            yield "workqueue_longest_running_processor_seconds", (name,), max(running, default=0.0)
        yield from self._watches()
        yield from self._buckets()
        yield from self._groups()

    def _watches(self) -> Iterator[Reading]:
        for each in self.reflectors:
            kind = (each.kind.lower(),)
            yield "awslbc_controller_cache_object_total", kind, len(self.cache.objects(each.kind))
            yield "albatross_watch_silent_seconds", kind, each.silent
            yield "albatross_watch_lists_total", kind, each.counts["listed"]
            yield "albatross_watch_failures_total", kind, each.counts["failed"] + each.counts["gone"]

    def _buckets(self) -> Iterator[Reading]:
        for each in self.session.throttle.budgets():
            labels = (each.service, each.pattern)
            yield "albatross_api_bucket_tokens", labels, each.tokens
            yield "albatross_api_bucket_size", labels, each.size
            yield "albatross_api_bucket_rate", labels, each.per_second
            yield "albatross_api_bucket_throttled_total", labels, each.throttled

    def _groups(self) -> Iterator[Reading]:
        bindings: Mapping[Any, TargetGroupBinding] = self.cache.objects(KIND)
        found = {(each.metadata.namespace, each.service, each.target_group_arn) for each in bindings.values() if each.target_group_arn}
        yield from (("aws_target_group_info", labels, 1.0) for labels in sorted(found))


@dataclass
class Talkers:
    """The objects with the most passes. `counts` by loop and key is cleared when a window of time ends."""

    counts: Counter[tuple[str, object]]
    clock: Clock
    top: Sequence[tuple[tuple[str, str, str], int]] = ()
    since: float = field(init=False)

    def __post_init__(self) -> None:
        self.since = self.clock.now()

    def read(self) -> Iterator[Reading]:
        """The busiest objects of the last window that ended."""
        if self.clock.now() - self.since >= WINDOW_SECONDS:
            self.top = tuple(self._busiest())
            self.counts.clear()
            self.since = self.clock.now()
        yield from (("awslbc_controller_top_talkers", labels, float(count)) for labels, count in self.top)

    def _busiest(self) -> Iterator[tuple[tuple[str, str, str], int]]:
        for controller in sorted({controller for controller, _ in self.counts}):
            own = Counter({key: count for (name, key), count in self.counts.items() if name == controller})
            for key, count in own.most_common(TOP):
                space, name = key if isinstance(key, tuple) else (getattr(key, "namespace", ""), getattr(key, "name", ""))
                yield (controller, space, name), count
