"""Reading and judging objects by their schemas: Kubernetes 1.37's own, and those of custom resource definitions."""

import copy
import functools
import importlib.util
import json
import pathlib
import re
from typing import Any

import orjson

from albatross_sandbox.kube.fault import Cause
from albatross_sandbox.kube.resources import Resource
from albatross_sandbox.kube.value import Obj

_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_FOLDER = "kubernetes-json-schema/v1.37.0-local"


@functools.cache
def definitions() -> dict[str, Obj]:
    """All type definitions of Kubernetes 1.37, by their dotted name."""
    spec = importlib.util.find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        raise RuntimeError("the sandbox needs the package kubernetes-validate: pip install albatross-sandbox")
    path = pathlib.Path(spec.origin).parent / _FOLDER / "_definitions.json"
    found: dict[str, Obj] = orjson.loads(path.read_bytes())["$defs"]
    return found


@functools.cache
def _by_kind() -> dict[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], str] = {}
    for name, definition in definitions().items():
        for kind in definition.get("x-kubernetes-group-version-kind") or ():
            found.setdefault((kind["group"], kind["version"], kind["kind"]), name)
    return found


def definition_name(group: str, version: str, kind: str) -> str:
    """The dotted name of a built-in kind's definition; empty where there is none."""
    return _by_kind().get((group, version, kind), "")


def of(resource: Resource) -> Obj:
    """The schema of a resource's objects."""
    if resource.custom:
        return resource.schema
    return definitions().get(definition_name(resource.group, resource.version, resource.kind), {})


def resolve(node: Obj) -> Obj:
    """A schema node with its reference followed."""
    while "$ref" in node:
        node = definitions().get(node["$ref"].rsplit("/", 1)[-1], {})
    return node


META: Obj = {"$ref": "#/$defs/" + _META}


def child(node: Obj, name: str) -> Obj | None:
    """The schema of a property of a resolved node; None where it has no such property."""
    properties = node.get("properties") or {}
    if name in properties:
        found: Obj = properties[name]
        return found
    extra = node.get("additionalProperties")
    if isinstance(extra, dict):
        return extra
    return {} if extra or _open(node) else None


def _open(node: Obj) -> bool:
    return bool(node.get("x-kubernetes-preserve-unknown-fields")) or ("properties" not in node and "additionalProperties" not in node)


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "integer": (int,),
    "number": (int, float),
}
_INDEX = re.compile(r"\[\d+\]")
_GO = {"boolean": "bool", "integer": "number", "object": "object", "array": "array", "string": "string", "number": "number"}


def _types(node: Obj) -> tuple[str, ...]:
    found = node.get("type") or ()
    return (found,) if isinstance(found, str) else tuple(item for item in found if item != "null")


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[kind])


def _fits(value: Any, node: Obj) -> bool:
    if node.get("x-kubernetes-int-or-string") or ("oneOf" in node and not node.get("type")):
        return True
    kinds = _types(node)
    return not kinds or any(_is(value, kind) for kind in kinds)


def type_name(value: Any) -> str:
    """The JSON type of a value."""
    return next((kind for kind in ("boolean", "integer", "number", "string", "array", "object") if _is(value, kind)), "null")


