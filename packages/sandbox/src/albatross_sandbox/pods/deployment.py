"""Deployments: ReplicaSets of one template each, rolled from the old to the new."""

import copy
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from albatross_sandbox.pods.loop import Key
from albatross_sandbox.pods.objects import (
    Object,
    condition,
    controlled,
    controller,
    deleting,
    name,
    namespace,
    now,
    owner,
    portion,
    seconds_since,
    set_condition,
)
from albatross_sandbox.pods.view import DEPLOYMENTS, LETTERS, PODS, REPLICASETS, View

HASH = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
# Annotations of a Deployment that its ReplicaSets do not inherit.
OWN = ("kubectl.kubernetes.io/last-applied-configuration", REVISION, DESIRED, MAXIMUM)


@dataclass(frozen=True, slots=True)
class Rollout:
    """A Deployment and its ReplicaSets: the one of its present template, and the others."""

    deployment: Object
    new: Object
    old: tuple[Object, ...]

    @property
    def wanted(self) -> int:
        """spec.replicas."""
        value = self.deployment["spec"].get("replicas")
        return 1 if value is None else int(value)

    @property
    def surge(self) -> int:
        """How many pods more than wanted may exist; maxSurge rounds up."""
        rolling = (self.deployment["spec"].get("strategy") or {}).get("rollingUpdate") or {}
        return portion(rolling.get("maxSurge", "25%"), self.wanted, up=True)

    @property
    def unavailable(self) -> int:
        """How many wanted pods may be missing; maxUnavailable rounds down, and is 1 where neither would allow a step."""
        rolling = (self.deployment["spec"].get("strategy") or {}).get("rollingUpdate") or {}
        allowed = portion(rolling.get("maxUnavailable", "25%"), self.wanted, up=False)
        return 1 if allowed == 0 and self.surge == 0 else min(allowed, self.wanted)

    @property
    def recreates(self) -> bool:
        """Whether all old pods go before the first new one comes."""
        return (self.deployment["spec"].get("strategy") or {}).get("type") == "Recreate"

    def count(self, field: str, *, new: bool = True, old: bool = True) -> int:
        """The sum of one status field over the sets."""
        sets = (*([self.new] if new else []), *(self.old if old else ()))
        return sum(int((item.get("status") or {}).get(field) or 0) for item in sets)


