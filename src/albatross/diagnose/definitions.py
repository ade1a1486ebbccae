"""The custom resource definitions: present, and with all fields that the controller writes."""

from collections.abc import Iterator, Mapping
from typing import Any

from albatross.catalog import crds
from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import Evidence, Origin, key

COMMAND = "albatross render | kubectl apply --server-side -f -"
VERSION = "v1beta1"
"""The version that is stored."""


def check(evidence: Evidence) -> Iterator[Cause]:
    """Every definition that does not exist, or that lacks fields."""
    there = {key(each)[1]: each for each in evidence.of("CustomResourceDefinition")}
    for wanted in crds.definitions():
        name = key(wanted)[1]
        at = Origin("CustomResourceDefinition", "", name)
        if name not in there:
            yield cause("LB632", at, COMMAND, name=name, command=COMMAND)
        elif lacking := sorted(_fields(wanted) - _fields(there[name])):
            yield cause("LB633", at.at("spec.versions"), COMMAND, name=name, fields=", ".join(lacking), command=COMMAND)


def _fields(definition: Mapping[str, Any]) -> set[str]:
    """The paths of all fields in the schema of the stored version."""
    versions = [each for each in definition["spec"].get("versions") or () if each["name"] == VERSION]
    schemas = [(each.get("schema") or {}).get("openAPIV3Schema") or {} for each in versions]
    return {path for schema in schemas for path in _paths((schema.get("properties") or {}).get("spec") or {}, "spec")}


def _paths(schema: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, inner in (schema.get("properties") or {}).items():
        yield f"{path}.{name}"
        yield from _paths(inner.get("items") or inner, f"{path}.{name}")
