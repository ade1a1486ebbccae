"""Who owns which field: managedFields of ordinary writes, and server-side apply."""

from typing import Any

from albatross_sandbox.kube import fields, schema
from albatross_sandbox.kube.fault import Cause, Fault
from albatross_sandbox.kube.fields import Tree
from albatross_sandbox.kube.options import Options
from albatross_sandbox.kube.resources import Resource
from albatross_sandbox.kube.value import Obj, now

_SERVERS = (
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "generation",
    "managedFields",
    "selfLink",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generateName",
)


def _root(resource: Resource) -> Obj:
    node = schema.resolve(schema.of(resource))
    return {**node, "properties": {**(node.get("properties") or {}), "metadata": schema.META}, "x-kubernetes-preserve-unknown-fields": True}


def _owned(resource: Resource, obj: Obj | None, subresource: str) -> Obj:
    """The part of an object that managers can own: the status is the status subresource's alone, where there is one."""
    if obj is None:
        return {}
    if subresource == "status":
        body = {"status": obj["status"]} if obj.get("status") else {}
        return body if resource.custom else {**body, **_labels(obj)}
    apart = ("status",) if "status" in resource.subresources else ()
    body = {name: value for name, value in obj.items() if name not in ("apiVersion", "kind", "metadata", *apart)}
    return {**body, **_labels(obj)}


def _labels(obj: Obj) -> Obj:
    """The part of the metadata that managers can own."""
    metadata = {name: value for name, value in obj["metadata"].items() if name not in _SERVERS}
    return {"metadata": metadata} if metadata else {}


class Ownership:
    """Keeps managedFields through creates, updates and patches."""

    def track(self, resource: Resource, old: Obj | None, new: Obj, manager: str, subresource: str) -> None:
        """Give the manager what it has changed, and take that from all others."""
        before, after = _owned(resource, old, subresource), _owned(resource, new, subresource)
        entries: list[Obj] = list(new["metadata"].get("managedFields") or ())
        if before == after:
            return
        changed, gone = _differ(before, after, _root(resource))
        written = []
        mine: Obj = {}
        for entry in entries:
            if _same(entry, resource, manager, "Update", subresource):
                mine = entry
                continue
            left = fields.minus(fields.minus(fields.decode(entry.get("fieldsV1") or {}), changed), gone)
            if left:
                written.append({**entry, "fieldsV1": fields.encode(left)})
        tree = fields.minus(fields.union(fields.decode(mine.get("fieldsV1") or {}), changed), gone)
        if tree:
            written.append(_entry(resource, manager, "Update", subresource, tree))
        new["metadata"]["managedFields"] = written


def _differ(before: Obj, after: Obj, root: Obj) -> tuple[Tree, Tree]:
    if not before:
        return fields.of(after, root), {}
    return fields.differ(before, after, root)


def _same(entry: Obj, resource: Resource, manager: str, operation: str, subresource: str) -> bool:
    known = (entry.get("manager"), entry.get("operation"), entry.get("subresource") or "", entry.get("apiVersion"))
    return known == (manager, operation, subresource, resource.api_version)


def _entry(resource: Resource, manager: str, operation: str, subresource: str, tree: Tree) -> Obj:
    entry: Obj = {"manager": manager, "operation": operation, "apiVersion": resource.api_version, "time": now()}
    entry.update({"fieldsType": "FieldsV1", "fieldsV1": fields.encode(tree)})
    return {**entry, "subresource": subresource} if subresource else entry


def fresh(resource: Resource, applied: Obj, manager: str, subresource: str = "") -> list[Obj]:
    """The managedFields of an object that an apply creates."""
    return [_entry(resource, manager, "Apply", subresource, fields.of(_owned(resource, applied, subresource), _root(resource)))]


