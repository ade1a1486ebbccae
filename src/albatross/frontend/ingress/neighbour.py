"""The Ingresses that may share a stack, without placing every Ingress of the cluster."""

from collections.abc import Iterator

from albatross.catalog import tracking
from albatross.catalog.annotations.ingress import GROUP_NAME
from albatross.frontend.ingress.ownership import marked
from albatross.model.ident import Ident
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Snapshot


def neighbours(stack: StackId, snapshot: Snapshot) -> Iterator[Ident]:
    """Every Ingress that names the group or has its finalizer, or has a class with the group. Some may belong to another stack.

    The stack of an Ingress without a group has no other members.
    """
    if not stack.explicit:
        return
    params = {name for (_, name), each in snapshot.ingress_class_params.items() if each.group_name == stack.name}
    ruling = [each for each in snapshot.ingress_classes.values() if each.parameters and each.parameters.name in params]
    classes = {each.metadata.name for each in ruling} | ({None} if any(map(marked, ruling)) else set())
    finalizer = tracking.finalizer(stack)
    for key, ingress in snapshot.ingresses.items():
        meta = ingress.metadata
        if meta.annotations.get(GROUP_NAME.key) == stack.name or ingress.ingress_class_name in classes or finalizer in meta.finalizers:
            yield Ident("Ingress", *key)
