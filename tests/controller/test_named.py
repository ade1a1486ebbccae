"""The name of the cluster against the tags of its nodes."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from albatross.aws.session.errors import AwsError, Denied
from albatross.controller import named
from albatross.model.config import Config

NODES: list[Any] = [{"spec": {"providerID": "aws:///eu-west-1a/i-0123456789abcdef0"}}]


class Asked:
    """Answers DescribeInstances."""

    def __init__(self, tags: dict[str, str], error: AwsError | None = None) -> None:
        self.tags, self.error = tags, error

    async def pages(self, *what: str, **request: Any) -> list[dict[str, Any]]:
        if self.error:
            raise self.error
        tags = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        return [{"Instances": [{"InstanceId": "i-0123456789abcdef0", "Tags": tags}]}]


@pytest.mark.parametrize(
    ("tags", "warned"),
    [
        ({"aws:eks:cluster-name": "production"}, True),
        ({"kubernetes.io/cluster/production": "owned"}, True),
        ({"kubernetes.io/cluster/prod": "owned", "kubernetes.io/cluster/production": "owned"}, False),
        ({}, False),
    ],
)
async def test_another_name_is_logged(tags: dict[str, str], warned: bool) -> None:
    with capture_logs() as lines:
        await named.check(Asked(tags), Config(cluster_name="prod"), NODES)  # type: ignore[arg-type]
    assert [("LB730" in line["problem"], "production" in line["problem"]) for line in lines] == ([(True, True)] if warned else [])


async def test_nothing_is_asked_without_nodes() -> None:
    await named.check(None, Config(cluster_name="prod"), [])  # type: ignore[arg-type]


async def test_a_missing_permission_is_no_error() -> None:
    error = Denied("ec2", "DescribeInstances", "UnauthorizedOperation", "no")
    with capture_logs() as lines:
        await named.check(Asked({}, error), Config(cluster_name="prod"), NODES)  # type: ignore[arg-type]
    assert [line["event"] for line in lines] == ["instances not readable"]
