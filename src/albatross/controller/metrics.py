"""The metrics for operators. Names, labels and buckets are those that dashboards for the other controller use."""

from collections import Counter as Counts
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from albatross.aws.session.errors import COUNTED
from albatross.aws.session.transport import READS
from albatross.clock import Clock

GATE_BUCKETS = (10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600)


class Metrics:
    """One registry per process."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self.registry = registry = CollectorRegistry()
        call = ("service", "operation", "status_code", "error_code")
        self.errors = Counter("awslbc_controller_reconcile_errors", "Failed passes", ("controller", "error_category"), registry=registry)
        self.stage = Histogram(
            "awslbc_controller_reconcile_stage_duration", "Seconds", ("controller", "reconcile_stage"), registry=registry
        )
        self.passes = Counter("controller_runtime_reconcile", "Passes", ("controller", "result"), registry=registry)
        self.depth = Gauge("workqueue_depth", "Keys that wait", ("name",), registry=registry)
        self.objects = Gauge("awslbc_controller_cache_object_total", "Objects in the cache", ("resource",), registry=registry)
        self.leader = Gauge("leader_election_master_status", "Whether this replica leads", ("name",), registry=registry)
        self.gates = Histogram(
            "awslbc_readiness_gate_ready_seconds", "Until a gate is met", ("namespace", "name"), buckets=GATE_BUCKETS, registry=registry
        )
        self.validations = Counter("awslbc_webhook_validation_failure", "Refused", ("webhook_name", "error_category"), registry=registry)
        self.mutations = Counter("awslbc_webhook_mutation_failure", "Refused", ("webhook_name", "error_category"), registry=registry)
        self.webhooks = Histogram("controller_runtime_webhook_latency_seconds", "Seconds a request", ("webhook",), registry=registry)
        self.registered = Gauge("albatross_webhooks_registered", "Whether the API server calls the webhooks", registry=registry)
        self.calls = Counter("aws_api_calls", "Calls", call, registry=registry)
        self.seconds = Histogram("aws_api_call_duration_seconds", "Seconds a call", ("service", "operation"), registry=registry)
        self.identity = Gauge("albatross_identity_info", "Who the controller is in AWS", ("kind", "arn", "account"), registry=registry)
        self.disabled = Gauge("albatross_feature_disabled", "1: AWS denies it", ("feature", "action"), registry=registry)
        self.kinds = {
            kind: Counter(f"aws_api_call_{kind}_errors", f"Calls that failed: {kind}", call, registry=registry) for kind in COUNTED
        }

    @contextmanager
    def timed(self, controller: str, stage: str) -> Iterator[None]:
        """Time a stage of a pass."""
        started = self._clock.now()
        try:
            yield
        finally:
            self.stage.labels(controller, stage).observe(self._clock.now() - started)

    @contextmanager
    def called_webhook(self, path: str) -> Iterator[None]:
        """Time a request to a webhook."""
        started = self._clock.now()
        try:
            yield
        finally:
            self.webhooks.labels(path).observe(self._clock.now() - started)

    def called(self, service: str, operation: str, code: str, seconds: float) -> None:
        """An AWS call ended; `code` is empty if the call succeeded."""
        labels = (service, operation, "" if code else "200", code)
        self.calls.labels(*labels).inc()
        self.seconds.labels(service, operation).observe(seconds)
        for kind, codes in COUNTED.items():
            if code in codes:
                self.kinds[kind].labels(*labels).inc()

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


def _totals(counter: Counter) -> Iterator[tuple[Mapping[str, str], int]]:
    for metric in counter.collect():
        yield from ((sample.labels, int(sample.value)) for sample in metric.samples if sample.name.endswith("_total"))
