"""The cluster as the controllers of this process see it: the same writes as over the network, without the network."""

import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from albatross_sandbox.kube import patch as patches
from albatross_sandbox.kube import selector, view
from albatross_sandbox.kube.options import Options
from albatross_sandbox.kube.resources import Registry, Resource
from albatross_sandbox.kube.store import Store
from albatross_sandbox.kube.value import Obj
from albatross_sandbox.kube.write import Admission, Ownership, Pair, Shape, Writer

Objects = list[Obj]
Logs = Callable[[str, str, Mapping[str, str]], AsyncIterator[bytes]]
"""From namespace, pod name and the query of `pods/log` to the bytes of its log."""


class _Open:
    """No shape, no webhook, no ownership: what a bare cluster is made with."""

    def read(self, resource: Resource, obj: Obj, options: Options) -> Obj:
        return obj

    def fill(self, resource: Resource, obj: Obj, old: Obj | None) -> None:
        return None

    def check(self, resource: Resource, obj: Obj, old: Obj | None, subresource: str) -> None:
        return None

    def wanted(self, resource: Resource, operation: str, namespace: str, subresource: str) -> bool:
        return False

    async def review(self, resource: Resource, operation: str, pair: Pair, options: Options, subresource: str) -> Obj:
        return pair[0] or {}

    def track(self, resource: Resource, old: Obj | None, new: Obj, manager: str, subresource: str) -> None:
        return None


class Cluster:
    """The objects of the cluster, by kind key (`pods`, `deployments.apps`, `targetgroupbindings.elbv2.k8s.aws`).

    Objects are plain JSON dictionaries, new with every answer: the caller may change them. Reading is immediate; writing
    is asynchronous, for admission webhooks may be asked, and raises `fault.Fault` (`.code`, `.reason`) where it is refused:
    404 NotFound, 409 Conflict or AlreadyExists, 422 Invalid, 403 Forbidden. Patches are laid over the newest state and
    need no retry. A write that changes nothing makes no new version and wakes no watcher.

        get(kind_key, namespace, name) -> Obj | None             namespace "" for cluster-wide kinds
        list(kind_key, namespace=None, labels=None) -> list[Obj] labels: a mapping of exact labels, or a selector string
        await create(obj) -> Obj                                 kind, name and namespace are the object's own; generateName works
        await update(obj, subresource="") -> Obj                 409 where obj's resourceVersion is old; none means unconditional
        await merge(kind_key, ns, name, patch, subresource="")   RFC 7386 merge patch; -> Obj
        await patch_status(kind_key, ns, name, status)           merge patch of the status alone; -> Obj
        await delete(kind_key, ns, name, grace=None, propagation="Background") -> Obj | None
                                                                 None where there was none; grace=0 is what a kubelet ends a pod with
        watch(*kind_keys) -> async iterator of (type, kind_key, obj)
                                                                 present objects as ADDED first, then ADDED, MODIFIED, DELETED
        resource(kind_key) -> Resource                           KeyError where the kind is not served
        logs                                                     set to a `Logs` to answer `kubectl logs`

    A pod with `spec.nodeName` that is deleted gets a `deletionTimestamp` and stays until someone deletes it with grace=0.
    Namespaces, owner references (background, foreground, orphan) and finalizers are handled by this server.
    """

    def __init__(self, store: Store | None = None, registry: Registry | None = None) -> None:
        self.store = store or Store()
        self.registry = registry or Registry()
        self.logs: Logs | None = None
        self.server = ""  # the URL of the API, once it listens
        blank = _Open()
        self.writer = self.equip(blank, blank, blank)

    def equip(self, shape: Shape, admission: Admission, ownership: Ownership) -> Writer:
        """Give the cluster the parts that judge writes; the server does so at start."""
        self.writer = Writer(self.store, self.registry, shape, admission, ownership)
        return self.writer

    def resource(self, kind_key: str) -> Resource:
        """The preferred version of a kind; KeyError where it is not served."""
        return self.registry.of(kind_key)

    def get(self, kind_key: str, namespace: str, name: str) -> Obj | None:
        """The object, or None."""
        resource = self.resource(kind_key)
        entry = self.store.get(resource.kept, namespace, name)
        return view.load(resource, entry) if entry else None

    def list(self, kind_key: str, namespace: str | None = None, labels: str | Mapping[str, str] | None = None) -> Objects:
        """The objects of a kind, by namespace and name."""
        resource, wanted = self.resource(kind_key), selector.Selector(selector.labels(labels))
        return [view.load(resource, entry) for entry in self.store.scan(resource.kept, namespace) if entry.selected(wanted)]

    async def create(self, obj: Obj, options: Options | None = None) -> Obj:
        """Create an object; KeyError where its kind is not served."""
        resource = self._of(obj)
        namespace = obj.get("metadata", {}).get("namespace") or "default"
        return await self.writer.create(resource, namespace if resource.namespaced else "", obj, options or Options())

    async def update(self, obj: Obj, subresource: str = "", options: Options | None = None) -> Obj:
        """Replace an object."""
        resource, metadata = self._of(obj), obj["metadata"]
        key = (metadata.get("namespace") or "", metadata["name"])

        def edit(current: Obj) -> Obj:
            current_version = {"resourceVersion": current["metadata"]["resourceVersion"]}
            return {**obj, "metadata": {**current_version, **metadata}}

        return await self.writer.change(resource, key, edit, options or Options(), subresource)

    async def merge(
        self, kind_key: str, namespace: str, name: str, patch: Mapping[str, Any], subresource: str = "", *, options: Options | None = None
    ) -> Obj:
        """Lay a merge patch over an object."""

        def edit(current: Obj) -> Obj:
            merged: Obj = patches.merge(current, patch)
            return merged

        return await self.writer.change(self.resource(kind_key), (namespace, name), edit, options or Options(), subresource)

    async def patch_status(self, kind_key: str, namespace: str, name: str, status: Mapping[str, Any]) -> Obj:
        """Lay a merge patch over an object's status."""
        return await self.merge(kind_key, namespace, name, {"status": status}, "status")

    async def delete(
        self, kind_key: str, namespace: str, name: str, grace: int | None = None, propagation: str = "Background"
    ) -> Obj | None:
        """Delete an object; its last state, or None where there was none."""
        resource = self.resource(kind_key)
        if self.store.get(resource.kept, namespace, name) is None:
            return None
        obj, _ = await self.writer.delete(resource, (namespace, name), Options(grace=grace, propagation=propagation))
        return obj

    async def watch(self, *kind_keys: str) -> AsyncIterator[tuple[str, str, Obj]]:
        """The present objects as ADDED, then every change; never ends by itself, and leaves nothing behind when dropped."""
        resources = {self.resource(key).kept: (key, self.resource(key)) for key in kind_keys}
        with self.store.feed(*resources) as feed:
            present = list(itertools.chain.from_iterable(self.store.scan(kept) for kept in resources))
            for entry in present:
                key, resource = resources[entry.kind]
                yield "ADDED", key, view.load(resource, entry)
            while True:
                for change in await feed.next():
                    key, resource = resources[change.entry.kind]
                    yield change.type, key, view.load(resource, change.entry)

    def _of(self, obj: Obj) -> Resource:
        resource = self.registry.of_kind(obj.get("apiVersion", ""), obj.get("kind", ""))
        if resource is None:
            raise KeyError(f"no kind {obj.get('kind')!r} in {obj.get('apiVersion')!r}")
        return resource
