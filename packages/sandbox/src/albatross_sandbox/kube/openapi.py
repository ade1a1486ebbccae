"""OpenAPI v3, as far as kubectl reads it: explain, diff, strategic merge and what fieldValidation can be asked of."""

from collections.abc import Iterator
from typing import Any

import orjson

from albatross_sandbox.kube import schema
from albatross_sandbox.kube.discovery import groups
from albatross_sandbox.kube.fault import unknown_path
from albatross_sandbox.kube.resources import Registry, Resource
from albatross_sandbox.kube.value import Obj

_REF = "#/components/schemas/"
_META = schema.META["$ref"].rsplit("/", 1)[-1]


def former(protobuf: bool) -> bytes:
    """An OpenAPI v2 document that describes nothing.

    kubectl asks for it to validate a `List`, whose kind no v3 document has, and leaves to the server what it does not find.
    """
    if protobuf:
        # gnostic's openapi_v2.Document: swagger = 1, info = 2 (title = 1, version = 2)
        info = b"\x0a\x0aKubernetes\x12\x07v1.37.0"
        return b"\x0a\x032.0\x12" + bytes([len(info)]) + info
    return orjson.dumps({"swagger": "2.0", "info": {"title": "Kubernetes", "version": "v1.37.0"}, "paths": {}, "definitions": {}})


def index(registry: Registry) -> Obj:
    """Where the document of each group and version is."""
    paths = {}
    for group, versions in groups(registry).items():
        for version, resources in versions.items():
            path = f"apis/{group}/{version}" if group else f"api/{version}"
            edition = registry.version if any(item.custom for item in resources) else 0
            paths[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={edition:032X}"}
    return {"paths": paths}


def document(registry: Registry, group: str, version: str) -> Obj:
    """The document of one group and version."""
    resources = groups(registry).get(group, {}).get(version)
    if resources is None:
        raise unknown_path()
    schemas: dict[str, Obj] = {}
    paths: Obj = {}
    for resource in resources:
        name = _schema(resource, schemas)
        paths.update(_paths(resource, name))
    info = {"title": "Kubernetes", "version": "v1.37.0"}
    return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": schemas}}


def _schema(resource: Resource, schemas: dict[str, Obj]) -> str:
    if not resource.custom:
        name = schema.definition_name(resource.group, resource.version, resource.kind)
        _collect(name, schemas)
        return name
    name = f"{'.'.join(reversed(resource.group.split('.')))}.{resource.version}.{resource.kind}"
    _collect(_META, schemas)
    properties = {
        **(resource.schema.get("properties") or {}),
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"allOf": [{"$ref": _REF + _META}]},
    }
    schemas[name] = {**resource.schema, "properties": properties, "x-kubernetes-group-version-kind": [_gvk(resource)]}
    return name


def _collect(name: str, schemas: dict[str, Obj]) -> None:
    """A definition and all it refers to."""
    waiting = [name]
    while waiting:
        name = waiting.pop()
        if name in schemas or name not in schema.definitions():
            continue
        schemas[name] = _plain(schema.definitions()[name])
        waiting += _references(schemas[name])


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rsplit("/", 1)[-1]
        for item in node.values():
            yield from _references(item)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


def _plain(node: Any) -> Any:
    """A definition without the nulls that the package allows everywhere."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        rest = {name: _plain(item) for name, item in node.items() if name != "$ref"}
        reference = {"$ref": _REF + node["$ref"].rsplit("/", 1)[-1]}
        return {**rest, "allOf": [reference]} if rest else reference
    found = {name: _plain(item) for name, item in node.items()}
    if isinstance(found.get("type"), list):
        found["type"] = next(item for item in found["type"] if item != "null")
    if isinstance(found.get("enum"), list):
        found["enum"] = [item for item in found["enum"] if item is not None]
    if isinstance(found.get("oneOf"), list):
        found = {**found, "x-kubernetes-int-or-string": True}
        del found["oneOf"]
    return found


def _gvk(resource: Resource) -> Obj:
    return {"group": resource.group, "version": resource.version, "kind": resource.kind}


def _paths(resource: Resource, name: str) -> Obj:
    answer = {"200": {"description": "OK", "content": {"application/json": {"schema": {"$ref": _REF + name}}}}}
    asked = [{"name": item, "in": "query", "schema": {"type": "string"}} for item in ("dryRun", "fieldManager", "fieldValidation")]

    def operation(action: str) -> Obj:
        found: Obj = {"x-kubernetes-action": action, "x-kubernetes-group-version-kind": _gvk(resource), "responses": answer}
        return found if action in ("get", "list") else {**found, "parameters": asked}

    base = f"/apis/{resource.api_version}" if resource.group else "/api/v1"
    base += ("/namespaces/{namespace}/" if resource.namespaced else "/") + resource.plural
    found = {
        base: {"get": operation("list"), "post": operation("post")},
        base + "/{name}": {action: operation(action) for action in ("get", "patch", "put", "delete")},
    }
    if "status" in resource.subresources:
        found[base + "/{name}/status"] = {action: operation(action) for action in ("get", "patch", "put")}
    return found
