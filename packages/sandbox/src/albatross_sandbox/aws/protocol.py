"""The Query wire protocol, driven by botocore's service models: forms in, XML out, nothing written by hand per operation."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import botocore.loaders
import botocore.model
import orjson

from albatross_sandbox.aws.fault import Fault, invalid

Shape = Any  # botocore.model.Shape: botocore ships no types


@cache
def model(service: str) -> Any:
    """Botocore's service model by client name."""
    data = botocore.loaders.Loader().load_service_model(service, "service-2")
    return botocore.model.ServiceModel(data, service)


@cache
def operations(service: str) -> frozenset[str]:
    """Names of every operation that the service declares."""
    return frozenset(model(service).operation_names)


def tree(form: Mapping[str, str]) -> dict[str, Any]:
    """A flat form as nested dicts: `A.member.1=x` becomes {"A": {"member": {"1": "x"}}}."""
    root: dict[str, Any] = {}
    for key, value in form.items():
        *path, last = key.split(".")
        node = root
        for part in path:
            child = node.get(part)
            if not isinstance(child, dict):
                child = node[part] = {}
            node = child
        node[last] = value
    return root


def plain(node: Any) -> Any:
    """A form tree with its numbered dicts turned to lists, for services whose model is not loaded."""
    if not isinstance(node, dict):
        return node
    if node and all(key.isdigit() for key in node):
        return [plain(node[key]) for key in sorted(node, key=int)]
    if set(node) == {"member"}:
        return plain(node["member"])
    return {key: plain(value) for key, value in node.items()}


def parse(service: str, operation: str, form: Mapping[str, str]) -> dict[str, Any]:
    """The typed request of an operation, checked against its model; raises Fault(ValidationError)."""
    shape = model(service).operation_model(operation).input_shape
    if shape is None:
        return {}
    request = _structure(shape, tree(form), "")
    return request


def _structure(shape: Shape, node: Any, path: str) -> dict[str, Any]:
    node = node if isinstance(node, dict) else {}
    out: dict[str, Any] = {}
    for name, member in shape.members.items():
        key = member.serialization.get("name", name)
        where = f"{path}.{_lower(name)}" if path else _lower(name)
        if key in node:
            out[name] = _value(member, node[key], where)
        elif name in shape.required_members:
            raise _constraint("null", where, "Member must not be null")
    return out


def _value(shape: Shape, node: Any, path: str) -> Any:
    if shape.type_name == "structure":
        return _structure(shape, node, path)
    if shape.type_name == "list":
        return _list(shape, node, path)
    if shape.type_name == "map":
        return _map(shape, node, path)
    if isinstance(node, dict):
        raise Fault("MalformedInput", f"Start of structure or map found where not expected at '{path}'")
    return _scalar(shape, node, path)


def _list(shape: Shape, node: Any, path: str) -> list[Any]:
    if not isinstance(node, dict):
        return []
    items = node if shape.serialization.get("flattened") else node.get(shape.member.serialization.get("name", "member"), {})
    keys = sorted((key for key in items if key.isdigit()), key=int)
    values = [_value(shape.member, items[key], f"{path}.{index}.member") for index, key in enumerate(keys, 1)]
    _bounds(shape, len(values), str(values), path, "length")
    return values


def _map(shape: Shape, node: Any, path: str) -> dict[str, Any]:
    """`….entry.N.key` and `….entry.N.value`."""
    entries = node.get("entry", {}) if isinstance(node, dict) else {}
    rows = [entries[key] for key in sorted((key for key in entries if key.isdigit()), key=int)]
    return {row["key"]: _value(shape.value, row["value"], f"{path}.{row['key']}.member") for row in rows if {"key", "value"} <= set(row)}


def _scalar(shape: Shape, text: str, path: str) -> Any:
    kind = shape.type_name
    if kind in ("integer", "long"):
        return _number(shape, text, path)
    if kind in ("double", "float"):
        return float(text)
    if kind == "boolean":
        return text.lower() == "true"
    if kind == "string":
        _text(shape, text, path)
    return text


