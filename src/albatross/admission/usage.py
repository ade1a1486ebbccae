"""Which Ingresses are checked, and whether they use the class and the group as they may.

Source: `webhooks/networking/ingress_validator.go` of the other controller.
"""

from collections.abc import Iterator

from albatross.catalog.annotations.ingress import GROUP_NAME
from albatross.frontend.ingress import ownership
from albatross.model.config import Config
from albatross.model.snapshot import Ingress, Snapshot

SEVERAL = "multiple default IngressClasses found"


def missing(name: str) -> str:
    """What is said about a class that does not exist."""
    return f'invalid ingress class: IngressClass.networking.k8s.io "{name}" not found'


def claim(ingress: Ingress, snapshot: Snapshot, config: Config) -> tuple[bool, str]:
    """Whether the Ingress is ours, and why that is unknown. The parameters of the class are not needed for it."""
    found = ownership.claim(ingress, snapshot, config)
    match found.problem.code if found.problem else "":
        case "":
            return found.ours, ""
        case "LB201":
            return False, missing(ingress.ingress_class_name or "")
        case "LB205":
            return False, SEVERAL
        case "LB757":
            return False, ""  # the other controller does not serve it; the reconcile says what is wrong
    return True, ""


def misuses(new: Ingress, old: Ingress | None, snapshot: Snapshot, config: Config) -> Iterator[str]:
    """Annotations that the settings forbid, if this request starts to use them; and a new class that does not exist."""
    if config.disable_ingress_class_annotation and _annotated(new, config) and not (old and _annotated(old, config)):
        yield f"new usage of `{ownership.CLASS_ANNOTATION}` annotation is forbidden"
    group = new.metadata.annotations.get(GROUP_NAME.key)
    before = old.metadata.annotations.get(GROUP_NAME.key) if old else None
    if config.disable_ingress_group_name_annotation and group is not None and group != before:
        yield f"new usage of `{GROUP_NAME.key}` annotation is forbidden"
    name = new.ingress_class_name
    if name is not None and name != (old.ingress_class_name if old else None) and ("", name) not in snapshot.ingress_classes:
        yield missing(name)


def _annotated(ingress: Ingress, config: Config) -> bool:
    """Whether it is ours by the class annotation."""
    value = ingress.metadata.annotations.get(ownership.CLASS_ANNOTATION)
    return value is not None and ownership.served(value, config)
