"""The metrics of the controller, a row each: docs/metrics.md, the alert rules and the dashboard are checked against this table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]
Source = Literal["ours", "aws", "runtime", "process"]

SHORT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds of one request: the default buckets of the Prometheus clients, as in the AWS controller."""
LONG = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds of a wait or of a pass: from one that nothing delays, to one behind the rates of an account (chosen by us)."""
GATES = (10.0, 30.0, 60.0, 120.0, 180.0, 240.0, 300.0, 360.0, 420.0, 480.0, 540.0, 600.0)
"""The buckets of the AWS controller for readiness gates."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name in PromQL, its labels, and what it says.

    `source`: who else has a metric with this name and meaning: the AWS controller itself (`aws`), every controller that is built with
    controller-runtime (`runtime`), every process (`process`), or nobody (`ours`).
    """

    name: str
    kind: Kind
    labels: tuple[str, ...]
    about: str
    source: Source = "ours"
    buckets: tuple[float, ...] = ()

    @property
    def series(self) -> tuple[str, ...]:
        """The names of its time series."""
        return tuple(self.name + end for end in ("_bucket", "_sum", "_count")) if self.kind == "histogram" else (self.name,)


_CALL = ("service", "operation", "status_code", "error_code")
_LIMIT = ("service", "operations")
_OBJECT = ("controller", "namespace", "name")

ROWS: tuple[Metric, ...] = (
    # What users wait for
    Metric("albatross_problem", "gauge", ("code", "severity", "kind", "namespace", "name"), "1 while an object has this problem."),
    Metric("albatross_problems_hidden", "gauge", (), "Problems without a series, because too many objects have problems."),
    Metric(
        "albatross_target_registration_seconds",
        "histogram",
        (),
        "From a changed endpoint to the registration of its target.",
        buckets=LONG,
    ),
    Metric(
        "awslbc_readiness_gate_ready_seconds", "histogram", ("namespace", "name"), "How long pods wait for a readiness gate.", "aws", GATES
    ),
    Metric("aws_target_group_info", "gauge", ("namespace", "service", "target_group"), "1 for each binding with a target group.", "aws"),
    # Passes
    Metric("awslbc_controller_reconcile_errors_total", "counter", ("controller", "error_category"), "Failed passes, by cause.", "aws"),
    Metric(
        "awslbc_controller_reconcile_stage_duration",
        "histogram",
        ("controller", "reconcile_stage"),
        "Seconds of a stage of a pass.",
        "aws",
        SHORT,
    ),
    Metric("awslbc_controller_cache_object_total", "gauge", ("resource",), "Objects in the cache.", "aws"),
    Metric("awslbc_controller_top_talkers", "gauge", _OBJECT, "Passes of the three busiest objects in the last three minutes.", "aws"),
    Metric("controller_runtime_reconcile_total", "counter", ("controller", "result"), "Passes, by result.", "runtime"),
    Metric("controller_runtime_reconcile_errors_total", "counter", ("controller",), "Passes that failed.", "runtime"),
    Metric("controller_runtime_reconcile_time_seconds", "histogram", ("controller",), "Seconds of a pass.", "runtime", LONG),
    Metric("controller_runtime_active_workers", "gauge", ("controller",), "Passes that run now.", "runtime"),
    Metric("controller_runtime_max_concurrent_reconciles", "gauge", ("controller",), "Passes that may run at once.", "runtime"),
    # Queues
    Metric("workqueue_depth", "gauge", ("name",), "Keys that wait.", "runtime"),
    Metric("workqueue_adds_total", "counter", ("name",), "Keys that were added.", "runtime"),
    Metric("workqueue_retries_total", "counter", ("name",), "Keys that were added again after a failure.", "runtime"),
    Metric("workqueue_queue_duration_seconds", "histogram", ("name",), "Seconds that a key waits for a worker.", "runtime", LONG),
    Metric("workqueue_work_duration_seconds", "histogram", ("name",), "Seconds that a worker needs for a key.", "runtime", LONG),
    Metric("workqueue_unfinished_work_seconds", "gauge", ("name",), "Seconds of all passes that run now, in sum.", "runtime"),
    Metric("workqueue_longest_running_processor_seconds", "gauge", ("name",), "Seconds of the longest pass that runs now.", "runtime"),
    # AWS
    Metric("aws_api_calls_total", "counter", _CALL, "Calls. `status_code` is 200, or empty after an error.", "aws"),
    Metric("aws_api_call_duration_seconds", "histogram", ("service", "operation"), "Seconds of a call with all its tries.", "aws", SHORT),
    Metric(
        "aws_api_call_retries",
        "histogram",
        ("service", "operation"),
        "How many times a call was repeated.",
        "aws",
        tuple(float(count) for count in range(11)),
    ),
    Metric("aws_api_requests_total", "counter", _CALL, "Tries of calls; a call can have several.", "aws"),
    Metric("aws_api_request_duration_seconds", "histogram", ("service", "operation"), "Seconds of a try.", "aws", SHORT),
    Metric("aws_api_call_permission_errors_total", "counter", _CALL, "Calls that AWS denied.", "aws"),
    Metric("aws_api_call_service_limit_exceeded_errors_total", "counter", _CALL, "Calls that a quota prevented.", "aws"),
    Metric("aws_api_call_throttled_errors_total", "counter", _CALL, "Calls that AWS throttled until the end.", "aws"),
    Metric("aws_api_call_validation_errors_total", "counter", _CALL, "Calls with a value that AWS did not accept.", "aws"),
    Metric("albatross_api_bucket_tokens", "gauge", _LIMIT, "Calls that may be sent now. Below zero: calls that wait."),
    Metric("albatross_api_bucket_size", "gauge", _LIMIT, "Calls that may be sent at once after a pause."),
    Metric("albatross_api_bucket_rate", "gauge", _LIMIT, "Calls that may be sent in a second."),
    Metric("albatross_api_bucket_throttled_total", "counter", _LIMIT, "Tries that AWS throttled although this limit was kept."),
    Metric("albatross_identity_info", "gauge", ("kind", "arn", "account"), "1; the labels say who the controller is in AWS."),
    Metric("albatross_feature_disabled", "gauge", ("feature", "action"), "1 while AWS denies an optional feature."),
    # Kubernetes
    Metric("rest_client_requests_total", "counter", ("code", "method", "host"), "Requests to the API server.", "runtime"),
    Metric("albatross_watch_silent_seconds", "gauge", ("resource",), "Seconds since the API server said something about this kind."),
    Metric("albatross_watch_lists_total", "counter", ("resource",), "Complete lists of a kind."),
    Metric("albatross_watch_failures_total", "counter", ("resource",), "Lists and watches that failed."),
    Metric("leader_election_master_status", "gauge", ("name",), "1 if this replica leads.", "runtime"),
    # Webhooks
    Metric("awslbc_webhook_validation_failure_total", "counter", ("webhook_name", "error_category"), "Objects that were refused.", "aws"),
    Metric("awslbc_webhook_mutation_failure_total", "counter", ("webhook_name", "error_category"), "Objects left as they are.", "aws"),
    Metric("controller_runtime_webhook_latency_seconds", "histogram", ("webhook",), "Seconds of a request.", "runtime", SHORT),
    Metric("controller_runtime_webhook_requests_total", "counter", ("webhook", "code"), "Requests, by HTTP status.", "runtime"),
    Metric("controller_runtime_webhook_requests_in_flight", "gauge", ("webhook",), "Requests that run now.", "runtime"),
    Metric("albatross_webhooks_registered", "gauge", (), "1 if the API server calls the webhooks of this installation."),
    # The process
    Metric("albatross_build_info", "gauge", ("version",), "1; the label is the version."),
    Metric("process_cpu_seconds_total", "counter", (), "CPU seconds.", "process"),
    Metric("process_resident_memory_bytes", "gauge", (), "Memory.", "process"),
    Metric("process_virtual_memory_bytes", "gauge", (), "Address space.", "process"),
    Metric("process_start_time_seconds", "gauge", (), "When the process started, in Unix time.", "process"),
    Metric("process_open_fds", "gauge", (), "Open files and connections.", "process"),
    Metric("process_max_fds", "gauge", (), "The limit of open files and connections.", "process"),
)

METRICS: Mapping[str, Metric] = {row.name: row for row in ROWS}
"""By name."""
SERIES: Mapping[str, Metric] = {series: row for row in ROWS for series in row.series}
"""By the name of each time series."""
ABSENT: Mapping[str, str] = {
    "awslbc_quic_target_missing_server_id": "the AWS controller defines it and never sets it; here such a pod is a Warning of its binding",
    "workqueue_* of `service`": "one loop serves Ingresses and Services; its name is `ingress`",
    "go_*": "it is not a Go process",
}
"""Metrics that a dashboard for the AWS controller may ask for and that are not here, and why."""
