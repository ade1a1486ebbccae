"""metrics.md: the table of metrics, what they answer, and what else an operator can ask."""

from collections.abc import Iterator

from docs.markdown import cell, code, table

from albatross.catalog.metrics import ABSENT, ROWS, Source

FROM: dict[Source, str] = {
    "ours": "only here",
    "aws": "AWS Load Balancer Controller",
    "runtime": "every controller-runtime controller",
    "process": "every process",
}
QUESTIONS = (
    ("Which objects have a problem now?", 'albatross_problem{severity="error"}'),
    (
        "How long does a new endpoint wait for its registration (99 %)?",
        "histogram_quantile(0.99, sum by (le) (rate(albatross_target_registration_seconds_bucket[15m])))",
    ),
    (
        "How long does a change wait for a worker (99 %)?",
        "histogram_quantile(0.99, sum by (le, name) (rate(workqueue_queue_duration_seconds_bucket[15m])))",
    ),
    (
        "How long does a pass need (99 %)?",
        "histogram_quantile(0.99, sum by (le, controller) (rate(controller_runtime_reconcile_time_seconds_bucket[15m])))",
    ),
    ("How much of the account's rate is left?", "albatross_api_bucket_tokens / albatross_api_bucket_size"),
    ("Which calls does AWS throttle?", "sum by (service, operations) (rate(albatross_api_bucket_throttled_total[15m]))"),
)


def page() -> Iterator[str]:
    """metrics.md."""
    yield "# Metrics and health"
    yield ""
    yield "`--metrics-bind-addr` serves `/metrics`, `--health-probe-bind-addr` serves `/healthz` and `/readyz`. Every replica serves both."
    yield "Where the AWS Load Balancer Controller has a metric with the same meaning, name and labels are the same, so its dashboards work."
    yield "Alert rules and a dashboard are in [monitoring/](../monitoring/README.md)."
    yield ""
    yield from table(
        ("Metric", "Type", "Labels", "Meaning", "Who else has it"),
        ((code(r.name), r.kind, ", ".join(code(label) for label in r.labels), cell(r.about), FROM[r.source]) for r in ROWS),
    )
    yield from ("", "`controller` and `name` are `ingress` for Ingresses and Services, `targetGroupBinding` for registrations, and")
    yield "`targetGroupBindingLeaving` for deregistrations, which may wait so that registrations come first."
    yield from ("", "Not here:", "")
    yield from (f"- `{name}`: {why}." if "`" not in name else f"- {name}: {why}." for name, why in ABSENT.items())
    yield from ("", "## Questions and their queries", "")
    yield from table(("Question", "PromQL"), ((question, cell(code(query))) for question, query in QUESTIONS))
    yield from TEXT.strip().split("\n")


TEXT = """

## Problems of objects

`albatross_problem` has one series for each problem of each object, with the code that `albatross explain` knows. The series ends when the
problem ends, or when the object is deleted. Notes have no series. At most 2,000 series exist, errors first;
`albatross_problems_hidden` counts the others. Only the replica that leads reports problems.

## Health

- `/readyz` fails until every kind is listed and the webhooks are served. The text names what is missing.
- `/healthz` fails if the API server sends nothing about a kind any more: no change, no bookmark and no answer to a new list. A silent watch
  is first listed again. That happens after 150 seconds without a bookmark, or after the end of the watch if the API server sends no
  bookmarks. If two new lists are silent too, `/healthz` fails and its text names the kind, so that the kubelet restarts the container.
  An API server that refuses, or that is not reachable, does not fail `/healthz`, because a restart would not help.
  `albatross_watch_silent_seconds` shows the same time before it is too late.
"""
