"""Bodies in Kubernetes' protobuf envelope, decoded to the JSON they stand for.

kubectl's typed commands and controller-runtime's clients send them; answers are always JSON, which every client accepts.
"""

import base64
import datetime
from collections.abc import Iterator
from typing import Any

import orjson

from albatross_sandbox.kube.fault import Fault, bad_request
from albatross_sandbox.kube.value import Obj
from albatross_sandbox.kube.wire import MESSAGES

_MAGIC = b"k8s\0"


def decode(body: bytes) -> Obj:
    """The object of a body; a Fault 415 for a kind or a field that is not in the table."""
    if not body.startswith(_MAGIC):
        raise bad_request("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    envelope: dict[int, bytes] = {number: value for number, value in _fields(body[4:]) if isinstance(value, bytes)}
    head = {number: _text(value) for number, value in _fields(envelope.get(1, b""))}
    version, kind = head.get(1, ""), head.get(2, "")
    group = version.partition("/")[0] if "/" in version else ""
    name = f"{group}/{kind}" if f"{group}/{kind}" in MESSAGES else kind
    if name not in MESSAGES:
        raise Fault(415, "UnsupportedMediaType", f"protobuf bodies of {kind} in {version} are not understood here; send JSON")
    return {"apiVersion": version, "kind": kind, **_object(envelope.get(2, b""), name, group)}


def _text(value: int | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field numbers and raw values: integers, or bytes of strings and messages."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield number, value - (1 << 64) if value >> 63 else value
            continue
        if kind == 2:
            size, at = _varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise bad_request(f"proto: illegal wireType {kind}")
        if at + size > len(data):
            raise bad_request("unexpected EOF")
        yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise bad_request("unexpected EOF")
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _object(data: bytes, name: str, group: str) -> Obj:
    found: Obj = {}
    table = MESSAGES[name]
    if table is None:
        return found
    for number, raw in _fields(data):
        field = table.get(number)
        if field is None and not raw:
            continue  # Go writes fields without a value too
        if field is None:
            raise Fault(415, "UnsupportedMediaType", f"protobuf field {number} of {name} is not understood here; send JSON")
        if field.form == "!":
            found.update(_object(_bytes(raw), field.type, group))
        elif field.form == "*":
            found.setdefault(field.name, []).append(_value(raw, field.type, group, keep=True))
        elif field.form == "%":
            parts = dict(_fields(_bytes(raw)))
            key, item = _text(parts.get(1, b"")), parts.get(2, b"")
            found.setdefault(field.name, {})[key] = _value(item, field.type, group, keep=True)
        else:
            value = _value(raw, field.type, group, keep=False)
            if value is not None:
                found[field.name] = value
    return found


def _bytes(raw: int | bytes) -> bytes:
    if isinstance(raw, int):
        raise bad_request("proto: wrong wireType")
    return raw


def _value(raw: int | bytes, kind: str, group: str, keep: bool) -> Any:
    """One value; None for a zero that counts as absent."""
    match kind:
        case "s" | "i" | "b":
            value: Any = _text(raw) if kind == "s" else bool(raw) if kind == "b" else raw
            return value if value or keep else None
        case "S":
            return _text(raw)
        case "I":
            return raw
        case "B":
            return bool(raw)
        case "y":
            return base64.b64encode(_bytes(raw)).decode() if raw or keep else None
        case "T" | "U":
            return _time(_bytes(raw), micro=kind == "U")
        case "N" | "M":
            return _int_or_string(_bytes(raw), keep=kind == "M")
        case "Q":
            return _text(dict(_fields(_bytes(raw))).get(1, b"")) or "0"
        case "F":
            return orjson.loads(_bytes(dict(_fields(_bytes(raw))).get(1, b"{}")))
        case _:
            scoped = f"{group}/{kind}"
            return _object(_bytes(raw), scoped if scoped in MESSAGES else kind, group)


def _time(data: bytes, micro: bool) -> str | None:
    parts = dict(_fields(data))
    seconds, nanos = parts.get(1, 0), parts.get(2, 0)
    if not isinstance(seconds, int) or not isinstance(nanos, int) or not data:
        return None
    when = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    stamp = when.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{stamp}.{nanos // 1000:06d}Z" if micro else f"{stamp}Z"


def _int_or_string(data: bytes, keep: bool) -> int | str | None:
    parts = dict(_fields(data))
    if parts.get(1):
        return _text(parts.get(3, b""))
    number = parts.get(2, 0)
    return number if isinstance(number, int) and (number or keep) else None
