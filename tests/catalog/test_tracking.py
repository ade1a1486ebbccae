"""Tags by which resources are known as ours."""

from datetime import datetime, timedelta, timezone

import pytest

from albatross.catalog import tracking
from albatross.model.config import Config
from albatross.model.resources.stack import StackId

CONFIG = Config(cluster_name="prod")
APP = StackId(tracking.INGRESS, "shop", "app")


@pytest.mark.parametrize(
    ("tags", "ours"),
    [
        ({"elbv2.k8s.aws/cluster": "prod", "ingress.k8s.aws/stack": "shop/app"}, True),
        ({"ingress.k8s.aws/cluster": "prod", "ingress.k8s.aws/stack": "shop/app"}, True),
        ({"elbv2.k8s.aws/cluster": "other", "ingress.k8s.aws/stack": "shop/app"}, False),
        ({"elbv2.k8s.aws/cluster": "prod", "ingress.k8s.aws/stack": "shop/other"}, False),
        ({"elbv2.k8s.aws/cluster": "prod", "service.k8s.aws/stack": "shop/app"}, False),
    ],
)
def test_a_stack_owns_by_either_cluster_tag(tags: dict[str, str], ours: bool) -> None:
    assert tracking.owns(tags, CONFIG, APP) is ours


def test_a_resource_says_what_it_is() -> None:
    assert tracking.resource({"ingress.k8s.aws/resource": "80:1"}, APP) == "80:1"
    assert tracking.resource({}, APP) == ""


def test_the_backend_group_has_tags_of_its_own() -> None:
    assert tracking.backend_group(CONFIG) == {"elbv2.k8s.aws/cluster": "prod", "elbv2.k8s.aws/resource": "backend-sg"}


def test_tags_of_the_first_controller_name_the_cluster() -> None:
    assert "kubernetes.io/cluster/prod" in tracking.legacy(CONFIG, APP)


@pytest.mark.parametrize(
    ("stack", "labels"),
    [
        (APP, {"ingress.k8s.aws/stack-namespace": "shop", "ingress.k8s.aws/stack-name": "app"}),
        (StackId(tracking.INGRESS, "", "team"), {"ingress.k8s.aws/stack": "team"}),
        (StackId(tracking.SERVICE, "shop", "app"), {"service.k8s.aws/stack-namespace": "shop", "service.k8s.aws/stack-name": "app"}),
    ],
)
def test_labels_lead_back_to_the_stack(stack: StackId, labels: dict[str, str]) -> None:
    assert dict(tracking.labels(stack)) == labels
    assert tracking.labelled({**labels, "app": "web"}) == stack
    assert tracking.own_labels({**labels, "app": "web"}, stack) == tuple(sorted(labels.items()))


def test_an_object_without_our_labels_is_of_no_stack() -> None:
    assert tracking.labelled({"app": "web", "ingress.k8s.aws/stack-name": "app"}) is None


def test_stacks_of_one_name_have_keys_of_their_own_in_output() -> None:
    owners = (tracking.INGRESS, tracking.SERVICE, tracking.GATEWAY_ALB)
    assert [tracking.output(StackId(owner, "shop", "app")) for owner in owners] == ["shop/app", "service:shop/app", "gateway:shop/app"]


def test_the_stack_in_the_tags_of_a_resource() -> None:
    assert tracking.tagged({"ingress.k8s.aws/stack": "shop/app"}) == APP
    assert tracking.tagged({"team": "blue"}) is None


def test_the_time_of_a_move_is_written_and_read() -> None:
    text = tracking.stamp(datetime(2026, 3, 1, 13, 0, tzinfo=timezone(timedelta(hours=1))))
    assert text == "2026-03-01T12:00:00Z"
    assert tracking.moved(((tracking.REPLACED, text),)) == 1772366400.0
    assert tracking.moved((("other", text),)) is None
    assert tracking.moved(((tracking.REPLACED, "yesterday"),)) == 0.0
