"""Who may use the controller's role: its ServiceAccount by IRSA or Pod Identity, or every pod of the nodes."""

from dataclasses import dataclass
from typing import Any, Literal

from albatross.install.policy import Document, Partition

Way = Literal["irsa", "pod-identity", "node"]

AUDIENCE = "sts.amazonaws.com"
"""The audience of the tokens that EKS mounts for IRSA."""
NODE_WARNING = (
    "every pod on these nodes can use a node role, whatever its ServiceAccount: give the policy to the ServiceAccount with "
    "pod-identity or irsa where the cluster allows it"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The ServiceAccount that the controller runs as."""

    namespace: str = "kube-system"
    name: str = "aws-load-balancer-controller"

    @property
    def subject(self) -> str:
        """The subject of its tokens."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"


def irsa(provider: str, account: Account) -> Document:
    """The trust policy for a token of the cluster's OIDC provider, given as the provider's ARN.

    EKS User Guide, "Assign IAM roles to Kubernetes service accounts". `sub` and `aud` are compared with the token's.
    """
    issuer = provider.partition(":oidc-provider/")[2]
    condition = {"StringEquals": {f"{issuer}:aud": AUDIENCE, f"{issuer}:sub": account.subject}}
    return _trust({"Federated": provider}, ["sts:AssumeRoleWithWebIdentity"], condition)


def pod_identity(cluster_arn: str, account: Account) -> Document:
    """The trust policy for EKS Pod Identity, for this ServiceAccount of this cluster alone where its ARN is known.

    EKS User Guide, "Learn how EKS Pod Identity grants pods access to AWS services".
    """
    tags = {
        "aws:RequestTag/kubernetes-namespace": account.namespace,
        "aws:RequestTag/kubernetes-service-account": account.name,
        **({"aws:RequestTag/eks-cluster-arn": cluster_arn} if cluster_arn else {}),
    }
    return _trust({"Service": "pods.eks.amazonaws.com"}, ["sts:AssumeRole", "sts:TagSession"], {"StringEquals": tags})


def node(partition: Partition) -> Document:
    """The trust policy of a node's role: EC2 instances."""
    suffix = ".cn" if partition == "aws-cn" else ""
    return _trust({"Service": f"ec2.amazonaws.com{suffix}"}, ["sts:AssumeRole"], {})


def _trust(principal: dict[str, str], actions: list[str], condition: dict[str, Any]) -> Document:
    statement: Document = {"Effect": "Allow", "Principal": principal, "Action": actions}
    return {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}
