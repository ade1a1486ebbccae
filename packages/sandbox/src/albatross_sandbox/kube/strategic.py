"""Strategic merge patch, with the order of lists as k8s.io/apimachinery/pkg/util/strategicpatch leaves it."""

from typing import Any

from albatross_sandbox.kube import schema
from albatross_sandbox.kube.fault import bad_request
from albatross_sandbox.kube.value import Obj

_ORDER, _DROP = "$setElementOrder/", "$deleteFromPrimitiveList/"


def merge(target: Any, change: Obj, node: Obj) -> Any:
    """Lay a strategic merge patch over a value of a schema; None where the patch deletes it."""
    node = schema.resolve(node)
    directive = change.get("$patch")
    if directive == "replace":
        return {name: value for name, value in change.items() if name != "$patch"}
    if directive == "delete":
        return None
    found = dict(target) if isinstance(target, dict) else {}
    if "$retainKeys" in change:
        found = {name: value for name, value in found.items() if name in change["$retainKeys"]}
    before = dict(found)
    for name, value in change.items():
        if name.startswith(_DROP):
            bare = name[len(_DROP) :]
            found[bare] = [item for item in found.get(bare) or () if item not in value]
        elif not name.startswith("$"):
            _field(found, name, value, schema.child(node, name) or {})
    for name, wanted in change.items():
        bare = name[len(_ORDER) :]
        if name.startswith(_ORDER) and found.get(bare):
            part = schema.child(node, bare) or {}
            key = part.get("x-kubernetes-patch-merge-key") or ""
            found[bare] = _ordered(found[bare], wanted, before.get(bare) or [], key)
    return found


def _field(found: Obj, name: str, value: Any, part: Obj) -> None:
    if value is None:
        found.pop(name, None)
    elif isinstance(value, list):
        found[name] = _list(found.get(name), value, part)
    elif isinstance(value, dict):
        merged = merge(found.get(name), value, part)
        if merged is None:
            found.pop(name, None)
        else:
            found[name] = merged
    else:
        found[name] = value


def _list(present: Any, change: list[Any], part: Obj) -> list[Any]:
    strategy, key = part.get("x-kubernetes-patch-strategy") or "", part.get("x-kubernetes-patch-merge-key") or ""
    if "merge" not in strategy:
        return [_bare(item) for item in change if not _says(item, "delete")]
    present = list(present or [])
    if not key:
        merged = list(dict.fromkeys([*present, *change]))
        return _ordered(merged, change, present, "")
    if any(_says(item, "replace") for item in change):
        return [item for item in change if not _says(item, "replace")]
    items, merged = schema.resolve(schema.resolve(part).get("items") or {}), list(present)
    for item in change:
        if not isinstance(item, dict) or key not in item:
            raise bad_request(f"map: {schema.quote(item)} does not contain declared merge key: {key}")
        merged = _item(merged, item, items, key)
    added = [item for item in change if not _says(item, "delete")]
    return _ordered(merged, added, present, key)


def _item(merged: list[Any], item: Obj, items: Obj, key: str) -> list[Any]:
    place = next((number for number, have in enumerate(merged) if have.get(key) == item[key]), None)
    if _says(item, "delete"):
        return [have for have in merged if have.get(key) != item[key]]
    if place is None:
        return [*merged, merge({}, item, items)]
    merged[place] = merge(merged[place], item, items)
    return merged


def _says(item: Any, directive: str) -> bool:
    return isinstance(item, dict) and item.get("$patch") == directive


def _bare(item: Any) -> Any:
    return {name: value for name, value in item.items() if name != "$patch"} if isinstance(item, dict) else item


def _identity(item: Any, key: str) -> str:
    return schema.quote(item.get(key) if key and isinstance(item, dict) else item)


def _ordered(merged: list[Any], patched: list[Any], server: list[Any], key: str) -> list[Any]:
    """The merged list with what the patch names in its order, and the rest in the server's, zipped by the server's order."""
    wanted = {_identity(item, key): number for number, item in enumerate(patched)}
    known = {_identity(item, key): number for number, item in enumerate(server)}
    right = sorted((item for item in merged if _identity(item, key) in wanted), key=lambda item: wanted[_identity(item, key)])
    left = [item for item in merged if _identity(item, key) not in wanted]
    left.sort(key=lambda item: known.get(_identity(item, key), len(known)))
    found: list[Any] = []
    while left and right:
        first, second = known.get(_identity(left[0], key)), known.get(_identity(right[0], key))
        found.append(left.pop(0) if first is not None and second is not None and first < second else right.pop(0))
    return found + left + right