class Application:
    """One server-side apply: a configuration, laid over whatever the object is at the time."""

    def __init__(self, resource: Resource, applied: Obj, options: Options, subresource: str) -> None:
        self._resource, self._options, self._subresource = resource, options, subresource
        self._root = _root(resource)
        self._body = _owned(resource, applied, subresource)
        self._version = applied["metadata"].get("resourceVersion")
        self._tree = fields.of(self._body, self._root)

    def edit(self, current: Obj) -> Obj:
        """The object with the configuration applied; a Fault 409 where others own what it changes."""
        live, root = _owned(self._resource, current, self._subresource), self._root
        mine, others = self._split(current)
        clashes = [(entry, fields.at(live, fields.both(owned, self._tree), self._body, root)) for entry, owned in others]
        clashes = [(entry, tree) for entry, tree in clashes if tree]
        if clashes and not self._options.force:
            raise _refusal(clashes)
        taken: Tree = {}
        for _, tree in clashes:
            taken = fields.union(taken, tree)
        kept = [(entry, fields.minus(owned, taken)) for entry, owned in others]
        merged = fields.lay(live, self._body, root) if live else self._body
        theirs: Tree = {}
        for _, owned in kept:
            theirs = fields.union(theirs, owned)
        dropped = fields.freed(fields.freed(mine, self._tree), theirs)
        if dropped:
            merged = fields.cut(merged, dropped, root) or {}
        return self._whole(current, merged, [({**entry, "fieldsV1": fields.encode(owned)}) for entry, owned in kept if owned])

    def _split(self, current: Obj) -> tuple[Tree, list[tuple[Obj, Tree]]]:
        mine: Tree = {}
        others = []
        for entry in current["metadata"].get("managedFields") or ():
            tree = fields.decode(entry.get("fieldsV1") or {})
            if self._own(entry):
                mine = tree
            else:
                others.append((entry, tree))
        return mine, others

    def _own(self, entry: Obj) -> bool:
        known = (entry.get("manager"), entry.get("operation"), entry.get("subresource") or "")
        return known == (self._options.manager, "Apply", self._subresource)

    def _whole(self, current: Obj, merged: Obj, kept: list[Obj]) -> Obj:
        servers = {name: value for name, value in current["metadata"].items() if name in _SERVERS}
        if self._version:
            servers["resourceVersion"] = self._version
        entry = _entry(self._resource, self._options.manager, "Apply", self._subresource, self._tree)
        for old in current["metadata"].get("managedFields") or ():
            if self._own(old) and old.get("fieldsV1") == entry["fieldsV1"]:
                entry["time"] = old.get("time")
        metadata = {**servers, **(merged.get("metadata") or {}), "managedFields": [*kept, entry]}
        return {"apiVersion": current["apiVersion"], "kind": current["kind"], **merged, "metadata": metadata}


def _refusal(clashes: list[tuple[Obj, Tree]]) -> Fault:
    named: dict[str, list[str]] = {}
    for entry, tree in clashes:
        named.setdefault(_manager(entry), []).extend(fields.paths(tree))
    flat = [(manager, path) for manager, found in named.items() for path in found]
    if len(flat) == 1:
        text = f"Apply failed with 1 conflict: conflict with {flat[0][0]}: {flat[0][1]}"
    else:
        lines = [line for manager in sorted(named) for line in (f"conflicts with {manager}:", *(f"- {path}" for path in named[manager]))]
        text = f"Apply failed with {len(flat)} conflicts: " + "\n".join(lines)
    causes = [Cause(path, f"conflict with {manager}") for manager, path in flat]
    details: Any = [{"reason": "FieldManagerConflict", "message": cause.text, "field": cause.field} for cause in causes]
    return Fault(409, "Conflict", text, {"causes": details})


def _manager(entry: Obj) -> str:
    text = f'"{entry.get("manager", "")}"'
    if entry.get("subresource"):
        text += f' with subresource "{entry["subresource"]}"'
    return f"{text} using {entry.get('apiVersion')}" if entry.get("operation") == "Update" else text
