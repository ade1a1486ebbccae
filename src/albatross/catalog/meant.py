"""Values of a wrong type → the values that were probably meant, so that the rest of an object can be judged."""

import json
import re
from collections.abc import Mapping
from typing import Any

from albatross.catalog.shape import Malformed, at, put

ANNOTATIONS = "metadata.annotations"
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_FLAGS = {"true": True, "false": False}


def meant(obj: Mapping[str, Any], wrong: tuple[Malformed, ...]) -> Mapping[str, Any] | None:
    """The object with these wrong values replaced; None if one of them has no clear meaning."""
    for each in wrong:
        found = _meaning(at(obj, each.field), each)
        if found is None:
            return None
        obj = put(obj, each.field, found)
    return obj


def _meaning(value: object, wrong: Malformed) -> object:
    if wrong.type == "text":
        return _text(value, wrong.field.startswith(ANNOTATIONS))
    if isinstance(value, str):
        whole = wrong.type == "integer" and _WHOLE.fullmatch(value)
        return int(value) if whole else _FLAGS.get(value) if wrong.type == "boolean" else None
    return None


def _text(value: object, annotation: bool) -> str | None:
    """The text of a value without quotes. Annotations often have JSON values, and a YAML list or map there means JSON."""
    if isinstance(value, bool | int | float) or (annotation and isinstance(value, Mapping | list)):
        return json.dumps(value)
    return None
