"""Values that are read when Prometheus asks."""

from collections import Counter

import pytest
from tests.clock import Virtual

from albatross.aws.session.client import Session
from albatross.catalog import kinds
from albatross.catalog.metrics import METRICS, ROWS, SERIES
from albatross.catalog.settings import Options
from albatross.controller.app import MODEL, App
from albatross.controller.bindings import KIND
from albatross.controller.figures import WINDOW_SECONDS, Talkers
from albatross.controller.metrics import Metrics
from albatross.kube.client import Client
from albatross.kube.config import Access
from albatross.model.config import Config
from albatross.model.problem import Origin, Problem
from albatross.model.resources.stack import StackId

CONFIG = Config(cluster_name="c", region="eu-west-1", vpc_id="vpc-1")
BINDING = {
    "apiVersion": "elbv2.k8s.aws/v1beta1",
    "kind": KIND,
    "metadata": {"namespace": "shop", "name": "t"},
    "spec": {"targetGroupARN": "arn:tg", "serviceRef": {"name": "web", "port": 80}},
}


@pytest.fixture
def clock() -> Virtual:
    return Virtual()


@pytest.fixture
def app(clock: Virtual) -> App:
    client = Client(Access(server="http://127.0.0.1:9", source="test"), clock=clock)
    return App(client, Session(CONFIG, clock=clock), CONFIG, Options(), Metrics(clock))


def value(app: App, metric: str, /, **labels: str) -> float | None:
    return app.metrics.registry.get_sample_value(metric, labels)


async def test_every_metric_of_the_table_exists_and_no_other(app: App) -> None:
    app.cache.put(KIND, ("shop", "t"), kinds.parse(BINDING))
    app.groups.teller.board.note("plan", [Problem("LB205", Origin("Ingress", "shop", "web"))])
    app.metrics.busiest[MODEL, ("shop", "t")] += 1
    await app.clock.advance(WINDOW_SECONDS)  # type: ignore[attr-defined]  # the clock of the test
    made = {family.name: family for family in app.metrics.registry.collect()}
    wanted = {row.name.removesuffix("_total") if row.kind == "counter" else row.name: row for row in ROWS}
    assert set(made) == set(wanted)
    for name, row in wanted.items():
        assert (made[name].type, made[name].documentation) == (row.kind, row.about) or row.source == "process"


def test_the_table_is_sound() -> None:
    assert len(METRICS) == len(ROWS)
    assert set(SERIES) >= {"aws_api_calls_total", "workqueue_queue_duration_seconds_bucket"}
    assert all(row.name.endswith("_total") for row in ROWS if row.kind == "counter")
    assert all(bool(row.buckets) == (row.kind == "histogram") for row in ROWS)


async def test_queues_tell_how_long_keys_wait_and_passes_take(app: App, clock: Virtual) -> None:
    stack, other = StackId("ingress.k8s.aws", "shop", "web"), StackId("ingress.k8s.aws", "shop", "api")
    app.groups_queue.add(stack)
    app.groups_queue.add(stack)
    app.groups_queue.add(other)
    await clock.advance(3)
    key = await app.groups_queue.get()
    await clock.advance(4)
    assert value(app, "workqueue_depth", name=MODEL) == 1
    assert value(app, "workqueue_adds_total", name=MODEL) == 2
    assert value(app, "workqueue_unfinished_work_seconds", name=MODEL) == 4
    assert value(app, "workqueue_longest_running_processor_seconds", name=MODEL) == 4
    app.groups_queue.done(key)
    app.groups_queue.retry(key)
    assert value(app, "workqueue_retries_total", name=MODEL) == 1
    assert value(app, "workqueue_queue_duration_seconds_sum", name=MODEL) == 3
    assert value(app, "workqueue_work_duration_seconds_sum", name=MODEL) == 4


async def test_the_rates_of_the_account_are_shown(app: App) -> None:
    labels = {"service": "Elastic Load Balancing v2", "operations": "^Modify.*"}
    await app.session.throttle.wait("Elastic Load Balancing v2", "ModifyRule")
    app.session.throttle.refused("Elastic Load Balancing v2", "ModifyRule")
    assert value(app, "albatross_api_bucket_size", **labels) == 19  # one less than AWS allows
    assert value(app, "albatross_api_bucket_tokens", **labels) == 0  # refused: others use the account too
    assert value(app, "albatross_api_bucket_rate", **labels) == 1.5
    assert value(app, "albatross_api_bucket_throttled_total", **labels) == 1


async def test_bindings_and_silence_are_shown(app: App, clock: Virtual) -> None:
    app.cache.put(KIND, ("shop", "t"), kinds.parse(BINDING))
    await clock.advance(7)
    assert value(app, "aws_target_group_info", namespace="shop", service="web", target_group="arn:tg") == 1
    assert value(app, "awslbc_controller_cache_object_total", resource="targetgroupbinding") == 1
    assert value(app, "albatross_watch_silent_seconds", resource="ingress") == 7


async def test_the_busiest_objects_are_those_of_the_last_window(clock: Virtual) -> None:
    counts: Counter[tuple[str, object]] = Counter({(MODEL, ("shop", name)): number for number, name in enumerate("abcd", 1)})
    counts[MODEL, StackId("ingress.k8s.aws", "", "team")] = 9
    talkers = Talkers(counts, clock)
    assert list(talkers.read()) == []
    await clock.advance(WINDOW_SECONDS)
    found = [(labels, count) for _, labels, count in talkers.read()]
    assert found == [((MODEL, "", "team"), 9.0), ((MODEL, "shop", "d"), 4.0), ((MODEL, "shop", "c"), 3.0)]
    assert not counts


async def test_deafness_names_the_kinds(app: App, clock: Virtual) -> None:
    assert app.deaf == ""
    await clock.advance(10_000)
    assert app.deaf.startswith("the API server sends nothing about: Namespace (10000 s)")
