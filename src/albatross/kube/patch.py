"""Small writes to objects that other controllers write too: finalizers, status, pod conditions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from albatross.catalog.kinds import KINDS
from albatross.kube.client import STRATEGIC, Client
from albatross.kube.errors import KubeConflict, KubeInvalid, KubeNotFound
from albatross.model.ident import Ident
from albatross.model.snapshot import Metadata
from albatross.model.target import Gate

# client-go's RetryOnConflict also stops after five tries.
TRIES = 5


@dataclass(frozen=True, slots=True)
class Finalizers:
    """A change to an object's finalizers. `drop` are annotations that are removed in the same write."""

    add: frozenset[str] = field(default=frozenset())
    remove: frozenset[str] = field(default=frozenset())
    drop: frozenset[str] = field(default=frozenset())

    def apply(self, present: Iterable[str]) -> list[str]:
        """The finalizers after the change; the remaining ones keep their order."""
        kept = [name for name in present if name not in self.remove]
        return kept + sorted(self.add.difference(kept))


async def finalizers(client: Client, kind: str, metadata: Metadata, change: Finalizers) -> None:
    """Change finalizers with a lock on the resource version; if the object was changed in the meantime, it is read again.

    If the object does not exist, there is no finalizer to remove; `KubeNotFound` is raised only if some must be added.
    """
    path = KINDS[kind].path(*metadata.key)
    present, version = list(metadata.finalizers), metadata.resource_version
    dropped = dict.fromkeys(sorted(change.drop.intersection(metadata.annotations)))
    for attempt in range(TRIES):
        wanted = change.apply(present)
        if wanted == present:
            return
        try:
            own = {"annotations": dropped} if dropped else {}
            await client.patch(path, {"metadata": {"resourceVersion": version, "finalizers": wanted or None, **own}})
            return
        except KubeNotFound:
            if change.add:
                raise
            return
        except KubeConflict:
            if attempt == TRIES - 1:
                raise
        try:
            fresh = (await client.get(path))["metadata"]
        except KubeNotFound:
            if change.add:
                raise
            return
        if fresh.get("uid") != metadata.uid:
            return  # another object with this name: its own event follows
        present, version = fresh.get("finalizers") or [], fresh["resourceVersion"]


async def annotations(client: Client, ident: Ident, values: Mapping[str, str | None]) -> None:
    """Write some annotations of an object; None removes one."""
    await client.patch(KINDS[ident.kind].path(*ident.key), {"metadata": {"annotations": dict(values)}})


async def status(client: Client, ident: Ident, body: Mapping[str, Any]) -> None:
    """Merge a change into an object's status."""
    await client.patch(f"{KINDS[ident.kind].path(*ident.key)}/status", {"status": body})


async def observed(client: Client, binding: Metadata, generation: int) -> None:
    """Write `status.observedGeneration` of a TargetGroupBinding."""
    path = KINDS["TargetGroupBinding"].path(*binding.key)
    await client.patch(f"{path}/status", {"status": {"observedGeneration": generation}})


async def condition(client: Client, gate: Gate, turned: bool) -> None:
    """Write a pod's readiness gate condition; `turned`: its status has changed, so its transition time is now.

    If the pod does not exist, or if it is another pod with this name, nothing is written.
    """
    entry = {"type": gate.type, "status": gate.status, "reason": gate.reason, "message": gate.message}
    if turned:
        entry["lastTransitionTime"] = client.clock.utc().strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {"metadata": {"uid": gate.uid}, "status": {"conditions": [entry]}}
    try:
        await client.patch(f"{KINDS['Pod'].path(*gate.pod)}/status", body, STRATEGIC)
    except (KubeNotFound, KubeConflict):
        pass
    except KubeInvalid as error:
        # A uid in a patch is not a precondition: the API server refuses another uid as a change of an immutable field.
        if not any(cause.startswith("metadata.uid:") for cause in error.causes):
            raise
