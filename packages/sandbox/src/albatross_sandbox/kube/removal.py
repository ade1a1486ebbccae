"""Deleting: grace, finalizers, owner references and namespaces."""

from collections.abc import Callable

from albatross_sandbox.kube.options import Options
from albatross_sandbox.kube.resources import Registry
from albatross_sandbox.kube.store import Entry, Store
from albatross_sandbox.kube.value import Obj, dig, later, now

FOREGROUND = "foregroundDeletion"
DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"
_CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
_TERMINATING = {
    "type": "Terminating",
    "status": "True",
    "reason": "InstanceDeletionInProgress",
    "message": "CustomResource deletion is in progress",
}


class Remover:
    """Takes objects away as the API server, the garbage collector and the namespace controller do together.

    Work that follows a deletion (dependents, the rest of a namespace) is done at once, before the call returns.
    """

    def __init__(self, store: Store, registry: Registry) -> None:
        self._store, self._registry = store, registry
        self.gone: list[Callable[[Entry], None]] = []  # called after each object that left the store

    def delete(self, entry: Entry, options: Options) -> tuple[Obj, bool]:
        """Delete one object; its last state, and whether it is gone already."""
        if entry.kind == "namespaces":
            return self._namespace(entry)
        if entry.kind == DEFINITIONS:
            return self._definition(entry)
        obj = entry.obj()
        if options.propagation == "Orphan":
            self._orphan(entry)
        grace = _grace(obj, options.grace) if entry.kind == "pods" else 0
        finalizers: list[str] = list(dig(obj, "metadata", "finalizers", default=[]))
        if options.propagation == "Foreground" and self._blockers(entry):
            finalizers = [*dict.fromkeys([*finalizers, FOREGROUND])]
        if not finalizers and grace == 0:
            return self.expel(entry), True
        marked = self._mark(entry, obj, finalizers, grace)
        if FOREGROUND in finalizers:
            self._cascade(entry.uid, options.propagation)
        return marked, False

    def expel(self, entry: Entry) -> Obj:
        """Take an object out of the store, and then all that hung on it."""
        obj = entry.obj()
        last = self._store.remove(entry.kind, obj)
        for call in self.gone:
            call(last)
        if entry.kind == DEFINITIONS:
            self._registry.remove(obj["spec"]["group"], obj["spec"]["names"]["plural"])
        self._cascade(entry.uid, "Background")
        for owner in entry.owners:
            self._release(owner)
        self._empty(entry.key[0])
        self._finish(entry.kind)
        return obj

    def settle(self, entry: Entry) -> None:
        """Look at an object after a write: it may have lost its last finalizer, or its last owner."""
        obj = entry.obj()
        if entry.deleting and entry.kind == "namespaces":
            self._empty(entry.key[1])
        elif entry.deleting and not dig(obj, "metadata", "finalizers") and not _waiting(obj):
            self.expel(entry)
        elif entry.owners and not any(self._store.by_uid(uid) for uid in entry.owners) and not entry.deleting:
            self.delete(entry, Options())

    def _mark(self, entry: Entry, obj: Obj, finalizers: list[str], grace: int) -> Obj:
        metadata = obj["metadata"]
        shorter = entry.deleting and grace < (metadata.get("deletionGracePeriodSeconds") or 0)
        if entry.deleting and not shorter and finalizers == metadata.get("finalizers", []):
            return obj
        if not entry.deleting or shorter:
            metadata["deletionTimestamp"] = later(grace)
            metadata["deletionGracePeriodSeconds"] = grace
        if not entry.deleting and "generation" in metadata:
            metadata["generation"] += 1
        if finalizers:
            metadata["finalizers"] = finalizers
        self._store.put(entry.kind, obj)
        return obj

    def _cascade(self, uid: str, propagation: str) -> None:
        for dependent in self._store.owned(uid):
            obj = dependent.obj()
            references = obj["metadata"]["ownerReferences"]
            others = [item for item in references if item.get("uid") != uid and self._store.by_uid(item.get("uid", ""))]
            if not others:
                if not dependent.deleting:
                    self.delete(dependent, Options(propagation=propagation))
            elif self._store.by_uid(uid) is None:
                obj["metadata"]["ownerReferences"] = [item for item in references if item.get("uid") != uid]
                self._store.put(dependent.kind, obj)

    def _orphan(self, entry: Entry) -> None:
        for dependent in self._store.owned(entry.uid):
            obj = dependent.obj()
            left = [item for item in obj["metadata"]["ownerReferences"] if item.get("uid") != entry.uid]
            obj["metadata"]["ownerReferences"] = left
            if not left:
                del obj["metadata"]["ownerReferences"]
            self._store.put(dependent.kind, obj)

    def _blockers(self, entry: Entry) -> bool:
        return any(
            owner.get("uid") == entry.uid and owner.get("blockOwnerDeletion")
            for dependent in self._store.owned(entry.uid)
            for owner in dependent.obj()["metadata"]["ownerReferences"]
        )

    def _release(self, uid: str) -> None:
        """Let an owner go that waited, in foreground deletion, for its dependents."""
        owner = self._store.by_uid(uid)
        if owner is None or not owner.deleting or self._blockers(owner):
            return
        obj = owner.obj()
        finalizers = dig(obj, "metadata", "finalizers", default=[])
        if FOREGROUND not in finalizers:
            return
        obj["metadata"]["finalizers"] = [item for item in finalizers if item != FOREGROUND]
        if not obj["metadata"]["finalizers"]:
            del obj["metadata"]["finalizers"]
        self.settle(self._store.put(owner.kind, obj))

    def _namespace(self, entry: Entry) -> tuple[Obj, bool]:
        if not entry.deleting:
            obj = entry.obj()
            obj["metadata"]["deletionTimestamp"] = now()
            obj["status"] = {**(obj.get("status") or {}), "phase": "Terminating"}
            entry = self._store.put(entry.kind, obj)
        name = entry.key[1]
        for inner in self._store.inside(name):
            # An earlier deletion may have taken it along.
            if self._store.get(inner.kind, *inner.key) is inner:
                self.delete(inner, Options())
        self._empty(name)
        left = self._store.get("namespaces", "", name)
        return (left or entry).obj(), left is None

    def _empty(self, namespace: str) -> None:
        """Finish a namespace that waits for its last object."""
        entry = self._store.get("namespaces", "", namespace) if namespace else None
        if entry is None or not entry.deleting or next(iter(self._store.inside(namespace)), None):
            return
        obj = entry.obj()
        if dig(obj, "spec", "finalizers"):
            others = [item for item in obj["spec"]["finalizers"] if item != "kubernetes"]
            if others != obj["spec"]["finalizers"]:
                obj["spec"] = {**obj["spec"], "finalizers": others}
                if not others:
                    del obj["spec"]["finalizers"]
                entry = self._store.put(entry.kind, obj)
        if not dig(obj, "metadata", "finalizers") and not dig(obj, "spec", "finalizers"):
            self.expel(entry)

    def _definition(self, entry: Entry) -> tuple[Obj, bool]:
        if not entry.deleting:
            obj = entry.obj()
            obj["status"].setdefault("conditions", []).append({**_TERMINATING, "lastTransitionTime": now()})
            self._mark(entry, obj, [*dict.fromkeys([*dig(obj, "metadata", "finalizers", default=[]), _CLEANUP])], 0)
        kind = entry.key[1]
        for instance in self._store.scan(kind):
            if self._store.get(kind, *instance.key) is instance:
                self.delete(instance, Options())
        self._finish(kind)
        left = self._store.get(DEFINITIONS, "", kind)
        return (left or entry).obj(), left is None

    def _finish(self, kind: str) -> None:
        """Let a definition go that waits for the last object of its kind."""
        entry = self._store.get(DEFINITIONS, "", kind)
        if entry is None or not entry.deleting or self._store.count(kind):
            return
        obj = entry.obj()
        finalizers = dig(obj, "metadata", "finalizers", default=[])
        if _CLEANUP in finalizers:
            obj["metadata"]["finalizers"] = [item for item in finalizers if item != _CLEANUP]
            if not obj["metadata"]["finalizers"]:
                del obj["metadata"]["finalizers"]
            self.settle(self._store.put(entry.kind, obj))


def _waiting(obj: Obj) -> bool:
    """Whether a deleted pod still has its grace period to use."""
    return bool(obj.get("kind") == "Pod" and (dig(obj, "metadata", "deletionGracePeriodSeconds") or 0) > 0)


def _grace(pod: Obj, asked: int | None) -> int:
    """The seconds a pod has to end: none where no kubelet holds it, or where it has ended already."""
    if not dig(pod, "spec", "nodeName") or dig(pod, "status", "phase") in ("Succeeded", "Failed"):
        return 0
    if asked is not None:
        return max(asked, 0)
    period: int = dig(pod, "spec", "terminationGracePeriodSeconds", default=30)
    return period
