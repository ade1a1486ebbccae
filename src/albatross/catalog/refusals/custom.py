"""IngressClassParams and TargetGroupBindings: what the schemas of their CustomResourceDefinitions refuse.

The texts are those of the validation of k8s.io/kube-openapi, as the API server sends them.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from albatross.catalog import crds
from albatross.catalog.refusals.refusal import Refusal, invalid, required, unsupported
from albatross.catalog.shape import Cursor

ELSEWHERE = frozenset(("spec.vpcID",))
"""Fields with a problem row of their own."""


def rules(at: Cursor) -> Iterator[Refusal]:
    """What is refused in `spec`: missing fields, words that are not in the list, and texts of another form."""
    yield from _checked(at["spec"], _schema(at["kind"].text()))


@cache
def _schema(kind: str) -> Mapping[str, Any]:
    (found,) = [each for each in crds.definitions() if each["spec"]["names"]["kind"] == kind]
    schema: Mapping[str, Any] = found["spec"]["versions"][-1]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return schema


def _checked(at: Cursor, schema: Mapping[str, Any]) -> Iterator[Refusal]:
    """`at` has the right type already; what is absent is refused only by its parent."""
    match schema:
        case {"properties": dict() as properties}:
            for name in schema.get("required", ()) if at.present else ():
                if not at[name].present:
                    yield required(at[name].path, f"add {name}")
            for name, inner in properties.items():
                if at.present and at[name].present and at[name].path not in ELSEWHERE:
                    yield from _checked(at[name], inner)
        case {"items": dict() as inner}:
            for each in at.items():
                yield from _checked(each, inner)
        case {"enum": list() as words} if at.value not in words:
            yield unsupported(at, tuple(words), f"write one of: {', '.join(words)}")
        case {"pattern": str() as pattern} if not re.search(pattern, at.text()):
            yield invalid(at, f"should match '{pattern}'", f"write a value that matches {pattern}")
