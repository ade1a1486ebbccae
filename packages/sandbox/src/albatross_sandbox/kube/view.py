"""One stored object seen through the versions and kinds that share it.

Custom resources convert by name only (strategy None). Events are kept as core/v1 and shown as events.k8s.io/v1 too.
"""

import orjson

from albatross_sandbox.kube.resources import Resource
from albatross_sandbox.kube.store import Entry
from albatross_sandbox.kube.value import Obj

_EVENTS = (
    ("involvedObject", "regarding"),
    ("message", "note"),
    ("reportingComponent", "reportingController"),
    ("source", "deprecatedSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"),
)
_CORE = dict(_EVENTS)
_NEW = {new: core for core, new in _EVENTS}


def stored_api_version(resource: Resource) -> str:
    """The `apiVersion` under which a resource's objects are kept."""
    if resource.kept != resource.key:
        return "v1"
    if resource.stored_version:
        return f"{resource.group}/{resource.stored_version}"
    return resource.api_version


def show(resource: Resource, obj: Obj) -> Obj:
    """A stored object as this resource's clients see it."""
    if obj.get("apiVersion") == resource.api_version:
        return obj
    if resource.kept != resource.key:
        obj = {_CORE.get(name, name): value for name, value in obj.items()}
    return {**obj, "apiVersion": resource.api_version, "kind": resource.kind}


def keep(resource: Resource, obj: Obj) -> Obj:
    """A client's object as it is stored."""
    if resource.kept != resource.key:
        obj = {_NEW.get(name, name): value for name, value in obj.items()}
    return {**obj, "apiVersion": stored_api_version(resource), "kind": resource.kind}


def load(resource: Resource, entry: Entry) -> Obj:
    """A stored entry as an object of this resource, free to be changed."""
    return show(resource, entry.obj())


def encode(resource: Resource, entry: Entry) -> bytes:
    """A stored entry as JSON of this resource; without decoding where the stored form is the one asked for."""
    if stored_api_version(resource) == resource.api_version:
        return entry.raw
    return orjson.dumps(load(resource, entry))
