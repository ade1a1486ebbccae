"""Creating, changing and deleting, in the order of the real API server: metadata, shape, admission, validation, store."""

import random
import uuid
from collections.abc import Callable
from typing import Protocol

from albatross_sandbox.kube import fault, view
from albatross_sandbox.kube.fault import Cause, Fault
from albatross_sandbox.kube.options import Options
from albatross_sandbox.kube.removal import DEFINITIONS, Remover
from albatross_sandbox.kube.resources import Registry, Resource
from albatross_sandbox.kube.store import Entry, Store
from albatross_sandbox.kube.value import Obj, dig, now

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # those of k8s.io/apimachinery/pkg/util/rand
_TRIES = 10  # chosen: how often a patch starts again when an admission webhook let others overtake it
_KEPT = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "selfLink", "name", "namespace")
_GENERATIONS = (
    "Pod",
    "Deployment",
    "ReplicaSet",
    "Ingress",
    "IngressClass",
    "EndpointSlice",
    "PodDisruptionBudget",
    "CustomResourceDefinition",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
)
_IMMORTAL = ("default", "kube-system", "kube-public")
_CONDITIONAL = ("coordination.k8s.io", "apiextensions.k8s.io", "admissionregistration.k8s.io")

Pair = tuple[Obj | None, Obj | None]
"""The new object and the old one."""

Edit = Callable[[Obj], Obj]
"""From the object as it is to the object as it shall be; may change its argument."""


class Shape(Protocol):
    """What makes an object a valid one of its kind."""

    def read(self, resource: Resource, obj: Obj, options: Options) -> Obj:
        """Drop or refuse what the kind does not have."""

    def fill(self, resource: Resource, obj: Obj, old: Obj | None) -> None:
        """Write the defaults in."""

    def check(self, resource: Resource, obj: Obj, old: Obj | None, subresource: str) -> None:
        """Refuse an invalid object with a Fault."""


class Admission(Protocol):
    """The admission webhooks."""

    def wanted(self, resource: Resource, operation: str, namespace: str, subresource: str) -> bool:
        """Whether any webhook may want to see this."""

    async def review(self, resource: Resource, operation: str, pair: Pair, options: Options, subresource: str) -> Obj:
        """The object as the webhooks leave it; a Fault where one refuses."""


class Ownership(Protocol):
    """The keeper of managedFields."""

    def track(self, resource: Resource, old: Obj | None, new: Obj, manager: str, subresource: str) -> None:
        """Note in `new` whose fields have changed."""


