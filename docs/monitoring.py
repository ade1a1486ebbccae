"""The files in monitoring/: alert rules, dashboard and runbook, from one table each. Every metric in them is in `catalog.metrics`."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from docs.markdown import cell, code, table

from albatross.catalog.metrics import SERIES

RUNBOOK = "monitoring/README.md"


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert rule: when, for how long, how bad, what it says, and what an operator does."""

    name: str
    expression: str
    minutes: int
    severity: str
    summary: str
    remedy: str


ALERTS: tuple[Alert, ...] = (
    Alert(
        "AlbatrossDown",
        "absent(albatross_build_info)",
        5,
        "critical",
        "No replica of the controller is scraped: load balancers and targets do not follow the cluster.",
        "`kubectl get pods` of the controller and their logs; `albatross doctor` names what prevents its start.",
    ),
    Alert(
        "AlbatrossNoLeader",
        "sum(leader_election_master_status) < 1",
        5,
        "critical",
        "No replica leads: nothing is written to AWS.",
        "Look at the Lease of the controller and the log lines `lease` of each replica; `albatross doctor` checks the rights for Leases.",
    ),
    Alert(
        "AlbatrossProblem",
        'sum by (code, kind, namespace, name) (albatross_problem{severity="error"}) > 0',
        15,
        "warning",
        "{{ $labels.kind }} {{ $labels.namespace }}/{{ $labels.name }} has problem {{ $labels.code }}.",
        "`albatross why KIND NAMESPACE/NAME` shows the cause and the fix; `albatross explain CODE` explains the code.",
    ),
    Alert(
        "AlbatrossRegistrationSlow",
        "histogram_quantile(0.99, sum by (le) (rate(albatross_target_registration_seconds_bucket[15m]))) > 60",
        15,
        "warning",
        "New endpoints wait more than a minute for their registration: rollouts are slow, and pods that end can still get requests.",
        "Compare `albatross_api_bucket_tokens` (below zero: the rate of the account is used up) with `workqueue_queue_duration_seconds`.",
    ),
    Alert(
        "AlbatrossPassesFail",
        "sum by (controller) (rate(controller_runtime_reconcile_errors_total[15m])) > 0.1",
        30,
        "warning",
        "Passes of {{ $labels.controller }} fail again and again.",
        "The log lines `pass failed` have the errors; `albatross doctor` checks credentials and permissions.",
    ),
    Alert(
        "AlbatrossPassHangs",
        "max by (name) (workqueue_longest_running_processor_seconds) > 900",
        5,
        "warning",
        "A pass of {{ $labels.name }} has run for more than 15 minutes.",
        "The log shows what it waits for; a load balancer that AWS does not make active is the usual cause.",
    ),
    Alert(
        "AlbatrossThrottled",
        "sum by (service, operations) (rate(albatross_api_bucket_throttled_total[15m])) > 0.05",
        15,
        "warning",
        "AWS throttles {{ $labels.operations }} of {{ $labels.service }}: others use the rate of the account too.",
        "Find the other users of the account in CloudTrail, or give this controller a smaller share with `--aws-api-throttle`.",
    ),
    Alert(
        "AlbatrossDenied",
        "sum by (service, operation) (rate(aws_api_call_permission_errors_total[15m])) > 0",
        15,
        "warning",
        "AWS denies {{ $labels.service }} {{ $labels.operation }}.",
        "`albatross iam policy` prints what the role needs; `albatross doctor` shows what its policies lack.",
    ),
    Alert(
        "AlbatrossQuotaReached",
        "sum by (service, operation) (rate(aws_api_call_service_limit_exceeded_errors_total[15m])) > 0",
        15,
        "warning",
        "A quota of AWS stops {{ $labels.service }} {{ $labels.operation }}.",
        "`albatross doctor` lists the quotas and how near they are; request an increase in Service Quotas.",
    ),
    Alert(
        "AlbatrossWatchSilent",
        "max by (resource) (albatross_watch_silent_seconds) > 600",
        5,
        "warning",
        "The API server has said nothing about {{ $labels.resource }} for ten minutes.",
        "Look at the proxies and load balancers in front of the API server; `/healthz` restarts the container soon.",
    ),
    Alert(
        "AlbatrossWebhooksUnregistered",
        "max(albatross_webhooks_registered) < 1",
        30,
        "warning",
        "The API server does not call the webhooks: objects with errors are stored, and pods get no readiness gates.",
        "Ignore it with `--enable-webhooks=false`; otherwise see [webhooks.md](../docs/webhooks.md).",
    ),
)


def alerts() -> str:
    """monitoring/alerts.yaml, a file of rules as Prometheus reads it. A string of JSON is a string of YAML."""
    lines = [
        "# Written by `make docs`; edits are lost. The runbook is in monitoring/README.md.",
        "groups:",
        "- name: albatross",
        "  rules:",
    ]
    for each in ALERTS:
        lines += [f"  - alert: {each.name}", f"    expr: {json.dumps(each.expression)}", f"    for: {each.minutes}m"]
        lines += ["    labels:", f"      severity: {each.severity}", "    annotations:", f"      summary: {json.dumps(each.summary)}"]
        lines += [f"      runbook: {RUNBOOK}#{each.name.lower()}"]
    return "\n".join(lines) + "\n"


Query = tuple[str, str]
"""A query and its legend."""


def _quantiles(series: str, by: str = "") -> tuple[Query, ...]:
    labels, legend = (f"le, {by}", f" {{{{{by}}}}}") if by else ("le", "")
    return tuple((f"histogram_quantile({q}, sum by ({labels}) (rate({series}[5m])))", f"p{int(q * 100)}{legend}") for q in (0.5, 0.99))


