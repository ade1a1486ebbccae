"""The names of all fields of the kinds that users write, so that a misspelled field is found before it is lost.

Fields: https://kubernetes.io/docs/reference/kubernetes-api/ (Kubernetes 1.37); those of the custom kinds come from their schemas.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, Union

from albatross.catalog import crds
from albatross.catalog.bounds import PROBLEMS

Tree = Mapping[str, Union["Tree", None]]
"""Field names, each with those below it. A list has the fields of its entries. None: the value has no fields, or any keys."""

_PLAIN = re.compile(r"[^.\[\]\"]+")


@dataclass(frozen=True, slots=True)
class UnknownField:
    """A field that the API does not have. `path` is written as in `Origin.field`; `hint` says what may be meant, or is empty."""

    path: str
    name: str
    hint: str


def _leaves(names: str) -> dict[str, Tree | None]:
    return dict.fromkeys(names.split())


_META = _leaves(
    "annotations creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers generateName generation labels managedFields"
    " name namespace ownerReferences resourceVersion selfLink uid"
)
_BACKEND: Tree = {"resource": _leaves("apiGroup kind name"), "service": {"name": None, "port": _leaves("name number")}}
_PATH: Tree = {"path": None, "pathType": None, "backend": _BACKEND}
_SERVICE: Tree = {
    **_leaves(
        "allocateLoadBalancerNodePorts clusterIP clusterIPs externalIPs externalName externalTrafficPolicy healthCheckNodePort"
        " internalTrafficPolicy ipFamilies ipFamilyPolicy loadBalancerClass loadBalancerIP loadBalancerSourceRanges"
        " publishNotReadyAddresses selector sessionAffinity trafficDistribution type"
    ),
    "ports": _leaves("appProtocol name nodePort port protocol targetPort"),
    "sessionAffinityConfig": {"clientIP": _leaves("timeoutSeconds")},
}
_BUILT_IN: Mapping[str, Tree] = {
    "Ingress": {
        "spec": {
            "defaultBackend": _BACKEND,
            "ingressClassName": None,
            "rules": {"host": None, "http": {"paths": _PATH}},
            "tls": _leaves("hosts secretName"),
        }
    },
    "IngressClass": {"spec": {"controller": None, "parameters": _leaves("apiGroup kind name namespace scope")}},
    "Namespace": {"spec": _leaves("finalizers")},
    "Secret": _leaves("data immutable stringData type"),
    "Service": {"spec": _SERVICE},
    "ServiceAccount": _leaves("automountServiceAccountToken imagePullSecrets secrets"),
}


@cache
def tree(kind: str) -> Tree | None:
    """The fields of a kind; None if they are not known here, because nobody writes such objects into files."""
    found = _BUILT_IN.get(kind) or _custom().get(kind)
    return {**_leaves("apiVersion kind status"), **found, "metadata": _META} if found else None


def unknown(kind: str, obj: Mapping[str, Any]) -> Iterator[UnknownField]:
    """Every field of an object that its kind does not have; what is below it is not judged. The first ones get a hint."""
    known = tree(kind)
    for count, (path, name, siblings) in enumerate(_strange(obj, known, "") if known else ()):
        yield UnknownField(path, name, _hint(name, siblings, known or {}) if count < PROBLEMS else "")


def _strange(value: Any, known: Tree, path: str) -> Iterator[tuple[str, str, Tree]]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _strange(item, known, f"{path}[{place}]")
    for name, below in value.items() if isinstance(value, Mapping) else ():
        if not isinstance(name, str):
            continue
        at = f"{path}.{name}".lstrip(".") if _PLAIN.fullmatch(name) else f'{path}["{name}"]'
        if name not in known:
            yield at, name, known
        elif (fields := known[name]) is not None:
            yield from _strange(below, fields, at)


def _hint(name: str, siblings: Tree, known: Tree) -> str:
    if "/" in name:
        return "; if it is an annotation, indent it below metadata.annotations"
    names = {each.lower(): each for each in siblings}
    if near := get_close_matches(name.lower(), names, n=1, cutoff=0.7):
        return f"; did you mean {names[near[0]]}?"
    places = list(_places(name, known, ""))
    return f"; did you mean {places[0]}?" if len(places) == 1 else ""


def _places(name: str, known: Tree, path: str) -> Iterator[str]:
    for each, below in known.items():
        if each == name:
            yield f"{path}{each}"
        yield from _places(name, below or {}, f"{path}{each}.")


@cache
def _custom() -> Mapping[str, Tree]:
    """Those of the custom kinds, in the newest version."""
    rows = [definition["spec"] for definition in crds.definitions()]
    return {row["names"]["kind"]: {"spec": _of(_properties(row["versions"][-1])["spec"])} for row in rows}


def _properties(version: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = version["schema"]["openAPIV3Schema"]["properties"]
    return found


def _of(schema: Mapping[str, Any]) -> Tree | None:
    entry = schema["items"] if schema.get("type") == "array" else schema
    properties = entry.get("properties")
    return {name: _of(each) for name, each in properties.items()} if properties else None
