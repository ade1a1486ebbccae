"""Small readings of Kubernetes objects, which are plain JSON dictionaries here."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

Object = dict[str, Any]
ANNOTATION = "sandbox.albatross/"


def now() -> str:
    """The time as Kubernetes writes it: RFC 3339, whole seconds, UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_since(stamp: str | None) -> float:
    """Seconds gone by since a Kubernetes timestamp; 0 when there is none."""
    if not stamp:
        return 0.0
    return (datetime.now(UTC) - datetime.fromisoformat(stamp)).total_seconds()


def name(obj: Mapping[str, Any]) -> str:
    """metadata.name."""
    return str(obj["metadata"]["name"])


def namespace(obj: Mapping[str, Any]) -> str:
    """metadata.namespace, empty for cluster-scoped objects."""
    return str(obj["metadata"].get("namespace") or "")


def uid(obj: Mapping[str, Any]) -> str:
    """metadata.uid."""
    return str(obj["metadata"].get("uid") or "")


def labels(obj: Mapping[str, Any]) -> dict[str, str]:
    """metadata.labels, empty when absent."""
    return obj["metadata"].get("labels") or {}


def annotation(obj: Mapping[str, Any], short: str) -> str | None:
    """The value of annotation `sandbox.albatross/<short>`."""
    return (obj["metadata"].get("annotations") or {}).get(ANNOTATION + short)


def deleting(obj: Mapping[str, Any]) -> bool:
    """Whether a deletion has begun."""
    return bool(obj["metadata"].get("deletionTimestamp"))


def owner(obj: Mapping[str, Any]) -> Object:
    """An ownerReferences entry that makes `obj` the controller."""
    return {
        "apiVersion": obj["apiVersion"],
        "kind": obj["kind"],
        "name": name(obj),
        "uid": uid(obj),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def controller(obj: Mapping[str, Any]) -> Object | None:
    """The ownerReferences entry of the controller, if any."""
    return next((ref for ref in obj["metadata"].get("ownerReferences") or () if ref.get("controller")), None)


def controlled(objects: Iterable[Object], by: Mapping[str, Any]) -> list[Object]:
    """Those of `objects` that `by` controls."""
    mine = uid(by)
    return [obj for obj in objects if (ref := controller(obj)) and ref["uid"] == mine]


def matches(selector: Mapping[str, Any] | None, having: Mapping[str, str]) -> bool:
    """Whether a label selector (matchLabels, matchExpressions) selects these labels; an absent selector selects nothing."""
    if selector is None:
        return False
    wanted = selector.get("matchLabels") or {}
    return all(having.get(key) == value for key, value in wanted.items()) and all(
        _expression(item, having) for item in selector.get("matchExpressions") or ()
    )


def _expression(item: Mapping[str, Any], having: Mapping[str, str]) -> bool:
    value, values = having.get(item["key"]), item.get("values") or []
    match item["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt":
            return value is not None and int(value) > int(values[0])
        case "Lt":
            return value is not None and int(value) < int(values[0])
    return False


def condition(obj: Mapping[str, Any], kind: str) -> Object | None:
    """The status condition of that type."""
    found = (obj.get("status") or {}).get("conditions") or ()
    return next((item for item in found if item.get("type") == kind), None)


def is_true(obj: Mapping[str, Any], kind: str) -> bool:
    """Whether the status condition of that type is True."""
    found = condition(obj, kind)
    return found is not None and found.get("status") == "True"


def set_condition(conditions: list[Object], wanted: Object) -> None:
    """Put a condition into the list, moving lastTransitionTime only when its status changes."""
    for index, item in enumerate(conditions):
        if item.get("type") == wanted["type"]:
            same = item.get("status") == wanted["status"]
            conditions[index] = {**wanted, "lastTransitionTime": item.get("lastTransitionTime") if same else now()}
            return
    conditions.append({**wanted, "lastTransitionTime": now()})


def active(pod: Mapping[str, Any]) -> bool:
    """Whether a pod counts as a replica: neither finished nor going."""
    return (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed") and not deleting(pod)


def portion(value: int | str | None, of: int, *, up: bool) -> int:
    """An int-or-percent as a number of replicas."""
    if isinstance(value, str) and value.endswith("%"):
        scaled = int(value[:-1]) * of
        return -(-scaled // 100) if up else scaled // 100
    return int(value or 0)


def container_port(pod: Mapping[str, Any], target: int | str) -> int | None:
    """The number behind a targetPort or probe port: itself, or the named TCP port of any container."""
    if isinstance(target, int):
        return target
    if target.isdigit():
        return int(target)
    for container in pod["spec"].get("containers") or ():
        for port in container.get("ports") or ():
            if port.get("name") == target:
                return int(port["containerPort"])
    return None
