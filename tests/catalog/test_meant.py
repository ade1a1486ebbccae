"""What a value of a wrong type was probably meant to be."""

from typing import Any

import pytest

from albatross.catalog.kinds import malformed
from albatross.catalog.meant import meant


def service(port: object = 80, annotations: object = None, **spec: Any) -> dict[str, Any]:
    meta = {"name": "web", "annotations": annotations or {}}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"ports": [{"port": port}], **spec}}


@pytest.mark.parametrize(
    ("broken", "wanted"),
    [
        (service("80"), service(80)),
        (service(annotations={"a/b": 1}), service(annotations={"a/b": "1"})),
        (service(annotations={"a": [{"HTTP": 80}], "b": True}), service(annotations={"a": '[{"HTTP": 80}]', "b": "true"})),
        (service(selector={"app": 1}), service(selector={"app": "1"})),
        (service(allocateLoadBalancerNodePorts="false"), service(allocateLoadBalancerNodePorts=False)),
        (service(), service()),
    ],
)
def test_values_that_have_a_meaning(broken: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert meant(broken, malformed(broken)) == wanted


@pytest.mark.parametrize(
    "broken",
    [
        service("http"),
        service([]),
        service(selector={"app": ["a"]}),
        service(selector=["a"]),
        service(allocateLoadBalancerNodePorts="perhaps"),
        {**service(), "spec": {"ports": {"port": 80}}},
    ],
)
def test_values_that_have_none(broken: dict[str, Any]) -> None:
    assert malformed(broken)
    assert meant(broken, malformed(broken)) is None
