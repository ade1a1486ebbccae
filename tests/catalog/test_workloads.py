"""Objects that make pods."""

from typing import Any

import pytest

from albatross.catalog.workloads import known, read
from albatross.model.snapshot import Container, ContainerPort, Probe

SPEC: dict[str, Any] = {
    "containers": [
        {
            "name": "web",
            "ports": [{"name": "http", "containerPort": 8080, "hostPort": 80}],
            "readinessProbe": {"httpGet": {"port": "http", "scheme": "https"}},
        },
        {"name": "plain", "readinessProbe": {"periodSeconds": 1}},
    ],
    "initContainers": [{"name": "once", "ports": [{"containerPort": 1}]}, {"name": "sidecar", "restartPolicy": "Always"}],
}


def deployment(spec: Any, version: str = "apps/v1", kind: str = "Deployment") -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": spec}
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "web"}, "spec": {"template": template}}


def test_a_deployment() -> None:
    found = read(deployment({**SPEC, "hostNetwork": True}))
    assert found
    assert (found.kind, found.namespace, found.name, found.labels, found.host_network) == (
        "Deployment",
        "default",
        "web",
        {"app": "web"},
        True,
    )
    assert found.containers == (
        Container("spec.template.spec.containers[0]", (ContainerPort("http", 8080, 80),), Probe("httpGet", "http", "/", "HTTPS")),
        Container("spec.template.spec.containers[1]"),
        Container("spec.template.spec.initContainers[1]"),
    )


def test_a_pod() -> None:
    found = read({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "shop", "labels": {"a": "b"}}, "spec": SPEC})
    assert found
    assert (found.namespace, found.labels, found.containers[0].field) == ("shop", {"a": "b"}, "spec.containers[0]")


@pytest.mark.parametrize("spec", [None, {}, {"containers": 7}, {"containers": [{"ports": [{"containerPort": "x"}]}]}])
def test_what_cannot_be_read_has_no_labels(spec: Any) -> None:
    found = read(deployment(spec))
    assert found
    assert found.labels is None


def test_other_objects() -> None:
    assert read({"apiVersion": "v1", "kind": "Service"}) is None
    assert not known(deployment(SPEC, "extensions/v1beta1"))
    assert known(deployment(SPEC, "argoproj.io/v1alpha1", "Rollout"))
    assert read({}) is None
