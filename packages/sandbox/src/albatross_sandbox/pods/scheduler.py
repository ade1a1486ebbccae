"""Which node a pod goes to: one it may use, with the fewest of its siblings, then the fewest pods."""

from collections.abc import Iterable
from typing import Any

from albatross_sandbox.pods.loop import Key
from albatross_sandbox.pods.objects import Object, active, controller, labels, matches, name, namespace, set_condition
from albatross_sandbox.pods.view import NODES, PODS, View

# Seconds until a pod that fits nowhere is looked at again, beside the changes of nodes, which wake it at once.
AGAIN = 5.0


class Scheduler:
    """Gives pods their spec.nodeName."""

    def __init__(self, view: View) -> None:
        self._view = view

    def keys(self, kind: str, obj: Object, before: Object | None) -> Iterable[Key]:
        """A waiting pod; for a node, all that wait."""
        if kind == PODS and _waits(obj):
            return [(namespace(obj), name(obj))]
        if kind == NODES:
            return [(namespace(pod), name(pod)) for pod in self._view.all(PODS) if _waits(pod)]
        return ()

    async def reconcile(self, key: Key) -> float | None:
        """Bind the pod, or say why it cannot be."""
        pod = self._view.get(PODS, *key)
        if pod is None or not _waits(pod):
            return None
        node = self._choose(pod)
        if node is None:
            await self._refuse(pod)
            return AGAIN
        if await self._view.edit(PODS, pod, lambda found: found["spec"].update(nodeName=name(node))):
            await self._view.event(pod, "Normal", "Scheduled", f"Successfully assigned {key[0]}/{key[1]} to {name(node)}")
        return None

    def _choose(self, pod: Object) -> Object | None:
        ref = controller(pod)
        load: dict[str, tuple[int, int]] = {}
        for other in self._view.all(PODS):
            if active(other) and (there := other["spec"].get("nodeName")):
                siblings, pods = load.get(there, (0, 0))
                kin = ref is not None and (theirs := controller(other)) is not None and theirs["uid"] == ref["uid"]
                load[there] = (siblings + kin, pods + 1)
        fitting = [node for node in self._view.all(NODES) if fits(pod, node)]
        return min(fitting, key=lambda node: (*load.get(name(node), (0, 0)), name(node)), default=None)

    async def _refuse(self, pod: Object) -> None:
        total = sum(1 for _ in self._view.all(NODES))
        message = f"0/{total} nodes are available: none is schedulable, tolerated and selected by the pod"

        def change(found: Object) -> None:
            conditions = found.setdefault("status", {}).setdefault("conditions", [])
            set_condition(conditions, {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message})

        await self._view.edit(PODS, pod, change, "status")
        await self._view.event(pod, "Warning", "FailedScheduling", message)


def _waits(pod: Object) -> bool:
    return not pod["spec"].get("nodeName") and active(pod) and not pod["spec"].get("schedulingGates")


def fits(pod: Object, node: Object) -> bool:
    """Whether cordon, taints, nodeSelector and required node affinity let the pod onto the node."""
    spec = node.get("spec") or {}
    if spec.get("unschedulable") or node["metadata"].get("deletionTimestamp"):
        return False
    tolerations = pod["spec"].get("tolerations") or []
    hard = [taint for taint in spec.get("taints") or () if taint["effect"] in ("NoSchedule", "NoExecute")]
    if not all(any(tolerates(item, taint) for item in tolerations) for taint in hard):
        return False
    if not matches({"matchLabels": pod["spec"].get("nodeSelector") or {}}, labels(node)):
        return False
    return _affine(pod["spec"].get("affinity") or {}, node)


def tolerates(toleration: dict[str, Any], taint: dict[str, Any]) -> bool:
    """Whether a toleration covers a taint; an empty key or effect covers all."""
    if toleration.get("effect") not in (None, "", taint["effect"]):
        return False
    if toleration.get("key") not in (None, "", taint["key"]):
        return False
    return toleration.get("operator") == "Exists" or (toleration.get("value") or "") == (taint.get("value") or "")


def _affine(affinity: dict[str, Any], node: Object) -> bool:
    required = (affinity.get("nodeAffinity") or {}).get("requiredDuringSchedulingIgnoredDuringExecution")
    if not required:
        return True
    having = {**labels(node), "metadata.name": name(node)}
    terms = required.get("nodeSelectorTerms") or ()
    return any(
        matches({"matchExpressions": [*(term.get("matchExpressions") or ()), *(term.get("matchFields") or ())]}, having) for term in terms
    )
