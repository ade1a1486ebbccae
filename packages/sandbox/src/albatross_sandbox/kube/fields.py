"""Sets of fields, as metav1.FieldsV1 writes them, and what can be done with them.

A set is a tree: `f:name` is a field, `k:{…}` an item of a list by its keys, `v:…` an item by its value, and `.` says that
the node itself belongs to the set. In the written form a node with nothing but `.` is empty.
"""

from typing import Any

from albatross_sandbox.kube import schema
from albatross_sandbox.kube.value import Obj

Tree = dict[str, Any]
LEAF: Tree = {".": {}}
_DEFAULT_KEYS = {"protocol": "TCP"}  # the only list key of a built-in type that has a default


def encode(tree: Tree) -> Tree:
    """The written form of a set."""
    return {name: {} if name == "." or below == LEAF else encode(below) for name, below in sorted(tree.items())}


def decode(written: Tree) -> Tree:
    """A set from its written form."""
    return {name: {} if name == "." else decode(below) if below else dict(LEAF) for name, below in written.items()}


def _whole(raw: Obj, node: Obj, value: Any) -> bool:
    """Whether a value is owned and replaced as one: a scalar, or what its schema calls atomic."""
    if isinstance(value, dict):
        return "atomic" in (raw.get("x-kubernetes-map-type"), node.get("x-kubernetes-map-type"))
    if isinstance(value, list):
        return node.get("x-kubernetes-list-type") not in ("map", "set")
    return True


def _leaf(raw: Obj, node: Obj, value: Any) -> bool:
    """Whether a value has no fields of its own: that, or something empty."""
    return not value or _whole(raw, node, value)


def item_key(node: Obj, item: Any) -> str:
    """The name of a list's item in a set."""
    if node.get("x-kubernetes-list-type") != "map" or not isinstance(item, dict):
        return "v:" + schema.quote(item)
    keys = sorted(node.get("x-kubernetes-list-map-keys") or ())
    return "k:" + schema.quote({key: item.get(key, _DEFAULT_KEYS.get(key)) for key in keys if key in item or key in _DEFAULT_KEYS})


def _parts(node: Obj, value: Any) -> dict[str, tuple[Any, Obj]]:
    """The children of a granular value, by their name in a set, with their schemas."""
    if isinstance(value, dict):
        return {"f:" + name: (item, schema.child(node, name) or {}) for name, item in value.items()}
    items = node.get("items") or {}
    return {item_key(node, item): (item, items) for item in value}


def of(value: Any, raw: Obj) -> Tree:
    """All fields of a value."""
    node = schema.resolve(raw)
    if _leaf(raw, node, value):
        return dict(LEAF)
    struct = isinstance(value, dict) and "additionalProperties" not in node
    found: Tree = {} if struct else {".": {}}
    for name, (item, part) in _parts(node, value).items():
        below = of(item, part)
        found[name] = {".": {}, **below} if not name.startswith("f:") else below
    return found


def differ(old: Any, new: Any, raw: Obj) -> tuple[Tree, Tree]:
    """The fields that are new or changed, and the fields that are gone."""
    if old == new:
        return {}, {}
    node = schema.resolve(raw)
    if type(old) is not type(new) or _leaf(raw, node, old) or _leaf(raw, node, new):
        changed = of(new, raw)
        return changed, minus(of(old, raw), changed)
    before, after = _parts(node, old), _parts(node, new)
    changed, gone = {}, {}
    for name, (item, part) in after.items():
        if name not in before:
            changed[name] = of(item, part) if name.startswith("f:") else {".": {}, **of(item, part)}
            continue
        more, less = differ(before[name][0], item, part)
        changed.update({name: more} if more else {})
        gone.update({name: less} if less else {})
    for name, (item, part) in before.items():
        if name not in after:
            gone[name] = of(item, part) if name.startswith("f:") else {".": {}, **of(item, part)}
    return changed, gone


def union(one: Tree, other: Tree) -> Tree:
    """The fields of either set."""
    found = dict(one)
    for name, below in other.items():
        found[name] = union(found[name], below) if name in found else below
    return found


def minus(one: Tree, other: Tree) -> Tree:
    """The fields of the first set that the second does not have."""
    found = {}
    for name, below in one.items():
        if name == ".":
            if "." not in other:
                found["."] = below
            continue
        left = minus(below, other[name]) if name in other else below
        if left:
            found[name] = left
    return found


def both(one: Tree, other: Tree) -> Tree:
    """The fields of both sets."""
    found = {}
    for name in one.keys() & other.keys():
        below = {} if name == "." else both(one[name], other[name])
        if name == "." or below:
            found[name] = below
    return found


def paths(tree: Tree, at: str = "") -> list[str]:
    """The fields of a set as conflict messages name them: `.spec.ports[port=80,protocol="TCP"].name`."""
    found = [at] if "." in tree else []
    for name in sorted(tree):
        if name == ".":
            continue
        found += paths(tree[name], at + _step(name))
    return found


def _step(name: str) -> str:
    kind, rest = name[:2], name[2:]
    if kind == "f:":
        return "." + rest
    if kind == "v:":
        return f"[={rest}]"
    return "[" + rest[1:-1].replace('":', "=").replace(',"', ",").removeprefix('"') + "]"


def freed(one: Tree, other: Tree) -> Tree:
    """The fields of the first set in which, and below which, the second has nothing."""
    found: Tree = {".": {}} if "." in one and not other else {}
    for name, below in one.items():
        left = {} if name == "." else freed(below, other.get(name) or {})
        if left:
            found[name] = left
    return found


def cut(value: Any, tree: Tree, raw: Obj) -> Any:
    """A value without the fields of a set; None where nothing is left of it."""
    node = schema.resolve(raw)
    if "." in tree:
        return None
    if _leaf(raw, node, value):
        return value
    kept = {}
    for name, (item, part) in _parts(node, value).items():
        left = cut(item, tree[name], part) if name in tree else item
        if left is not None:
            kept[name] = left
    if not kept:
        return None
    return {name[2:]: item for name, item in kept.items()} if isinstance(value, dict) else list(kept.values())


def lay(target: Any, change: Any, raw: Obj) -> Any:
    """Lay an applied value over the present one."""
    node = schema.resolve(raw)
    if type(target) is not type(change) or _whole(raw, node, change) or _whole(raw, node, target):
        return change
    have = _parts(node, target)
    want = _parts(node, change)
    merged = {name: item for name, (item, _) in have.items()}
    for name, (item, part) in want.items():
        merged[name] = lay(merged[name], item, part) if name in merged else item
    if isinstance(change, dict):
        return {name[2:]: item for name, item in merged.items()}
    ordered = [name for name in want if name not in have]
    return [merged[name] for name in [*have, *ordered]]


def at(value: Any, tree: Tree, other: Any, raw: Obj) -> Tree:
    """The part of a set in which two values differ."""
    node = schema.resolve(raw)
    if value == other:
        return {}
    if type(value) is not type(other) or _whole(raw, node, value) or _whole(raw, node, other):
        return tree
    one, two = _parts(node, value), _parts(node, other)
    found = {}
    for name, below in tree.items():
        if name == ".":
            continue
        shared = name in one and name in two
        left = at(one[name][0], below, two[name][0], one[name][1]) if shared else below
        if left:
            found[name] = left
    return found
