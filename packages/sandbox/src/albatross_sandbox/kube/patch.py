"""JSON patch (RFC 6902) and merge patch (RFC 7386)."""

from typing import Any

import jsonpatch
import jsonpointer  # jsonpatch brings it along

from albatross_sandbox.kube.fault import Fault, bad_request
from albatross_sandbox.kube.value import Obj

_MOST = 10_000  # operations; k8s.io/apiserver/pkg/endpoints/handlers/patch.go maxJSONPatchOperations


def merge(target: Any, change: Any) -> Any:
    """Lay a merge patch over a value, which stays as it is."""
    if not isinstance(change, dict):
        return change
    found = dict(target) if isinstance(target, dict) else {}
    for name, value in change.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = merge(found.get(name), value)
    return found


def operations(target: Obj, steps: Any) -> Obj:
    """Apply the operations of a JSON patch; a Fault 422 where one does not fit, or a test fails."""
    if not isinstance(steps, list):
        raise bad_request("error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    if len(steps) > _MOST:
        raise Fault(413, "RequestEntityTooLarge", f"The allowed maximum operations in a JSON patch is {_MOST}, got {len(steps)}")
    try:
        changed: Obj = jsonpatch.apply_patch(target, steps)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError) as problem:
        raise Fault(422, "Invalid", f"the server rejected our request due to an error in our request: {problem}") from problem
    return changed