class Writer:
    """All writes go through here, from the network and from the controllers in this process."""

    def __init__(self, store: Store, registry: Registry, shape: Shape, admission: Admission, ownership: Ownership) -> None:
        self._store, self._registry = store, registry
        self._shape, self._admission, self._ownership = shape, admission, ownership
        self.remover = Remover(store, registry)

    def read(self, resource: Resource, obj: Obj, options: Options) -> Obj:
        """Drop or refuse what the kind does not have, without writing anything."""
        return self._shape.read(resource, obj, options)

    async def create(self, resource: Resource, namespace: str, obj: Obj, options: Options) -> Obj:
        """Create an object and return it."""
        obj = self._draft(resource, namespace, obj, keep_fields=options.owned)
        obj = self._shape.read(resource, obj, options)
        self._shape.fill(resource, obj, None)
        if self._admission.wanted(resource, "CREATE", namespace, ""):
            obj = await self._admission.review(resource, "CREATE", (obj, None), options, "")
            obj = self._shape.read(resource, obj, options)
            self._shape.fill(resource, obj, None)
        self._shape.check(resource, obj, None, "")
        self._vacant(resource, obj)
        self._birth(resource, obj)
        if not options.owned:
            self._ownership.track(resource, None, obj, options.manager, "")
        if options.dry:
            return obj
        kept = view.keep(resource, obj)
        if resource.kind == "CustomResourceDefinition":
            establish(kept)
        entry = self._store.put(resource.kept, kept)
        if resource.kind == "CustomResourceDefinition":
            self._registry.define(kept)
        if entry.owners:
            self.remover.settle(entry)
        return view.show(resource, kept)

    async def change(self, resource: Resource, key: tuple[str, str], edit: Edit, options: Options, subresource: str = "") -> Obj:
        """Change an object and return it; begins anew where another write came between."""
        for _ in range(_TRIES):
            entry = self._store.get(resource.kept, *key)
            if entry is None:
                raise fault.not_found(resource, key[1])
            old = view.load(resource, entry)
            new = self._merge(resource, old, edit(view.load(resource, entry)), subresource)
            new = self._shape.read(resource, new, options)
            self._shape.fill(resource, new, old)
            if self._admission.wanted(resource, "UPDATE", key[0], subresource):
                new = await self._admission.review(resource, "UPDATE", (new, old), options, subresource)
                new = self._shape.read(resource, self._merge(resource, old, new, subresource), options)
                self._shape.fill(resource, new, old)
                if self._store.get(resource.kept, *key) is not entry:
                    continue
            return self._commit(resource, entry, old, new, options, subresource)
        raise fault.conflict(resource, key[1])

    async def delete(self, resource: Resource, key: tuple[str, str], options: Options) -> tuple[Obj, bool]:
        """Delete an object; its last state, and whether it is gone already."""
        entry = self._present(resource, key, options)
        if resource.kind == "Namespace" and key[1] in _IMMORTAL:
            raise fault.forbidden(resource, key[1], "this namespace may not be deleted")
        if self._admission.wanted(resource, "DELETE", key[0], ""):
            await self._admission.review(resource, "DELETE", (None, view.load(resource, entry)), options, "")
            entry = self._present(resource, key, options)
        if options.dry:
            return view.load(resource, entry), False
        obj, gone = self.remover.delete(entry, options)
        return view.show(resource, obj), gone

    def _present(self, resource: Resource, key: tuple[str, str], options: Options) -> Entry:
        entry = self._store.get(resource.kept, *key)
        if entry is None:
            raise fault.not_found(resource, key[1])
        for label, name, have in (("UID", "uid", entry.uid), ("ResourceVersion", "resourceVersion", str(entry.version))):
            wanted = options.preconditions.get(name)
            if wanted and wanted != have:
                why = f"Precondition failed: {label} in precondition: {wanted}, {label} in object meta: {have}"
                raise fault.conflict(resource, key[1], why)
        return entry

    def _draft(self, resource: Resource, namespace: str, obj: Obj, keep_fields: bool) -> Obj:
        metadata = dict(obj.get("metadata") or {})
        if resource.namespaced:
            if metadata.get("namespace", namespace) != namespace:
                raise fault.bad_request("the namespace of the provided object does not match the namespace sent on the request")
            metadata["namespace"] = namespace
        else:
            metadata.pop("namespace", None)
        if metadata.get("resourceVersion"):
            raise Fault(500, "InternalError", "resourceVersion should not be set on objects to be created")
        for name in (*_KEPT[:6], "resourceVersion", *(() if keep_fields else ("managedFields",))):
            metadata.pop(name, None)
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = metadata["generateName"][:58] + "".join(random.choices(_LETTERS, k=5))
        draft = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}
        draft.update({name: value for name, value in obj.items() if name not in draft})
        if "status" in resource.subresources:
            draft.pop("status", None)
        return draft

    def _vacant(self, resource: Resource, obj: Obj) -> None:
        definition = self._store.get(DEFINITIONS, "", resource.key) if resource.custom else None
        if definition and definition.deleting:
            raise Fault(405, "MethodNotAllowed", "create not allowed while custom resource definition is terminating")
        name, namespace = obj["metadata"]["name"], obj["metadata"].get("namespace") or ""
        if namespace:
            home = self._store.get("namespaces", "", namespace)
            if home is None:
                raise fault.not_found(self._registry.of("namespaces"), namespace)
            if home.deleting:
                why = f"unable to create new content in namespace {namespace} because it is being terminated"
                refusal = fault.forbidden(resource, name, why)
                text = f"namespace {namespace} is being terminated"
                refusal.details["causes"] = [{"reason": "NamespaceTerminating", "message": text, "field": "metadata.namespace"}]
                raise refusal
        taken = self._store.get(resource.kept, namespace, name)
        if taken:
            raise fault.exists(resource, name, taken.deleting)

    def _birth(self, resource: Resource, obj: Obj) -> None:
        metadata = obj["metadata"]
        metadata["uid"] = str(uuid.uuid4())
        metadata["creationTimestamp"] = now()
        if resource.custom or resource.kind in _GENERATIONS:
            metadata["generation"] = 1

    def _merge(self, resource: Resource, old: Obj, new: Obj, subresource: str) -> Obj:
        """What a client sent, laid over what it may not change."""
        before = old["metadata"]
        metadata = dict(new.get("metadata") or {})
        self._same(resource, before, metadata)
        version = metadata.get("resourceVersion")
        if version and version != before["resourceVersion"]:
            raise fault.conflict(resource, before["name"])
        for name in _KEPT:
            metadata.pop(name, None)
            if name in before:
                metadata[name] = before[name]
        metadata["resourceVersion"] = before["resourceVersion"]
        if metadata.get("managedFields") is None and "managedFields" in before:
            metadata["managedFields"] = before["managedFields"]
        if subresource == "status" and resource.custom:
            metadata = {**before, **({"managedFields": metadata["managedFields"]} if "managedFields" in metadata else {})}
        body = {name: value for name, value in new.items() if name not in ("apiVersion", "kind", "metadata")}
        if subresource == "status":
            rest = {name: value for name, value in old.items() if name not in ("apiVersion", "kind", "metadata", "status")}
            body = {**rest, **({"status": body["status"]} if body.get("status") is not None else {})}
        elif "status" in resource.subresources:
            body.pop("status", None)
            body.update({"status": old["status"]} if "status" in old else {})
        return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata, **body}

    def _same(self, resource: Resource, before: Obj, metadata: Obj) -> None:
        if metadata.get("name", before["name"]) != before["name"]:
            raise fault.bad_request(f"the name of the object ({metadata['name']}) does not match the name on the URL ({before['name']})")
        if metadata.get("namespace") and metadata["namespace"] != before.get("namespace"):
            raise fault.bad_request("the namespace of the provided object does not match the namespace sent on the request")
        if metadata.get("uid") and metadata["uid"] != before["uid"]:
            why = f"Precondition failed: UID in precondition: {metadata['uid']}, UID in object meta: {before['uid']}"
            raise fault.conflict(resource, before["name"], why)
        if "resourceVersion" not in metadata and (resource.custom or resource.group in _CONDITIONAL):
            cause = Cause("metadata.resourceVersion", "Invalid value: 0: must be specified for an update")
            raise fault.invalid(resource.kind, resource.group, before["name"], [cause])

    def _commit(self, resource: Resource, entry: Entry, old: Obj, new: Obj, options: Options, subresource: str) -> Obj:
        self._shape.check(resource, new, old, subresource)
        metadata = new["metadata"]
        for name in ("labels", "annotations", "ownerReferences", "finalizers"):
            if name in metadata and not metadata[name]:
                del metadata[name]
        if "generation" in metadata and not subresource and _spec(new) != _spec(old):
            metadata["generation"] += 1
        if not options.owned:
            self._ownership.track(resource, old, new, options.manager, subresource)
        if _plain(new) == _plain(old) and (not options.owned or metadata.get("managedFields") == old["metadata"].get("managedFields")):
            return old
        if options.dry:
            return new
        kept = view.keep(resource, new)
        if resource.kind == "CustomResourceDefinition" and not subresource:
            establish(kept)
        stored = self._store.put(resource.kept, kept)
        if resource.kind == "CustomResourceDefinition" and not subresource:
            self._registry.define(kept)
        if stored.deleting or stored.owners != entry.owners:
            self.remover.settle(stored)
        return view.show(resource, kept)


def _spec(obj: Obj) -> Obj:
    return {name: value for name, value in obj.items() if name not in ("metadata", "status")}


def _plain(obj: Obj) -> Obj:
    return {**obj, "metadata": {name: value for name, value in obj["metadata"].items() if name != "managedFields"}}


def establish(definition: Obj) -> None:
    """Write the status that the real server gives an accepted CustomResourceDefinition."""
    spec = definition["spec"]
    names = {"listKind": spec["names"]["kind"] + "List", "singular": spec["names"]["kind"].lower(), **spec["names"]}
    spec["names"] = names
    stamp = dig(definition, "status", "conditions", 0, "lastTransitionTime", default=now())
    conditions = [
        {"type": "NamesAccepted", "status": "True", "reason": "NoConflicts", "message": "no conflicts found"},
        {"type": "Established", "status": "True", "reason": "InitialNamesAccepted", "message": "the initial names have been accepted"},
    ]
    stored = [item["name"] for item in spec["versions"] if item.get("storage")]
    before = dig(definition, "status", "storedVersions", default=[])
    definition["status"] = {
        "acceptedNames": names,
        "conditions": [{**item, "lastTransitionTime": stamp} for item in conditions],
        "storedVersions": list(dict.fromkeys([*before, *stored])),
    }
