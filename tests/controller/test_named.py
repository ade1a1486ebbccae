"""The name of the cluster against the tags of its nodes."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from albatross.controller import named
from albatross.model.config import Config


def seen(tags: dict[str, str]) -> list[dict[str, Any]]:
    return [{"InstanceId": "i-0123456789abcdef0", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]


@pytest.mark.parametrize(
    ("tags", "warned"),
    [
        ({"aws:eks:cluster-name": "production"}, True),
        ({"kubernetes.io/cluster/production": "owned"}, True),
        ({"kubernetes.io/cluster/prod": "owned", "kubernetes.io/cluster/production": "owned"}, False),
        ({}, False),
    ],
)
def test_another_name_is_logged(tags: dict[str, str], warned: bool) -> None:
    with capture_logs() as lines:
        named.check(Config(cluster_name="prod"), list(seen(tags)))
    assert [("LB730" in line["problem"], "production" in line["problem"]) for line in lines] == ([(True, True)] if warned else [])


def test_nothing_is_said_without_instances() -> None:
    with capture_logs() as lines:
        named.check(Config(cluster_name="prod"), [])
    assert lines == []
