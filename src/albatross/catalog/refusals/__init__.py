"""What the API server refuses in objects of the right types, before they are stored: found in files, before `kubectl apply`.

One file for each subject. The rules and the reasons are those of Kubernetes (`pkg/apis/*/validation`); the fixes are ours.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from albatross.catalog.refusals import custom, ingress, metadata, service
from albatross.catalog.refusals.refusal import Refusal
from albatross.catalog.shape import Cursor

__all__ = ["Refusal", "refusals"]

_RULES: Mapping[str, Callable[[Cursor], Iterator[Refusal]]] = {
    "Ingress": ingress.rules,
    "IngressClass": ingress.class_rules,
    "IngressClassParams": custom.rules,
    "Service": service.rules,
    "TargetGroupBinding": custom.rules,
}


def refusals(kind: str, obj: Mapping[str, Any]) -> tuple[Refusal, ...]:
    """Everything that the API server refuses in an object that has no wrong types (`kinds.parse` reads it)."""
    at = Cursor(obj)
    rules = _RULES.get(kind)
    return (*metadata.rules(kind, at), *(rules(at) if rules else ()))
