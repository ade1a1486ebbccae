"""Label and field selectors: parsed once, matched against labels and the few fields that Kubernetes lets one select by."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from albatross_sandbox.kube.fault import Fault, bad_request
from albatross_sandbox.kube.value import Obj, dig

FIELDS: dict[str, tuple[str, ...]] = {
    "pods": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    "services": ("spec.clusterIP", "spec.type"),
    "secrets": ("type",),
    "nodes": ("spec.unschedulable",),
    "namespaces": ("status.phase",),
    "replicasets.apps": ("status.replicas",),
    "events": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
}
"""The selectable fields of a stored kind beside `metadata.name` and `metadata.namespace`."""

_ALIASES = {"regarding": "involvedObject", "reportingController": "reportingComponent"}


def fields(kind: str, obj: Obj) -> tuple[str, ...]:
    """The values of a kind's selectable fields, in the order of `FIELDS`."""
    return tuple(_text(_field(obj, path)) for path in FIELDS.get(kind, ()))


def _field(obj: Obj, path: str) -> Any:
    if path == "source":
        return dig(obj, "source", "component") or obj.get("reportingComponent")
    return dig(obj, *path.split("."))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on labels: `in`, `notin`, `exists`, `absent`, `gt` or `lt`."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether a set of labels meets the condition."""
        value = labels.get(self.key)
        match self.operator:
            case "in":
                return value in self.values
            case "notin":
                return value not in self.values
            case "exists":
                return self.key in labels
            case "absent":
                return self.key not in labels
            case _:
                return _compare(value, self.operator, self.values)


def _compare(value: str | None, operator: str, values: frozenset[str]) -> bool:
    try:
        have, want = int(value or ""), int(next(iter(values)))
    except ValueError:
        return False
    return have > want if operator == "gt" else have < want


@dataclass(frozen=True, slots=True)
class Selector:
    """A label selector and a field selector together; an empty one matches everything."""

    labels: tuple[Requirement, ...] = ()
    fields: tuple[tuple[str, str, bool], ...] = ()  # path, value, equal or not

    def matches(self, kind: str, key: tuple[str, str], labels: Mapping[str, str], values: tuple[str, ...]) -> bool:
        """Whether an object of a kind, with this (namespace, name), labels and field values, is selected."""
        return all(item.holds(labels) for item in self.labels) and self._fields(kind, key, values)

    def _fields(self, kind: str, key: tuple[str, str], values: tuple[str, ...]) -> bool:
        for path, wanted, equal in self.fields:
            if path == "metadata.name":
                have = key[1]
            elif path == "metadata.namespace":
                have = key[0]
            else:
                have = values[FIELDS[kind].index(path)]
            if (have == wanted) != equal:
                return False
        return True


_PART = re.compile(r"(?:[^,(]|\([^)]*\))+")
_SET = re.compile(r"^([^\s!=,()]+)\s+(in|notin)\s*\(([^)]*)\)$")
_KEY = re.compile(r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$")


def labels(text: str | Mapping[str, str] | None) -> tuple[Requirement, ...]:
    """Parse a label selector string, or take a mapping of exact labels; a Fault 400 on bad syntax."""
    if isinstance(text, Mapping):
        return tuple(Requirement(key, "in", frozenset((value,))) for key, value in text.items())
    return tuple(_requirement(part.strip(), text or "") for part in _PART.findall(text or "") if part.strip())


def _requirement(part: str, whole: str) -> Requirement:
    if found := _SET.match(part):
        return _checked(Requirement(found[1], found[2], frozenset(item.strip() for item in found[3].split(","))), whole)
    if part.startswith("!"):
        return _checked(Requirement(part[1:].strip(), "absent"), whole)
    for sign, operator in (("!=", "notin"), ("==", "in"), ("=", "in"), (">", "gt"), ("<", "lt")):
        if sign in part:
            key, value = part.split(sign, 1)
            return _checked(Requirement(key.strip(), operator, frozenset((value.strip(),))), whole)
    return _checked(Requirement(part, "exists"), whole)


def _checked(requirement: Requirement, whole: str) -> Requirement:
    if not _KEY.match(requirement.key):
        raise bad_request(f'unable to parse requirement: "{requirement.key}" is no label key in "{whole}"')
    return requirement


def field_terms(kind: str, text: str | None, custom: bool = False) -> tuple[tuple[str, str, bool], ...]:
    """Parse a field selector; a Fault 400 names a field that the kind cannot be selected by."""
    found = []
    for part in (text or "").split(","):
        if not part:
            continue
        equal = "!=" not in part
        pieces = re.split(r"!=|==?", part, maxsplit=1)
        if len(pieces) != 2:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
        path = _canonical(pieces[0].strip())
        if path not in ("metadata.name", "metadata.namespace") and (custom or path not in FIELDS.get(kind, ())):
            raise _unselectable(pieces[0])
        found.append((path, pieces[1].strip(), equal))
    return tuple(found)


def _canonical(path: str) -> str:
    head, _, rest = path.partition(".")
    head = _ALIASES.get(head, head)
    return f"{head}.{rest}" if rest else head


def _unselectable(path: str) -> Fault:
    return bad_request(f"field label not supported: {path.strip()}")


_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "absent"}


def of_object(selector: Obj | None) -> tuple[Requirement, ...]:
    """The requirements of a metav1.LabelSelector; none where it is empty, which matches everything."""
    selector = selector or {}
    exact = labels(selector.get("matchLabels") or {})
    rest = tuple(
        Requirement(item["key"], _OPERATORS[item["operator"]], frozenset(item.get("values") or ()))
        for item in selector.get("matchExpressions") or ()
    )
    return exact + rest


def selects(selector: Obj | None, of: Mapping[str, str]) -> bool:
    """Whether a metav1.LabelSelector selects these labels."""
    return all(item.holds(of) for item in of_object(selector))
