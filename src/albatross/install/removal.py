"""What an uninstallation removes, in its order, and what it leaves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from albatross.catalog import crds, tracking
from albatross.catalog.webhooks import AUTHORITY, PROBE
from albatross.install import issuer
from albatross.install.change import ObjectChange
from albatross.install.installation import CERTIFICATES, LEASE, WEBHOOKS, Body, Installation, Item
from albatross.install.objects import objects
from albatross.model.problem import Origin, Problem

SHOWN = 10
"""Names in a message; more are counted."""
FINALIZERS = (
    *(name for owner in tracking.OWNERS.values() for name in (owner.finalizer, owner.group) if name),
    tracking.BINDING_FINALIZER,
)
"""The starts of the finalizers that only a controller removes."""
KINDS = ("Ingress", "Service", "TargetGroupBinding")
"""The kinds that can have them."""


def webhooks() -> Iterator[Item]:
    """The webhook configurations. They are removed first: without the controller, they could block every change of an Ingress."""
    mutating, validating = "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"
    for kind, name in ((mutating, WEBHOOKS), (validating, WEBHOOKS), (validating, PROBE)):
        yield Item(
            "first, so that no admission request waits for a controller that has ended",
            _made("admissionregistration.k8s.io/v1", kind, name),
        )


def workload(given: Installation) -> Iterator[Item]:
    """The Deployment: it must end before finalizers are removed by hand, because it would add them again."""
    yield from (item for item in objects(given) if item.kind == "Deployment")


def rest(given: Installation, definitions: bool) -> Iterator[Item]:
    """All other objects; those that others depend on are last."""
    yield Item("the controller made it for its webhooks", _made("v1", "Secret", CERTIFICATES, given.namespace))
    for version, kind in (("coordination.k8s.io/v1", "Lease"), ("v1", "ConfigMap")):
        yield Item("the controller made it", _made(version, kind, given.settings.get("leader-election-id", LEASE), given.namespace))
    kept = ("Deployment", "Namespace", "CustomResourceDefinition")
    # With or without --cert-manager now, an earlier installation can have made these; without cert-manager, none of them exists.
    if not any(issuer.objects(given)):
        yield from reversed(tuple(issuer.made(given.namespace)))
    yield from (item for item in reversed(objects(given)) if item.kind not in kept)
    yield Item("cert-manager made it for the CA of the webhooks", _made("v1", "Secret", AUTHORITY, given.namespace))
    if definitions:
        yield from (Item("--crds: all objects of this kind are deleted with it", body) for body in crds.definitions())


def _made(version: str, kind: str, name: str, namespace: str = "") -> Body:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **({"namespace": namespace} if namespace else {})}}


def held(found: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The objects that have a finalizer of a controller, sorted by kind and name."""
    ours = [each for each in found if any(name.startswith(FINALIZERS) for name in each["metadata"].get("finalizers") or ())]
    return sorted(ours, key=name)


def name(found: Mapping[str, Any]) -> str:
    """`Ingress/shop/web`."""
    return f"{found['kind']}/{found['metadata'].get('namespace', '')}/{found['metadata']['name']}"


def owned(found: Mapping[str, Any]) -> bool:
    """Whether the controller made the object for an Ingress or Service; it deletes it together with that."""
    return tracking.labelled(found["metadata"].get("labels") or {}) is not None


def kept(found: Mapping[str, Any]) -> list[str]:
    """The finalizers of others."""
    return [each for each in found["metadata"].get("finalizers") or () if not each.startswith(FINALIZERS)]


def behind(found: Mapping[str, Any]) -> str:
    """What the object has in AWS: the DNS name of its load balancer, or its target group. Empty if it has nothing there yet."""
    spec, status = found.get("spec") or {}, found.get("status") or {}
    entries = (status.get("loadBalancer") or {}).get("ingress") or ()
    hosts = ", ".join(each["hostname"] for each in entries if each.get("hostname"))
    return str(spec.get("targetGroupARN") or spec.get("targetGroupName") or hosts or "")


def handled(found: Iterable[Mapping[str, Any]], way: str) -> tuple[ObjectChange, ...]:
    """What happens to the objects with finalizers."""
    match way:
        case "hand-over":
            return ()
        case "drain":
            return tuple(_drained(each) for each in found if not owned(each))
        case _:
            return tuple(ObjectChange("patch", dict(each), note="remove the finalizers") for each in found)


def _drained(found: Mapping[str, Any]) -> ObjectChange:
    if found["kind"] == "Service":
        return ObjectChange("patch", dict(found), note="the controller deletes its load balancer; it becomes a ClusterIP Service")
    there = behind(found)
    return ObjectChange("delete", dict(found), note=f"and in AWS {there}" if there else "")


def refusal(found: Sequence[Mapping[str, Any]]) -> Problem:
    """The problem of an uninstallation that would leave these objects without a controller."""
    first = found[0]
    names = ", ".join(name(each) for each in found[:SHOWN]) + (f" and {len(found) - SHOWN} more" if len(found) > SHOWN else "")
    origin = Origin(first["kind"], first["metadata"].get("namespace", ""), first["metadata"]["name"], "metadata.finalizers")
    return Problem("LB738", origin, (("names", names), ("number", str(len(found)))))


@dataclass(frozen=True, slots=True)
class Removal:
    """What there is to remove: objects in their order, and the objects of users that have load balancers."""

    first: tuple[ObjectChange, ...]
    held: tuple[ObjectChange, ...]
    workload: tuple[ObjectChange, ...]
    rest: tuple[ObjectChange, ...]

    def order(self, way: str) -> tuple[ObjectChange, ...]:
        """All steps. Finalizers are removed by hand only after the controller has ended: it would add them again."""
        middle = (*self.workload, *self.held) if way == "orphan" else (*self.held, *self.workload)
        return (*self.first, *middle, *self.rest)
