"""The annotations as a JSON Schema, for editors that complete and check YAML: https://json-schema.org/draft-07."""

import re
from typing import Any

from albatross.catalog.annotations import ANNOTATIONS, Annotation
from albatross.catalog.schema import Schema

DRAFT = "http://json-schema.org/draft-07/schema#"
KINDS = ("Ingress", "Service")
"""The kinds of objects that carry annotations."""


def schema() -> Schema:
    """The schema of a manifest. Other kinds are not checked, and neither are unknown annotations: `lint` reports them."""
    return {
        "$schema": DRAFT,
        "title": "Annotations of Albatross",
        "type": "object",
        "properties": {"kind": {"type": "string"}},
        "allOf": [{"if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}, "then": _object(kind)} for kind in KINDS],
    }


def _object(kind: str) -> Schema:
    rows = [row for row in ANNOTATIONS.values() if kind in row.kinds]
    annotations: Schema = {
        "type": "object",
        "properties": {row.key: _value(row) for row in rows if "<" not in row.key},
        "patternProperties": {_pattern(row.key): _value(row) for row in rows if "<" in row.key},
    }
    return {"properties": {"metadata": {"type": "object", "properties": {"annotations": annotations}}}}


def _pattern(key: str) -> str:
    parts = re.split(r"<[^>]*>", key)
    return "^" + ".+".join(re.escape(part).replace("/", "\\/") for part in parts) + "$"


def _value(row: Annotation[Any]) -> Schema:
    """The value, which is always a string in Kubernetes."""
    limits = [f"{name}: {words}" for name, words in (("Type", row.type), ("Default", row.default), ("Range", row.range)) if words]
    found: Schema = {"type": "string", "description": "\n".join([f"{row.about}.", *limits, *filter(None, (row.source,))])}
    if row.example:
        found["examples"] = [row.example]
    if row.deprecated:
        found["deprecationMessage"] = f"Deprecated: {row.deprecated}"
    return found
