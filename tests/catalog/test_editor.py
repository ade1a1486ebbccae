"""The JSON Schema of the annotations has every row, and accepts the keys that the table finds."""

import re
from typing import Any

import pytest

from albatross.catalog.annotations import ANNOTATIONS, Annotation, find
from albatross.catalog.editor import KINDS, schema


def annotations(kind: str) -> dict[str, Any]:
    (then,) = [each["then"] for each in schema()["allOf"] if each["if"]["properties"]["kind"]["const"] == kind]
    found: dict[str, Any] = then["properties"]["metadata"]["properties"]["annotations"]
    return found


@pytest.mark.parametrize("row", ANNOTATIONS.values(), ids=lambda row: row.key)
def test_every_annotation_is_in_the_schema_of_its_kinds(row: Annotation[Any]) -> None:
    key = row.prefix + row.example_name
    for kind in set(row.kinds) & set(KINDS):
        found = annotations(kind)
        value = found["properties"].get(key) or next(
            value for pattern, value in found["patternProperties"].items() if re.search(pattern, key) and row.about in value["description"]
        )
        assert (find(key) or row).about in value["description"]
        assert value["type"] == "string"
        assert value.get("examples", [row.example]) == [row.example]
        assert ("deprecationMessage" in value) == bool(row.deprecated)


def test_all_kinds_with_annotations_are_known() -> None:
    assert {kind for row in ANNOTATIONS.values() for kind in row.kinds} - set(KINDS) <= {"Pod", "Namespace", "TargetGroupBinding"}