PANELS: tuple[tuple[str, str, tuple[Query, ...]], ...] = (
    ("Problems", "short", (("sum by (code, severity) (albatross_problem)", "{{code}} {{severity}}"),)),
    ("Endpoint changed → registered", "s", _quantiles("albatross_target_registration_seconds_bucket")),
    ("Time in the queue", "s", _quantiles("workqueue_queue_duration_seconds_bucket", "name")),
    ("Time of a pass", "s", _quantiles("controller_runtime_reconcile_time_seconds_bucket", "controller")),
    ("Keys that wait", "short", (("sum by (name) (workqueue_depth)", "{{name}}"),)),
    ("Passes", "ops", (("sum by (controller, result) (rate(controller_runtime_reconcile_total[5m]))", "{{controller}} {{result}}"),)),
    (
        "Rate of the account that is left",
        "percentunit",
        (("albatross_api_bucket_tokens / albatross_api_bucket_size", "{{service}} {{operations}}"),),
    ),
    ("AWS calls", "ops", (("sum by (service, operation) (rate(aws_api_calls_total[5m]))", "{{service}} {{operation}}"),)),
    (
        "AWS calls that failed",
        "ops",
        (('sum by (operation, error_code) (rate(aws_api_calls_total{error_code!=""}[5m]))', "{{operation}} {{error_code}}"),),
    ),
    (
        "Tries that AWS throttled",
        "ops",
        (("sum by (service, operations) (rate(albatross_api_bucket_throttled_total[5m]))", "{{operations}}"),),
    ),
    ("Readiness gates", "s", _quantiles("awslbc_readiness_gate_ready_seconds_bucket")),
    ("Busiest objects", "short", (("awslbc_controller_top_talkers", "{{controller}} {{namespace}}/{{name}}"),)),
    ("Silence of the API server", "s", (("max by (resource) (albatross_watch_silent_seconds)", "{{resource}}"),)),
    ("Requests to the API server", "ops", (("sum by (method, code) (rate(rest_client_requests_total[5m]))", "{{method}} {{code}}"),)),
    ("Memory", "bytes", (("process_resident_memory_bytes * on (instance) group_left () albatross_build_info", "{{instance}}"),)),
    ("CPU", "short", (("rate(process_cpu_seconds_total[5m]) * on (instance) group_left () albatross_build_info", "{{instance}}"),)),
)


def dashboard() -> str:
    """monitoring/dashboard.json, to import into Grafana 9 or newer."""
    source = {"type": "prometheus", "uid": "${source}"}
    panels = [
        {
            "id": number,
            "type": "timeseries",
            "title": title,
            "datasource": source,
            "gridPos": {"h": 8, "w": 12, "x": 12 * ((number - 1) % 2), "y": 8 * ((number - 1) // 2)},
            "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
            "targets": [
                {"refId": chr(65 + index), "datasource": source, "expr": expression, "legendFormat": legend}
                for index, (expression, legend) in enumerate(queries)
            ],
        }
        for number, (title, unit, queries) in enumerate(PANELS, 1)
    ]
    variable = {"name": "source", "label": "Data source", "type": "datasource", "query": "prometheus"}
    page = {"title": "Albatross", "uid": "albatross", "tags": ["kubernetes", "aws"], "schemaVersion": 38, "refresh": "30s"}
    page |= {"time": {"from": "now-6h", "to": "now"}, "templating": {"list": [variable]}, "panels": panels}
    return json.dumps(page, indent=1, ensure_ascii=False) + "\n"


def readme() -> str:
    """monitoring/README.md."""
    return "\n".join(_readme()) + "\n"


def _readme() -> Iterator[str]:
    yield "<!-- Written by `make docs`; edits are lost. -->"
    yield "# Monitoring"
    yield ""
    yield "- [alerts.yaml](alerts.yaml): alert rules for Prometheus. `promtool check rules monitoring/alerts.yaml` accepts them. With the"
    yield "  Prometheus Operator, put `groups` into the `spec` of a PrometheusRule."
    yield "- [dashboard.json](dashboard.json): a dashboard; import it in Grafana, and choose the data source."
    yield "- [argocd-cm.yaml](argocd-cm.yaml): health scripts for Argo CD, see [docs/argocd.md](../docs/argocd.md)."
    yield ""
    yield "[docs/metrics.md](../docs/metrics.md) explains each metric. The metrics of all replicas are needed: only one of them leads."
    yield ""
    yield "## Alerts"
    yield ""
    yield from table(("Alert", "After", "Severity"), ((f"[{a.name}](#{a.name.lower()})", f"{a.minutes} min", a.severity) for a in ALERTS))
    for each in ALERTS:
        yield from ("", f"### {each.name}", "", each.summary.replace("{{ $labels.", "*").replace(" }}", "*"))
        yield from ("", f"When: {code(cell(each.expression))}", "", f"What to do: {each.remedy}")


def named(expression: str) -> frozenset[str]:
    """The time series that a query names."""
    words = re.findall(
        r"[a-z_]+(?=[\[{ )]|$)", re.sub(r'"[^"]*"|\([a-z_, ]+\) ?(?=\()|by \([^)]*\)|(?:on|group_left) \([^)]*\)', "", expression)
    )
    return frozenset(word for word in words if "_" in word and word not in ("histogram_quantile", "group_left"))


def unknown() -> list[str]:
    """The time series in alerts and panels that no metric has."""
    found = [each.expression for each in ALERTS] + [query for _, _, queries in PANELS for query, _ in queries]
    return sorted({name for expression in found for name in named(expression) if name not in SERIES})
