"""Which Services are ours."""

from dataclasses import replace
from typing import Any

import pytest
from tests.world import CONFIG, compiled

from albatross.catalog import tracking
from albatross.frontend import service as frontend
from albatross.frontend.group import Placement
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Metadata, Service, Snapshot

KEY = "service.beta.kubernetes.io/aws-load-balancer-"
OURS = "service.k8s.aws/nlb"


def placed(kind: str = "LoadBalancer", cls: str | None = None, gates: dict[str, bool] | None = None, **more: Any) -> Placement:
    annotations = {KEY + key.replace("_", "-"): text for key, text in more.pop("annotations", {}).items()}
    metadata = Metadata(namespace="shop", name="net", annotations=annotations, **more)
    return frontend.place(Service(metadata=metadata, type=kind, load_balancer_class=cls), Snapshot(), replace(CONFIG, gates=gates or {}))


@pytest.mark.parametrize(
    ("cls", "annotations", "ours"),
    [
        (OURS, {}, True),
        ("eks.amazonaws.com/nlb", {"type": "external", "nlb_target_type": "ip"}, False),
        ("", {"type": "nlb-ip"}, False),
        (None, {"type": "nlb-ip"}, True),
        (None, {"type": "nlb"}, False),
        (None, {"type": "external", "nlb_target_type": "instance"}, True),
        (None, {"nlb_target_type": "ip"}, False),
        (None, {}, False),
    ],
)
def test_the_class_decides_before_the_annotations(cls: str | None, annotations: dict[str, str], ours: bool) -> None:
    found = placed(cls=cls, annotations=annotations)
    assert found.stack == (StackId(tracking.SERVICE, "shop", "net") if ours else None)
    assert not found.problems


def test_the_type_of_the_service_matters_only_with_the_gate() -> None:
    only = {"ServiceTypeLoadBalancerOnly": True}
    external = {"type": "external", "nlb_target_type": "ip"}
    assert placed("NodePort", annotations=external).stack
    assert not placed("NodePort", annotations=external, gates=only).stack
    assert not placed("NodePort", annotations={"type": "external"}, gates=only).problems
    assert placed("LoadBalancer", annotations=external, gates=only).stack


def test_a_forgotten_target_type_is_reported() -> None:
    (missing,), (wrong,) = (
        placed(annotations=each).problems for each in ({"type": "external"}, {"type": "external", "nlb_target_type": "x"})
    )
    assert (missing.code, dict(missing.args)) == ("LB217", {"value": "missing"})
    assert dict(wrong.args) == {"value": '"x"'}
    line = frontend.lost(placed(annotations={"type": "external"}))
    assert (line.type, line.reason) == ("Warning", "FailedBuildModel")
    assert line.message.startswith("no load balancer is created: LB217")


def test_a_deleted_service_leaves() -> None:
    found = placed(cls=OURS, deletion_timestamp="2026-01-01T00:00:00Z", finalizers=("service.k8s.aws/resources", "other"))
    assert (found.stack, found.held) == (None, (StackId(tracking.SERVICE, "shop", "net"),))
    assert not placed(deletion_timestamp="2026-01-01T00:00:00Z", annotations={"type": "external"}).problems


def test_without_the_frontend_nothing_is_ours() -> None:
    found = placed(cls=OURS, finalizers=("service.k8s.aws/resources",), gates={"EnableServiceController": False})
    assert (found.stack, found.held) == (None, ())


def test_another_class_can_be_ours() -> None:
    text = "kind: Service\nmetadata: {name: net}\nspec:\n  type: LoadBalancer\n  loadBalancerClass: a.example/b\n"
    assert "shop/net" in compiled(text, config=replace(CONFIG, load_balancer_class="a.example/b")).stacks
    assert "shop/net" not in compiled(text).stacks
