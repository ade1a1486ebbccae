"""The metrics for operators, made from `catalog.metrics`. Names, labels and buckets are those of the other controller where it has them."""

from collections import Counter as Counts
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from albatross import __version__
from albatross.aws.session.errors import COUNTED
from albatross.aws.session.transport import READS
from albatross.catalog.metrics import METRICS, Metric
from albatross.clock import Clock

Reading = tuple[str, tuple[str, ...], float]
"""A value that is read when Prometheus asks: the name of a row of the table, the values of its labels, and the value."""
Source = Callable[[], Iterable[Reading]]

MANY = 100_000
"""The number of keys with a count of passes, if no reader clears the counts (chosen by us: 10 MB)."""


@dataclass(frozen=True, slots=True)
class QueueTimes:
    """The metrics of one queue; the label is already set, because it costs more than the rest of a step of the queue."""

    adds: Counter
    retries: Counter
    wait: Histogram
    work: Histogram


class Metrics:
    """One registry per process."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self.registry = CollectorRegistry()
        self.busiest: Counts[tuple[str, object]] = Counts()
        """The number of passes by loop and key, until a reader clears it."""
        self._make_passes()
        self._make_calls()
        self._make_webhooks()
        self.leader = self._gauge("leader_election_master_status")
        self._gauge("albatross_build_info").labels(__version__).set(1)
        ProcessCollector(registry=self.registry)

    def _make_passes(self) -> None:
        self._loops: dict[str, tuple[Gauge, Histogram]] = {}
        self.errors = self._counter("awslbc_controller_reconcile_errors_total")
        self.stage = self._histogram("awslbc_controller_reconcile_stage_duration")
        self.passes = self._counter("controller_runtime_reconcile_total")
        self.failed = self._counter("controller_runtime_reconcile_errors_total")
        self.pass_seconds = self._histogram("controller_runtime_reconcile_time_seconds")
        self.workers = self._gauge("controller_runtime_active_workers")
        self.most_workers = self._gauge("controller_runtime_max_concurrent_reconciles")
        self.adds = self._counter("workqueue_adds_total")
        self.retries = self._counter("workqueue_retries_total")
        self.queue_seconds = self._histogram("workqueue_queue_duration_seconds")
        self.work_seconds = self._histogram("workqueue_work_duration_seconds")
        self.gates = self._histogram("awslbc_readiness_gate_ready_seconds")
        self.registrations = self._histogram("albatross_target_registration_seconds")

    def _make_calls(self) -> None:
        self.calls = self._counter("aws_api_calls_total")
        self.seconds = self._histogram("aws_api_call_duration_seconds")
        self.repeats = self._histogram("aws_api_call_retries")
        self.tries = self._counter("aws_api_requests_total")
        self.try_seconds = self._histogram("aws_api_request_duration_seconds")
        self.identity = self._gauge("albatross_identity_info")
        self.disabled = self._gauge("albatross_feature_disabled")
        self.kinds = {kind: self._counter(f"aws_api_call_{kind}_errors_total") for kind in COUNTED}
        self.requests = self._counter("rest_client_requests_total")

    def _make_webhooks(self) -> None:
        self.validations = self._counter("awslbc_webhook_validation_failure_total")
        self.mutations = self._counter("awslbc_webhook_mutation_failure_total")
        self.webhooks = self._histogram("controller_runtime_webhook_latency_seconds")
        self.answers = self._counter("controller_runtime_webhook_requests_total")
        self.in_flight = self._gauge("controller_runtime_webhook_requests_in_flight")
        self.registered = self._gauge("albatross_webhooks_registered")

    def _counter(self, name: str) -> Counter:
        row = METRICS[name]
        return Counter(row.name.removesuffix("_total"), row.about, row.labels, registry=self.registry)

    def _gauge(self, name: str) -> Gauge:
        row = METRICS[name]
        return Gauge(row.name, row.about, row.labels, registry=self.registry)

    def _histogram(self, name: str) -> Histogram:
        row = METRICS[name]
        return Histogram(row.name, row.about, row.labels, buckets=row.buckets, registry=self.registry)

    # What happens ------------------------------------------------------------------------------------------------

    def queue(self, name: str) -> QueueTimes:
        """The metrics of a queue."""
        series = (self.adds, self.retries, self.queue_seconds, self.work_seconds)
        return QueueTimes(*(each.labels(name) for each in series))  # type: ignore[arg-type]  # in the order of the fields

    @contextmanager
    def timed(self, controller: str, stage: str) -> Iterator[None]:
        """Time a stage of a pass."""
        started = self._clock.now()
        try:
            yield
        finally:
            self.stage.labels(controller, stage).observe(self._clock.now() - started)

    @contextmanager
    def passing(self, controller: str, key: object) -> Iterator[None]:
        """Time a pass."""
        started = self._clock.now()
        if controller not in self._loops:
            self._loops[controller] = (self.workers.labels(controller), self.pass_seconds.labels(controller))
        workers, seconds = self._loops[controller]
        if len(self.busiest) > MANY:
            self.busiest.clear()
        self.busiest[controller, key] += 1
        workers.inc()
        try:
            yield
        finally:
            workers.dec()
            seconds.observe(self._clock.now() - started)

    @contextmanager
    def called_webhook(self, path: str) -> Iterator[None]:
        """Time a request to a webhook."""
        started = self._clock.now()
        self.in_flight.labels(path).inc()
        try:
            yield
        finally:
            self.in_flight.labels(path).dec()
            self.webhooks.labels(path).observe(self._clock.now() - started)

    def called(self, service: str, operation: str, code: str, seconds: float) -> None:
        """An AWS call ended; `code` is empty if the call succeeded."""
        labels = (service, operation, "" if code else "200", code)
        self.calls.labels(*labels).inc()
        self.seconds.labels(service, operation).observe(seconds)
        for kind, codes in COUNTED.items():
            if code in codes:
                self.kinds[kind].labels(*labels).inc()

    def tried(self, service: str, operation: str, status: str, code: str, seconds: float) -> None:
        """A try of an AWS call ended; `status` is the HTTP status, empty without an answer; `code` is empty if it succeeded."""
        self.tries.labels(service, operation, status, code).inc()
        self.try_seconds.labels(service, operation).observe(seconds)

    def repeated(self, service: str, operation: str, times: int) -> None:
        """An AWS call ended after this many tries that followed the first one."""
        self.repeats.labels(service, operation).observe(times)

    def requested(self, method: str, host: str, code: str) -> None:
        """The API server answered a request; `code` is the HTTP status, or `<error>` without an answer, as in client-go."""
        self.requests.labels(code, method, host).inc()

    # What Prometheus reads ---------------------------------------------------------------------------------------

    def ask(self, source: Source) -> None:
        """Read these values each time when Prometheus asks."""
        self.registry.register(_Asked(source))

    def writes(self) -> Counts[str]:
        """The calls so far that were not only reads, by operation."""
        found: Counts[str] = Counts()
        for labels, value in _totals(self.calls):
            if not labels["operation"].startswith(READS):
                found[labels["operation"]] += value
        return found

    def failures(self) -> int:
        """The number of passes so far that failed or were refused because of an error."""
        failed = sum(value for labels, value in _totals(self.passes) if labels["result"] == "error")
        return failed + sum(value for _, value in _totals(self.errors))

    def text(self) -> bytes:
        """All metrics in the Prometheus text format."""
        return generate_latest(self.registry)


@dataclass(frozen=True, slots=True)
class _Asked(Collector):
    source: Source

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for name, labels, value in self.source():
            if name not in families:
                families[name] = _family(METRICS[name])
            families[name].add_metric(labels, value)
        yield from families.values()


def _family(row: Metric) -> CounterMetricFamily | GaugeMetricFamily:
    if row.kind == "counter":
        return CounterMetricFamily(row.name, row.about, labels=row.labels)
    return GaugeMetricFamily(row.name, row.about, labels=row.labels)


def _totals(counter: Counter) -> Iterator[tuple[Mapping[str, str], int]]:
    for metric in counter.collect():
        yield from ((sample.labels, int(sample.value)) for sample in metric.samples if sample.name.endswith("_total"))
