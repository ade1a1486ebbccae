"""Tags by which resources are known as ours."""

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
