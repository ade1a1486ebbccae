"""Who may use the role of the controller: its ServiceAccount by IRSA or Pod Identity, or every pod of the nodes."""

from dataclasses import dataclass
from typing import Any, Literal

from albatross.install.policy import Document, Partition

Way = Literal["irsa", "pod-identity", "node"]

AUDIENCE = "sts.amazonaws.com"
"""The audience of the tokens that EKS mounts for IRSA."""
NODE_WARNING = (
    "every pod on these nodes can use a node role, with any ServiceAccount; if the cluster supports it, use pod-identity or irsa, "
    "which give the role only to the controller's ServiceAccount"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The ServiceAccount of the controller."""

    namespace: str = "kube-system"
    name: str = "aws-load-balancer-controller"

    @property
    def subject(self) -> str:
        """The subject of its tokens."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"


def irsa(provider: str, account: Account) -> Document:
    """The trust policy for tokens of the cluster's OIDC provider. `provider` is the ARN of the provider.

    EKS User Guide, "Assign IAM roles to Kubernetes service accounts". IAM compares `sub` and `aud` with those of the token.
    """
    issuer = provider.partition(":oidc-provider/")[2]
    condition = {"StringEquals": {f"{issuer}:aud": AUDIENCE, f"{issuer}:sub": account.subject}}
    return _trust({"Federated": provider}, ["sts:AssumeRoleWithWebIdentity"], condition)


def pod_identity(cluster_arn: str, account: Account) -> Document:
    """The trust policy for EKS Pod Identity: only this ServiceAccount, and only in this cluster if its ARN is given.

    EKS User Guide, "Learn how EKS Pod Identity grants pods access to AWS services".
    """
    tags = {
        "aws:RequestTag/kubernetes-namespace": account.namespace,
        "aws:RequestTag/kubernetes-service-account": account.name,
        **({"aws:RequestTag/eks-cluster-arn": cluster_arn} if cluster_arn else {}),
    }
    return _trust({"Service": "pods.eks.amazonaws.com"}, ["sts:AssumeRole", "sts:TagSession"], {"StringEquals": tags})


def node(partition: Partition) -> Document:
    """The trust policy of a node role: EC2 instances."""
    suffix = ".cn" if partition == "aws-cn" else ""
    return _trust({"Service": f"ec2.amazonaws.com{suffix}"}, ["sts:AssumeRole"], {})


def _trust(principal: dict[str, str], actions: list[str], condition: dict[str, Any]) -> Document:
    statement: Document = {"Effect": "Allow", "Principal": principal, "Action": actions}
    return {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}
