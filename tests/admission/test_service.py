"""The class of Services."""

from typing import Any

import pytest
from tests.admission.admitted import answered, body, configured, patched

from albatross.admission import Response, service
from albatross.model.config import GATES

PATH = "/mutate-v1-service"
OURS = "service.k8s.aws/nlb"


def made(type: str = "LoadBalancer", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "web", "namespace": "shop"}, "spec": {"type": type, **spec}}


def test_a_new_service_gets_the_class() -> None:
    new = made()
    response = answered(PATH, body("Service", new))
    assert patched(new, response) == made(loadBalancerClass=OURS)
    assert answered(PATH, body("Service", patched(new, response))) == Response()


def test_the_class_is_a_setting() -> None:
    new = made(loadBalancerClass="")
    response = answered(PATH, body("Service", new), config=configured(load_balancer_class="eks.amazonaws.com/nlb"))
    assert patched(new, response) == made(loadBalancerClass="eks.amazonaws.com/nlb")


@pytest.mark.parametrize("new", [made("ClusterIP"), made("NodePort"), made(loadBalancerClass="other"), {"metadata": {}, "spec": {}}])
def test_other_new_services_stay(new: dict[str, Any]) -> None:
    assert answered(PATH, body("Service", new)) == Response()


def test_an_update_that_drops_the_class_keeps_it() -> None:
    new = made()
    response = answered(PATH, body("Service", new, made(loadBalancerClass="other")))
    assert patched(new, response) == made(loadBalancerClass="other")


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (made(), made()),
        (made(), made("ClusterIP")),
        (made(loadBalancerClass="b"), made(loadBalancerClass="a")),
        (made("ClusterIP"), made(loadBalancerClass="a")),
    ],
)
def test_other_updates_stay(new: dict[str, Any], old: dict[str, Any]) -> None:
    assert answered(PATH, body("Service", new, old)) == Response()


def test_the_gate_of_services_switches_it_off() -> None:
    assert not service.enabled(configured(gates=dict(GATES) | {"EnableServiceController": False}))
