"""The scale subresource: a Deployment, a ReplicaSet or a custom resource, seen as a number of replicas."""

from typing import Any

from albatross_sandbox.kube import fault
from albatross_sandbox.kube.cell import written
from albatross_sandbox.kube.fault import Cause
from albatross_sandbox.kube.resources import Resource
from albatross_sandbox.kube.value import Obj, dig

_BUILTIN = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}


def _path(resource: Resource, name: str) -> list[str]:
    paths = resource.scale or _BUILTIN
    return [part for part in str(paths.get(name) or "").split(".") if part]


def show(resource: Resource, obj: Obj) -> Obj:
    """The Scale of an object."""
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    metadata = {name: obj["metadata"][name] for name in kept if name in obj["metadata"]}
    status: Obj = {"replicas": dig(obj, *_path(resource, "statusReplicasPath"), default=0)}
    if resource.custom:
        chosen = dig(obj, *_path(resource, "labelSelectorPath")) if resource.scale.get("labelSelectorPath") else None
    else:
        chosen = written(dig(obj, "spec", "selector"))
    if chosen:
        status["selector"] = chosen
    spec = {"replicas": dig(obj, *_path(resource, "specReplicasPath"), default=0)}
    return {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": spec, "status": status}


def lay(resource: Resource, obj: Obj, scale: Obj) -> Obj:
    """The object with the replicas of a Scale; a Fault 409 where the Scale is older than the object."""
    version = dig(scale, "metadata", "resourceVersion")
    if version and version != obj["metadata"]["resourceVersion"]:
        raise fault.conflict(resource, obj["metadata"]["name"])
    replicas: Any = dig(scale, "spec", "replicas", default=0)
    if not isinstance(replicas, int) or replicas < 0:
        cause = Cause("spec.replicas", f"Invalid value: {replicas}: must be greater than or equal to 0")
        raise fault.invalid("Scale", "autoscaling", obj["metadata"]["name"], [cause])
    *parents, last = _path(resource, "specReplicasPath")
    place = obj
    for name in parents:
        place = place.setdefault(name, {})
    place[last] = replicas
    return obj
