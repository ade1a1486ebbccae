"""ReplicaSets: as many pods as are asked for."""

import copy
from collections.abc import Iterable

from albatross_sandbox.kube.fault import Fault
from albatross_sandbox.pods.loop import Key
from albatross_sandbox.pods.objects import (
    Object,
    active,
    condition,
    controlled,
    controller,
    deleting,
    is_true,
    labels,
    matches,
    name,
    namespace,
    owner,
    seconds_since,
    set_condition,
)
from albatross_sandbox.pods.view import PODS, REPLICASETS, View, suffix

# Chosen: pods made in one go; the loop serves requests between two goes.
BURST = 20


class ReplicaSets:
    """Creates, adopts and deletes pods; reports how many are ready."""

    def __init__(self, view: View) -> None:
        self._view = view

    def keys(self, kind: str, obj: Object, before: Object | None) -> Iterable[Key]:
        """The set itself; for a pod, its owner, or the sets that could adopt it."""
        if kind == REPLICASETS:
            return [(namespace(obj), name(obj))]
        if kind != PODS:
            return ()
        ref = controller(obj)
        if ref is not None:
            return [(namespace(obj), ref["name"])] if ref["kind"] == "ReplicaSet" else ()
        sets = self._view.all(REPLICASETS, namespace(obj))
        return [(namespace(found), name(found)) for found in sets if matches(found["spec"].get("selector"), labels(obj))]

    async def reconcile(self, key: Key) -> float | None:
        """One step towards spec.replicas, then the status."""
        found = self._view.get(REPLICASETS, *key)
        if found is None or deleting(found):
            return None
        await self._adopt(found)
        pods = [pod for pod in controlled(self._view.all(PODS, key[0]), found) if active(pod)]
        wanted = _replicas(found)
        refusal = await self._create(found, pods, min(wanted - len(pods), BURST))
        for pod in sorted(pods, key=_worth)[: max(len(pods) - wanted, 0)]:
            await self._view.delete(PODS, pod)
            pods.remove(pod)
            await self._view.event(found, "Normal", "SuccessfulDelete", f"Deleted pod: {name(pod)}")
        soon = await self._report(found, pods, refusal)
        return 1.0 if refusal else 0.0 if len(pods) < wanted else soon

    async def _create(self, found: Object, pods: list[Object], count: int) -> str:
        """Add so many pods; why the API server, or a webhook, refused one, empty when none was."""
        for _ in range(count):
            try:
                made = await self._view.make(PODS, _pod(found))
            except Fault as fault:
                reasons = [cause.get("reason") for cause in fault.details.get("causes") or ()]
                if "NamespaceTerminating" not in reasons:
                    await self._view.event(found, "Warning", "FailedCreate", f"Error creating: {fault.message}")
                return fault.message
            pods.append(made)
            await self._view.event(found, "Normal", "SuccessfulCreate", f"Created pod: {name(made)}")
        return ""

    async def _adopt(self, found: Object) -> None:
        for pod in self._view.all(PODS, namespace(found)):
            if controller(pod) is None and active(pod) and matches(found["spec"].get("selector"), labels(pod)):
                await self._view.edit(PODS, pod, lambda mine: mine["metadata"].setdefault("ownerReferences", []).append(owner(found)))

    async def _report(self, found: Object, pods: list[Object], refusal: str) -> float | None:
        """Write the status; seconds until a ready pod counts as available, if one does not yet."""
        wait = int(found["spec"].get("minReadySeconds") or 0)
        ready = [pod for pod in pods if is_true(pod, "Ready")]
        left = [wait - seconds_since((condition(pod, "Ready") or {}).get("lastTransitionTime")) for pod in ready]
        template = labels(found["spec"]["template"])
        labelled = sum(template.items() <= labels(pod).items() for pod in pods)
        counts = {
            "replicas": len(pods),
            "fullyLabeledReplicas": labelled,
            "readyReplicas": len(ready),
            "availableReplicas": sum(item <= 0 for item in left) if wait else len(ready),
            "observedGeneration": found["metadata"].get("generation", 1),
        }

        def change(mine: Object) -> None:
            rest = {key: value for key, value in (mine.get("status") or {}).items() if key not in counts}
            # A zero count is left out, as Kubernetes does, but `replicas` always stands.
            mine["status"] = rest | {key: value for key, value in counts.items() if value or key == "replicas"}
            _tell_failure(mine["status"], refusal)

        await self._view.edit(REPLICASETS, found, change, "status")
        soonest = min((item for item in left if wait and item > 0), default=None)
        return None if soonest is None else soonest + 0.05


def _tell_failure(status: Object, refusal: str) -> None:
    """The condition ReplicaFailure, which stands only while pods cannot be made."""
    kind = "ReplicaFailure"
    conditions = [item for item in status.get("conditions") or () if item["type"] != kind or refusal]
    if refusal:
        set_condition(conditions, {"type": kind, "status": "True", "reason": "FailedCreate", "message": refusal})
    status.pop("conditions", None)
    if conditions:
        status["conditions"] = conditions


def _replicas(found: Object) -> int:
    value = found["spec"].get("replicas")
    return 1 if value is None else int(value)


def _worth(pod: Object) -> tuple[bool, bool, float]:
    """The order of deletion: unscheduled, then not ready, then youngest first."""
    age = seconds_since(pod["metadata"].get("creationTimestamp"))
    return bool(pod["spec"].get("nodeName")), is_true(pod, "Ready"), age


def _pod(found: Object) -> Object:
    template = copy.deepcopy(found["spec"]["template"])
    metadata = {key: value for key, value in (template.get("metadata") or {}).items() if key in ("labels", "annotations", "finalizers")}
    metadata |= {
        "name": f"{name(found)}-{suffix()}",
        "generateName": f"{name(found)}-",
        "namespace": namespace(found),
        "ownerReferences": [owner(found)],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