class Reader:
    """Copies an object, leaving out what its schema does not know.

    `unknown` collects the paths left out; `wrong` the values of a wrong type (path, found, wanted), of built-in kinds only:
    those of custom resources are judged later, with everything else.
    """

    def __init__(self, custom: bool) -> None:
        self._custom = custom
        self.unknown: list[str] = []
        self.wrong: list[tuple[str, str, str]] = []

    def read(self, resource: Resource, obj: Obj) -> Obj:
        """The copy."""
        return self._object(obj, of(resource), "", top=True)

    def _value(self, value: Any, node: Obj, path: str) -> Any:
        node = resolve(node)
        if not self._custom and not _fits(value, node):
            wanted = node.get("format") or "/".join(_types(node))
            self.wrong.append((_INDEX.sub("", path), _GO[type_name(value)], wanted))
            return value
        if isinstance(value, dict):
            return self._object(value, node, path, top=bool(node.get("x-kubernetes-embedded-resource")))
        if isinstance(value, list):
            items = node.get("items") or {}
            return [self._value(item, items, f"{path}[{number}]") for number, item in enumerate(value)]
        return value

    def _object(self, value: Obj, node: Obj, path: str, top: bool) -> Obj:
        found: Obj = {}
        for name, item in value.items():
            below = f"{path}.{name}" if path else name
            part = META if top and name == "metadata" else child(node, name)
            if top and name in ("apiVersion", "kind"):
                part = {"type": "string"}
            if part is None:
                self.unknown.append(below)
            elif item is None:
                if self._custom and self._null(part):
                    found[name] = None
            elif top and name == "metadata":
                # Metadata is a built-in type wherever it stands.
                meta = Reader(custom=False)
                found[name] = meta._value(item, part, below)
                self.unknown += meta.unknown
                self.wrong += meta.wrong
            else:
                found[name] = self._value(item, part, below)
        return found

    @staticmethod
    def _null(node: Obj) -> bool:
        """Whether a null stays: it may be meant, or must be complained of; one that has a default gives way to it."""
        return bool(node.get("nullable")) or "default" not in node


def fill(value: Any, node: Obj) -> None:
    """Write the defaults of a custom resource's schema into an object."""
    if isinstance(value, dict):
        for name, part in (node.get("properties") or {}).items():
            if name not in value and part.get("default") is not None:
                value[name] = copy.deepcopy(part["default"])
            if name in value:
                fill(value[name], part)
        extra = node.get("additionalProperties")
        if isinstance(extra, dict):
            for name, item in value.items():
                if name not in (node.get("properties") or {}):
                    fill(item, extra)
    elif isinstance(value, list):
        for item in value:
            fill(item, node.get("items") or {})


