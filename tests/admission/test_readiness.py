"""The readiness gates of pods."""

import json
from typing import Any

import pytest
from tests.admission.admitted import answered, body, configured, patched
from tests.world import snapshot

from albatross import admission
from albatross.admission import Response

PATH = "/mutate-v1-pod"
GATE, LEGACY = "target-health.elbv2.k8s.aws/", "target-health.alb.ingress.k8s.aws/"


def pod(*gates: str, labels: dict[str, str] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"metadata": {"generateName": "web-", "labels": {"app": "web"} if labels is None else labels}, "spec": {}}
    if gates:
        found["spec"]["readinessGates"] = [{"conditionType": gate} for gate in gates]
    return found


def service(name: str = "web", **selector: str) -> str:
    return json.dumps({"kind": "Service", "metadata": {"name": name}, "spec": {"selector": selector}})


def binding(name: str, service: str = "web", type: str | None = "ip", **meta: Any) -> str:
    spec = {"targetGroupARN": f"arn:{name}", "targetType": type, "serviceRef": {"name": service, "port": 80}}
    return json.dumps({"kind": "TargetGroupBinding", "metadata": {"name": name, **meta}, "spec": spec})


WEB = service(app="web")


def gates(new: dict[str, Any], *cluster: str, namespace: str = "shop", **settings: Any) -> list[str]:
    response = answered(PATH, body("Pod", new, namespace=namespace), snapshot(*cluster), config=configured(**settings))
    after = patched(new, response)
    assert answered(PATH, body("Pod", after, namespace=namespace), snapshot(*cluster), config=configured(**settings)) == Response()
    return [gate["conditionType"] for gate in after["spec"].get("readinessGates", [])]


def test_a_pod_gets_the_gate_of_its_binding() -> None:
    assert gates(pod(), WEB, binding("b1")) == [GATE + "b1"]


def test_gates_have_the_order_of_the_names() -> None:
    assert gates(pod("own"), WEB, binding("b2"), binding("b1")) == ["own", GATE + "b1", GATE + "b2"]


def test_a_gate_is_not_repeated() -> None:
    assert gates(pod(GATE + "b1"), WEB, binding("b1")) == [GATE + "b1"]


def test_labels_beyond_the_selector_do_not_matter() -> None:
    assert gates(pod(labels={"app": "web", "tier": "1"}), WEB, binding("b1")) == [GATE + "b1"]


@pytest.mark.parametrize(
    "cluster",
    [
        (WEB,),
        (WEB, binding("b1", type="instance")),
        (WEB, binding("b1", type=None)),
        (WEB, binding("b1", service="missing")),
        (WEB, binding("b1", namespace="other")),
        (WEB, binding("b1", deletionTimestamp="2026-01-01T00:00:00Z")),
        (service(), binding("b1")),
        (service(app="other"), binding("b1")),
        (service(app="web", tier="1"), binding("b1")),
    ],
)
def test_other_pods_stay(cluster: tuple[str, ...]) -> None:
    assert gates(pod(), *cluster) == []
    assert gates(pod(LEGACY + "x"), *cluster) == [LEGACY + "x"]


def test_pods_of_other_namespaces_stay() -> None:
    assert gates(pod(), WEB, binding("b1"), namespace="other") == []


def test_gates_of_old_controllers_are_replaced() -> None:
    assert gates(pod(LEGACY + "x", "own", LEGACY + "y"), WEB, binding("b1")) == ["own", GATE + "b1"]
    assert gates(pod(LEGACY + "x", GATE + "b1"), WEB, binding("b1")) == [GATE + "b1"]


def test_the_setting_switches_it_off() -> None:
    assert gates(pod(), WEB, binding("b1"), enable_pod_readiness_gate_inject=False) == []
    assert PATH not in admission.served(configured(enable_pod_readiness_gate_inject=False))
    assert PATH in admission.served(configured())


def test_an_update_stays() -> None:
    assert answered(PATH, body("Pod", pod(), pod()), snapshot(WEB, binding("b1"))) == Response()