class Deployments:
    """Creates, scales and prunes ReplicaSets; reports progress."""

    def __init__(self, view: View) -> None:
        self._view = view

    def keys(self, kind: str, obj: Object, before: Object | None) -> Iterable[Key]:
        """The deployment itself; for a ReplicaSet, its owner."""
        if kind == DEPLOYMENTS:
            return [(namespace(obj), name(obj))]
        ref = controller(obj) if kind == REPLICASETS else None
        if ref is not None and ref["kind"] == "Deployment":
            return [(namespace(obj), ref["name"])]
        return ()

    async def reconcile(self, key: Key) -> float | None:
        """One step of the rollout, then the status."""
        deployment = self._view.get(DEPLOYMENTS, *key)
        if deployment is None or deleting(deployment):
            return None
        sets = controlled(self._view.all(REPLICASETS, key[0]), deployment)
        new = next((item for item in sets if same_template(item, deployment)), None)
        if deployment["spec"].get("paused") and new is None:
            await self._paused(deployment, sets)
            return None
        new = await self._current(deployment, new, sets)
        if new is None:
            return 1.0
        rollout = Rollout(deployment, new, tuple(item for item in sets if name(item) != name(new)))
        waiting = None
        if deployment["spec"].get("paused"):
            pass
        elif rollout.recreates:
            waiting = await self._recreate(rollout)
        else:
            await self._roll(rollout)
        await self._prune(rollout)
        overdue = await self._report(rollout)
        return min((wait for wait in (waiting, overdue) if wait is not None), default=None)

    async def _paused(self, deployment: Object, sets: list[Object]) -> None:
        """A paused deployment follows only its replicas, in the newest of its sets."""
        if not sets:
            return
        newest = max(sets, key=revision)
        rollout = Rollout(deployment, newest, tuple(item for item in sets if item is not newest))
        await self._scale(rollout, newest, rollout.wanted)
        await self._report(rollout)

    async def _current(self, deployment: Object, new: Object | None, sets: list[Object]) -> Object | None:
        """The set of the present template, made when missing, with the highest revision."""
        others = [item for item in sets if new is None or name(item) != name(new)]
        number = max((revision(item) for item in others), default=0) + 1
        if new is None:
            new = await self._view.create(REPLICASETS, _replicaset(deployment, number))
        elif others and revision(new) < number:
            new = await self._view.edit(REPLICASETS, new, lambda found: _annotate(found, {REVISION: str(number)}))
        if new is not None:
            stands = str(revision(new))
            await self._view.edit(DEPLOYMENTS, deployment, lambda found: _annotate(found, {REVISION: stands}))
        return new

    async def _roll(self, rollout: Rollout) -> None:
        """Scale up within the surge, then down within what may be unavailable."""
        new, wanted = rollout.new, rollout.wanted
        total = replicas(new) + sum(replicas(item) for item in rollout.old)
        if replicas(new) > wanted:
            await self._scale(rollout, new, wanted)
        elif replicas(new) < wanted:
            room = wanted + rollout.surge - total
            await self._scale(rollout, new, replicas(new) + max(0, min(room, wanted - replicas(new))))
        else:
            await self._scale(rollout, new, wanted)
        await self._shrink(rollout)

    async def _shrink(self, rollout: Rollout) -> None:
        """Scale old sets down: first pods that serve nobody, then as many as the new ones make up for."""
        least = rollout.wanted - rollout.unavailable
        new = self._view.get(REPLICASETS, namespace(rollout.new), name(rollout.new)) or rollout.new
        total = replicas(new) + sum(replicas(item) for item in rollout.old)
        missing = max(0, replicas(new) - available(new))
        spare = total - least - missing
        for old in sorted(rollout.old, key=revision):
            sick = min(max(0, replicas(old) - available(old)), max(0, spare))
            spare -= sick
            await self._scale(rollout, old, replicas(old) - sick)
        fresh = [self._view.get(REPLICASETS, namespace(old), name(old)) or old for old in rollout.old]
        extra = available(new) + sum(min(available(old), replicas(old)) for old in fresh) - least
        for old in sorted(fresh, key=revision):
            cut = min(replicas(old), max(0, extra))
            extra -= cut
            await self._scale(rollout, old, replicas(old) - cut)

    async def _recreate(self, rollout: Rollout) -> float | None:
        for old in rollout.old:
            await self._scale(rollout, old, 0)
        running = [pod for old in rollout.old for pod in controlled(self._view.all(PODS, namespace(old)), old)]
        if any((pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed") for pod in running):
            return 0.1
        await self._scale(rollout, rollout.new, rollout.wanted)
        return None

    async def _scale(self, rollout: Rollout, item: Object, to: int) -> None:
        noted = {DESIRED: str(rollout.wanted), MAXIMUM: str(rollout.wanted + (0 if rollout.recreates else rollout.surge))}

        def change(found: Object) -> None:
            found["spec"]["replicas"] = to
            _annotate(found, noted)

        before = replicas(item)
        if await self._view.edit(REPLICASETS, item, change) and before != to:
            verb = "up" if to > before else "down"
            message = f"Scaled {verb} replica set {name(item)} from {before} to {to}"
            await self._view.event(rollout.deployment, "Normal", "ScalingReplicaSet", message)

    async def _prune(self, rollout: Rollout) -> None:
        limit = rollout.deployment["spec"].get("revisionHistoryLimit")
        keep = 10 if limit is None else int(limit)
        idle = [item for item in rollout.old if replicas(item) == 0 and not (item.get("status") or {}).get("replicas")]
        for item in sorted(idle, key=revision)[: max(0, len(idle) - keep)]:
            await self._view.delete(REPLICASETS, item)

    async def _report(self, rollout: Rollout) -> float | None:
        """Write the status; seconds until the progress deadline, while there is one to meet."""
        deadline = rollout.deployment["spec"].get("progressDeadlineSeconds")
        limit = 600 if deadline is None else int(deadline)
        changed = await self._view.edit(DEPLOYMENTS, rollout.deployment, lambda found: status(found, rollout, limit), "status")
        moving = condition(changed, "Progressing") if changed else None
        if moving is None or moving["reason"] in ("NewReplicaSetAvailable", "ProgressDeadlineExceeded"):
            return None
        return max(0.2, limit - seconds_since(moving.get("lastUpdateTime")) + 1)


def status(found: Object, rollout: Rollout, limit: int) -> None:
    """Bring a Deployment's status up to date, in the words `kubectl rollout status` reads."""
    before = found.get("status") or {}
    counts = {
        "replicas": rollout.count("replicas"),
        "updatedReplicas": rollout.count("replicas", old=False),
        "readyReplicas": rollout.count("readyReplicas"),
        "availableReplicas": rollout.count("availableReplicas"),
    }
    counts["unavailableReplicas"] = max(0, max(counts["replicas"], rollout.wanted) - counts["availableReplicas"])
    conditions = [dict(item) for item in before.get("conditions") or ()]
    _available(conditions, enough=counts["availableReplicas"] >= rollout.wanted - rollout.unavailable)
    _progress(conditions, rollout, moved=any(before.get(key, 0) != value for key, value in counts.items()), limit=limit)
    found["status"] = {
        "observedGeneration": found["metadata"].get("generation", 1),
        **{key: value for key, value in counts.items() if value},
        "conditions": conditions,
    }


def _available(conditions: list[Object], *, enough: bool) -> None:
    reason = "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable"
    message = f"Deployment {'has' if enough else 'does not have'} minimum availability."
    _set(conditions, {"type": "Available", "status": "True" if enough else "False", "reason": reason, "message": message})


def _progress(conditions: list[Object], rollout: Rollout, *, moved: bool, limit: int) -> None:
    known = next((item for item in conditions if item["type"] == "Progressing"), None)
    wanted, title = rollout.wanted, f'ReplicaSet "{name(rollout.new)}"'
    done = (
        rollout.count("replicas", old=False) == wanted
        and rollout.count("availableReplicas", old=False) == wanted
        and rollout.count("replicas", new=False) == 0
    )
    late = known is not None and known["reason"] != "NewReplicaSetAvailable" and seconds_since(known.get("lastUpdateTime")) > limit
    stuck = known is not None and not moved and (late or known["reason"] == "ProgressDeadlineExceeded")
    if done:
        new = ("True", "NewReplicaSetAvailable", f"{title} has successfully progressed.")
    elif stuck:
        new = ("False", "ProgressDeadlineExceeded", f"{title} has timed out progressing.")
    else:
        new = ("True", "ReplicaSetUpdated", f"{title} is progressing.")
    _set(conditions, {"type": "Progressing", "status": new[0], "reason": new[1], "message": new[2]}, touch=moved)


def _set(conditions: list[Object], wanted: Object, *, touch: bool = False) -> None:
    """Set a condition; lastUpdateTime moves when it changes, or when it is touched."""
    known = next((item for item in conditions if item["type"] == wanted["type"]), None)
    same = known is not None and all(known.get(key) == value for key, value in wanted.items())
    updated = known["lastUpdateTime"] if known is not None and same and not touch else now()
    set_condition(conditions, {**wanted, "lastUpdateTime": updated})


def replicas(item: Object) -> int:
    """spec.replicas of a set."""
    value = item["spec"].get("replicas")
    return 1 if value is None else int(value)


def available(item: Object) -> int:
    """status.availableReplicas of a set."""
    return int((item.get("status") or {}).get("availableReplicas") or 0)


def revision(item: Object) -> int:
    """The revision annotation of a set, 0 without one."""
    return int((item["metadata"].get("annotations") or {}).get(REVISION) or 0)


def same_template(item: Object, deployment: Object) -> bool:
    """Whether a set has the deployment's pod template, but for the hash label."""
    mine = copy.deepcopy(item["spec"]["template"])
    (mine.get("metadata", {}).get("labels") or {}).pop(HASH, None)
    return bool(filled(mine) == filled(deployment["spec"]["template"]))


def filled(value: Any) -> Any:
    """A JSON value without nulls and empty maps and lists, which mean the same as absent ones."""
    if isinstance(value, dict):
        return {key: found for key, item in value.items() if (found := filled(item)) not in (None, {}, [])}
    return [filled(item) for item in value] if isinstance(value, list) else value


def template_hash(template: Object) -> str:
    """Ten letters that stand for a pod template."""
    number = int.from_bytes(hashlib.sha256(orjson.dumps(filled(template), option=orjson.OPT_SORT_KEYS)).digest()[:8], "big")
    return "".join(LETTERS[number // len(LETTERS) ** index % len(LETTERS)] for index in range(10))


def _annotate(found: Object, noted: dict[str, str]) -> None:
    found["metadata"].setdefault("annotations", {}).update(noted)


def _replicaset(deployment: Object, number: int) -> Object:
    template = copy.deepcopy(deployment["spec"]["template"])
    letters = template_hash(template)
    template.setdefault("metadata", {}).setdefault("labels", {})[HASH] = letters
    selector = copy.deepcopy(deployment["spec"]["selector"])
    selector.setdefault("matchLabels", {})[HASH] = letters
    inherited = {key: value for key, value in (deployment["metadata"].get("annotations") or {}).items() if key not in OWN}
    spec = {"replicas": 0, "selector": selector, "template": template}
    if deployment["spec"].get("minReadySeconds"):
        spec["minReadySeconds"] = deployment["spec"]["minReadySeconds"]
    metadata = {
        "name": f"{name(deployment)}-{letters}",
        "namespace": namespace(deployment),
        "labels": template["metadata"]["labels"],
        "annotations": {**inherited, REVISION: str(number)},
        "ownerReferences": [owner(deployment)],
    }
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec}
