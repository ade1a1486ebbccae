from collections.abc import Mapping
from typing import Any

import pytest

from albatross.controller import place
from albatross.model.config import Config

CONFIG = Config(cluster_name="c")
NO_METADATA = {"AWS_EC2_METADATA_DISABLED": "true"}


def node(provider: str = "", **labels: str) -> Mapping[str, Any]:
    return {"metadata": {"labels": labels}, "spec": {"providerID": provider}}


@pytest.mark.parametrize(
    ("nodes", "region"),
    [
        ([node("aws:///ap-northeast-2a/i-0123456789abcdef0")], "ap-northeast-2"),
        ([node("aws:///us-gov-west-1b/i-0123456789abcdef0")], "us-gov-west-1"),
        ([node("aws:///us-west-2-lax-1a/i-0123456789abcdef0")], "us-west-2"),
        ([node("aws:///us-east-1a/a/fargate-ip-10-0-0-1"), node(**{place.REGION_LABEL: "eu-west-1"})], "eu-west-1"),
        ([node("kind://docker/kind/kind-control-plane"), node()], ""),
        ([], ""),
    ],
)
async def test_nodes_tell_the_region(nodes: list[Mapping[str, Any]], region: str) -> None:
    assert (await place.region(CONFIG, nodes, NO_METADATA)).region == region


async def test_settings_win_then_the_environment() -> None:
    nodes = [node("aws:///ap-northeast-2a/i-0123456789abcdef0")]
    environment = {**NO_METADATA, "AWS_DEFAULT_REGION": "eu-north-1"}
    assert (await place.region(Config(cluster_name="c", region="sa-east-1"), nodes, environment)).region == "sa-east-1"
    assert (await place.region(CONFIG, nodes, environment)).region == "eu-north-1"


def test_only_instances_are_instances() -> None:
    nodes = [node("aws:///a/i-0123456789abcdef0"), node("eks-hybrid:///r/c/mi-0123456789abcdef0"), node()]
    assert place.instances(nodes) == ["i-0123456789abcdef0"]