def quote(value: Any) -> str:
    """A value as error messages show it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Judge:
    """Collects what is wrong with an object by its schema.

    Of built-in kinds only required fields and enumerations are judged, and not in their status: the rest is decoded by type
    or checked by hand, as in the real server.
    """

    def __init__(self, custom: bool) -> None:
        self._custom = custom
        self.causes: list[Cause] = []

    def judge(self, resource: Resource, obj: Obj) -> list[Cause]:
        """The causes for which an object is invalid."""
        node = of(resource)
        for name, part in (node.get("properties") or {}).items():
            if name in obj and name not in ("metadata", "apiVersion", "kind") and (self._custom or name != "status"):
                self._value(obj[name], part, name)
        for name in node.get("required") or ():
            if name not in obj and name not in ("metadata", "status"):
                self._say(name, "Required value")
        return self.causes

    def _say(self, path: str, text: str) -> None:
        self.causes.append(Cause(path, text))

    def _value(self, value: Any, node: Obj, path: str) -> None:
        node = resolve(node)
        if value is None:
            if self._custom and not node.get("nullable") and _types(node):
                self._say(path, f'Invalid value: null: {path} in body must be of type {_types(node)[0]}: "null"')
            return
        if self._custom and not _fits(value, node):
            kind = "/".join(_types(node))
            self._say(path, f'Invalid value: "{type_name(value)}": {path} in body must be of type {kind}: "{type_name(value)}"')
            return
        allowed = [item for item in node.get("enum") or () if item is not None]
        if allowed and value not in allowed and (self._custom or value != ""):
            listing = ", ".join(quote(item) for item in sorted(allowed, key=str))
            self._say(path, f"Unsupported value: {quote(value)}: supported values: {listing}")
        if self._custom:
            self._bounds(value, node, path)
            self._combined(value, node, path)
        if isinstance(value, dict):
            self._object(value, node, path)
        elif isinstance(value, list):
            self._list(value, node, path)

    def _object(self, value: Obj, node: Obj, path: str) -> None:
        for name in node.get("required") or ():
            if name not in value:
                self._say(f"{path}.{name}", "Required value")
        for name, item in value.items():
            part = child(node, name)
            if part:
                self._value(item, part, f"{path}.{name}")

    def _list(self, value: list[Any], node: Obj, path: str) -> None:
        keys = node.get("x-kubernetes-list-map-keys") or ()
        seen = set()
        for number, item in enumerate(value):
            self._value(item, node.get("items") or {}, f"{path}[{number}]")
            if not self._custom or node.get("x-kubernetes-list-type") not in ("map", "set"):
                continue
            known = quote({key: item.get(key) for key in keys} if keys and isinstance(item, dict) else item)
            if known in seen:
                self._say(f"{path}[{number}]", f"Duplicate value: {known}")
            seen.add(known)

    def _bounds(self, value: Any, node: Obj, path: str) -> None:
        if isinstance(value, str):
            self._text(value, node, path)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            self._number(value, node, path)
        elif isinstance(value, (list, dict)):
            noun = "items" if isinstance(value, list) else "properties"
            least, most = node.get(f"min{noun.title()}"), node.get(f"max{noun.title()}")
            if least is not None and len(value) < least:
                self._say(path, f"Invalid value: {len(value)}: {path} in body should have at least {least} {noun}")
            if most is not None and len(value) > most:
                self._say(path, f"Too many: {len(value)}: must have at most {most} items")

    def _text(self, value: str, node: Obj, path: str) -> None:
        if len(value) < (node.get("minLength") or 0):
            self._say(path, f"Invalid value: {quote(value)}: {path} in body should be at least {node['minLength']} chars long")
        if node.get("maxLength") is not None and len(value) > node["maxLength"]:
            self._say(path, f"Too long: may not be more than {node['maxLength']} bytes")
        if node.get("pattern") and not _search(node["pattern"], value):
            self._say(path, f"Invalid value: {quote(value)}: {path} in body should match '{node['pattern']}'")

    def _number(self, value: float, node: Obj, path: str) -> None:
        least, most = node.get("minimum"), node.get("maximum")
        if least is not None and (value < least or (node.get("exclusiveMinimum") and value == least)):
            self._say(path, f"Invalid value: {quote(value)}: {path} in body should be greater than or equal to {least}")
        if most is not None and (value > most or (node.get("exclusiveMaximum") and value == most)):
            self._say(path, f"Invalid value: {quote(value)}: {path} in body should be less than or equal to {most}")
        step = node.get("multipleOf")
        if step and value % step:
            self._say(path, f"Invalid value: {quote(value)}: {path} in body should be a multiple of {step}")

    def _combined(self, value: Any, node: Obj, path: str) -> None:
        for part in node.get("allOf") or ():
            self._value(value, part, path)
        if node.get("x-kubernetes-int-or-string"):
            return
        for word, text in (
            ("anyOf", "must validate at least one schema (anyOf)"),
            ("oneOf", "must validate one and only one schema (oneOf)"),
        ):
            parts = node.get(word) or ()
            good = sum(self._passes(value, part) for part in parts)
            if parts and (good == 0 or (word == "oneOf" and good > 1)):
                self._say(path, f"Invalid value: {quote(value)}: {path} in body {text}")
        if node.get("not") and self._passes(value, node["not"]):
            self._say(path, f"Invalid value: {quote(value)}: {path} in body must not validate the schema (not)")

    def _passes(self, value: Any, node: Obj) -> bool:
        probe = Judge(custom=True)
        probe._value(value, node, "")
        return not probe.causes


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern.replace(r"\z", r"\Z"))
    except re.error:
        return None


def _search(pattern: str, value: str) -> bool:
    """Whether a pattern is found; one that Python's dialect cannot read counts as found."""
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(value) is not None
