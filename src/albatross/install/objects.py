"""All objects of an installation, in the order in which a cluster can accept them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from albatross.catalog import crds
from albatross.install import account, deployment, grant, issuer, service
from albatross.install.installation import Installation, Item, labels

WHY = {
    "targetgroupbindings.elbv2.k8s.aws": "A TargetGroupBinding says which Service's endpoints are the targets of a "
    "target group. The controller creates them, and reads those of users.",
    "ingressclassparams.elbv2.k8s.aws": "An IngressClassParams has settings for all Ingresses of a class.",
}
"""The reason for each definition. Both are those of the AWS Load Balancer Controller, so its objects stay valid."""


def objects(given: Installation) -> tuple[Item, ...]:
    """The objects. Nothing in them is random, so that two calls give the same."""
    return tuple(item for part in PARTS for item in part(given))


def _definitions(given: Installation) -> Iterator[Item]:
    if given.crds:
        yield from (Item(WHY[body["metadata"]["name"]], _labelled(body)) for body in crds.definitions())


def _labelled(body: Mapping[str, Any]) -> dict[str, Any]:
    return {**body, "metadata": {**body["metadata"], "labels": labels()}}


PARTS: tuple[Callable[[Installation], Iterator[Item]], ...] = (
    _definitions,
    account.namespace,
    account.account,
    grant.objects,
    service.classes,
    service.services,
    issuer.objects,
    deployment.budget,
    deployment.deployment,
)
