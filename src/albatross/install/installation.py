"""What one installation is made of: the values that a person chooses, and the names that never change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from albatross import __version__
from albatross.catalog import webhooks
from albatross.catalog.settings import SETTINGS

NAME = "albatross"
"""The Deployment, the roles, the PodDisruptionBudget. It differs from the name in the AWS Load Balancer Controller's chart, so that both
can exist while one replaces the other."""
ACCOUNT = "aws-load-balancer-controller"
"""The ServiceAccount. The trust policies of existing IAM roles name it, so it is that of the AWS Load Balancer Controller."""
LEASE = "aws-load-balancer-controller-leader"
"""The Lease. Both controllers use the same one, so that only one of them works at a time."""
WEBHOOKS = webhooks.CONFIGURATION
"""The webhook configurations. The running controller writes them."""
WEBHOOK_SERVICE = webhooks.SERVICE
METRICS_SERVICE = "albatross-metrics"
CERTIFICATES = webhooks.SECRET
"""The Secret with the certificates of the webhook. The running controller writes it."""
CONTROLLER = "ingress.k8s.aws/alb"
"""`spec.controller` of the IngressClass. It cannot be changed, so both controllers have the same."""
NAMESPACE = "kube-system"
IMAGE = f"albatross-controller:{__version__}"
"""The name that `make image` gives to the image. A cluster needs it in a registry that its nodes can reach."""
OWN = ("kubeconfig", "context", "cluster-name", "aws-region", "aws-vpc-id")
"""Settings that are not among `Installation.settings`: an installation has fields for them, or a pod has no use for them."""

Body = dict[str, Any]
"""A Kubernetes object as JSON."""


@dataclass(frozen=True, slots=True)
class Item:
    """One object of the installation, and why it exists."""

    why: str
    body: Body

    @property
    def kind(self) -> str:
        """Its kind."""
        return str(self.body["kind"])

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.body["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """Its namespace; empty for an object of the whole cluster."""
        return str(self.body["metadata"].get("namespace", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Everything that can differ between two installations of one version.

    `settings` are the texts of other settings of the controller, by flag. `role` is the ARN of the IAM role for IRSA; it is empty with EKS
    Pod Identity, where the role is not in the cluster. `parameters` is `spec` of the IngressClassParams; if it is empty, there is none.
    """

    cluster_name: str
    region: str = ""
    vpc_id: str = ""
    namespace: str = NAMESPACE
    image: str = IMAGE
    replicas: int = 2
    role: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    default_class: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    crds: bool = True

    def setting(self, flag: str) -> str:
        """The text of a setting, or its default."""
        default = next(row.default for row in SETTINGS if row.flag == flag)
        return self.settings.get(flag, default)

    @property
    def arguments(self) -> list[str]:
        """The arguments of the container, in the order of the table of settings. A setting with its default value is left out.

        The installation creates the custom resource definitions, so the controller does not need to.
        """
        own = {"cluster-name": self.cluster_name, "aws-region": self.region, "aws-vpc-id": self.vpc_id}
        given = {"manage-crds": "false", **self.settings, **own}
        return ["run", *(f"--{row.flag}={given[row.flag]}" for row in SETTINGS if given.get(row.flag, row.default) != row.default)]

    @property
    def manages_crds(self) -> bool:
        """Whether the controller may change the custom resource definitions. By default only the installation does."""
        return self.settings.get("manage-crds", "false") != "false"

    def port(self, flag: str) -> int:
        """The port of an address setting such as `:8080`; 0 if it is switched off."""
        return int(self.setting(flag).rpartition(":")[2] or 0)


def labels() -> dict[str, str]:
    """The labels of every object."""
    return {**selector(), "app.kubernetes.io/version": __version__, "app.kubernetes.io/managed-by": NAME}


def selector() -> dict[str, str]:
    """The labels that select the pods. A Deployment cannot change them."""
    return {"app.kubernetes.io/name": NAME, "app.kubernetes.io/instance": NAME}


def metadata(name: str, namespace: str = "", annotations: Mapping[str, str] | None = None) -> Body:
    """`metadata` of an object of the installation."""
    placed = {"namespace": namespace} if namespace else {}
    return {"name": name, **placed, "labels": labels(), **({"annotations": dict(annotations)} if annotations else {})}
