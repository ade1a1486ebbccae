"""What the controller may do in the cluster: its roles and their bindings, with the labels of an installation."""

from collections.abc import Iterator

from albatross.catalog import rbac
from albatross.install.installation import ACCOUNT, NAME, Installation, Item, labels
from albatross.install.rbac import objects as roles

WHY = {
    "ClusterRole": "What the controller reads and writes in all namespaces. It may read no Secret there.",
    "Role": "What the controller needs in its own namespace: the Lease, with which one replica leads, and the certificate of its webhooks.",
    "ClusterRoleBinding": "Gives the ClusterRole to the ServiceAccount of the pods.",
    "RoleBinding": "Gives the Role to the ServiceAccount of the pods.",
}


def objects(given: Installation) -> Iterator[Item]:
    """A ClusterRole and a Role, each with its binding."""
    own: frozenset[rbac.Feature] = frozenset(("manage-crds",)) if given.manages_crds else frozenset()
    for body in roles(given.namespace, ACCOUNT, rbac.DEFAULT | own, name=NAME, lease=given.setting("leader-election-id")):
        yield Item(WHY[body["kind"]], {**body, "metadata": {**body["metadata"], "labels": labels()}})