def _number(shape: Shape, text: str, path: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise Fault("MalformedInput", f"'{text}' at '{path}' is not an integer") from None
    _bounds(shape, number, text, path, "value")
    return number


def _text(shape: Shape, text: str, path: str) -> None:
    if shape.enum and text not in shape.enum:
        values = ", ".join(shape.enum)
        raise _constraint(text, path, f"Member must satisfy enum value set: [{values}]")
    _bounds(shape, len(text), text, path, "length")
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(text):
        raise _constraint(text, path, f"Member must satisfy regular expression pattern: {pattern}")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A model's pattern; Java's, so what Python cannot read matches everything."""
    try:
        return re.compile(pattern)
    except re.error:
        return re.compile(r"(?s).*")


def _bounds(shape: Shape, size: int, value: str, path: str, what: str) -> None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        raise _constraint(value, path, f"Member must have {what} greater than or equal to {low}")
    if high is not None and size > high:
        raise _constraint(value, path, f"Member must have {what} less than or equal to {high}")


def _constraint(value: str, path: str, rule: str) -> Fault:
    shown = "null" if value == "null" else f"'{value}'"
    return invalid(f"1 validation error detected: Value {shown} at '{path}' failed to satisfy constraint: {rule}")


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def render(service: str, operation: str, result: Mapping[str, Any], request_id: str) -> str:
    """The XML answer of a Query operation."""
    described = model(service).operation_model(operation)
    body = _render_structure(described.output_shape, result) if described.output_shape is not None else ""
    space = model(service).metadata["xmlNamespace"]
    return (
        f'<{operation}Response xmlns="{space}"><{operation}Result>{body}</{operation}Result>'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    )


def _render_structure(shape: Shape, value: Mapping[str, Any]) -> str:
    parts = []
    for name, member in shape.members.items():
        item = value.get(name)
        if item is not None:
            tag = member.serialization.get("name", name)
            parts.append(f"<{tag}>{_render(member, item)}</{tag}>")
    return "".join(parts)


def _render(shape: Shape, value: Any) -> str:
    kind = shape.type_name
    if kind == "structure":
        return _render_structure(shape, value)
    if kind == "list":
        return "".join(f"<member>{_render(shape.member, item)}</member>" for item in value)
    if kind == "map":
        rows = ((_render(shape.key, key), _render(shape.value, item)) for key, item in value.items())
        return "".join(f"<entry><key>{key}</key><value>{item}</value></entry>" for key, item in rows)
    if kind == "boolean":
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
    return escape(_legal(str(value)))


def _legal(text: str) -> str:
    """The text without what XML 1.0 cannot hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def refusal(protocol: str, fault: Fault, request_id: str) -> tuple[str, str]:
    """A fault's body and content type in the protocol's own form."""
    code, message = escape(fault.code), escape(_legal(fault.message))
    if protocol == "ec2":
        body = f"<Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors><RequestID>{request_id}</RequestID>"
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<Response>{body}</Response>', "text/xml"
    if protocol in ("query", "rest-xml"):
        side = "Sender" if fault.status < 500 else "Receiver"
        error = f"<Error><Type>{side}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        return f"<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>", "text/xml"
    return _json_refusal(fault), "application/x-amz-json-1.1"


def _json_refusal(fault: Fault) -> str:
    return orjson.dumps({"__type": fault.code, "message": fault.message, "Message": fault.message}).decode()


@cache
def statuses(service: str) -> dict[str, int]:
    """HTTP status of every error code that the service's model declares."""
    out: dict[str, int] = {}
    for shape in model(service).error_shapes:
        error = shape.metadata.get("error", {})
        out[error.get("code", shape.name)] = error.get("httpStatusCode", 400)
    return out


def code_in(body: bytes) -> str | None:
    """The error code in an answer of any protocol."""
    found = re.search(rb"<Code>([^<]*)</Code>", body) or re.search(rb'"__type"\s*:\s*"(?:[^"#]*#)?([^"]*)"', body)
    return found.group(1).decode() if found else None
