"""The namespace and the ServiceAccount of the controller."""

from collections.abc import Iterator

from albatross.install.installation import ACCOUNT, NAMESPACE, Installation, Item, metadata

ROLE = "eks.amazonaws.com/role-arn"
"""The only annotation that EKS reads for IRSA."""


def namespace(given: Installation) -> Iterator[Item]:
    """The namespace, except for kube-system, which every cluster has."""
    if given.namespace != NAMESPACE:
        yield Item(
            "The namespace of the controller. `albatross uninstall` leaves it, because other objects may be in it.",
            {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata(given.namespace)},
        )


def account(given: Installation) -> Iterator[Item]:
    """The ServiceAccount, with the role for IRSA."""
    how = (
        "EKS gives the pods the IAM role of the annotation (IRSA). A change of the annotation needs new pods."
        if given.role
        else "An EKS Pod Identity association gives the IAM role to pods with this account, so no annotation is needed."
    )
    body = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(ACCOUNT, given.namespace, {ROLE: given.role} if given.role else None),
    }
    yield Item(f"The identity of the pods in Kubernetes and, through it, in AWS. {how}", body)
