"""Reads the descriptions of AWS services that come with botocore, each operation and shape when it is first needed.

botocore decodes them whole, EC2 with 700 operations for the 13 that are called here: 18 MiB and 0.15 s at every start (measured).
Of services that only we call, only the operations that are called are kept, and the shapes that they use: the others of EC2 need 9 MiB
even if they are not decoded. The sentences that explain operations and shapes are left out.
The list of endpoints of all services needs 4 MiB and 0.07 s, so it is read in the same way, and kept compressed until it is needed.
"""

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from botocore.loaders import JSONFileLoader

from albatross.catalog.permissions import OPERATIONS

MAIN = "service-2"
"""The name of the file with the operations of a service."""
PARTS = ("operations", "shapes")
"""The large parts of a description."""
OURS = frozenset({"ec2", "elbv2"})
"""The services of which only a part is kept. Nobody but us calls them; botocore itself may call others, for credentials."""
EXPLAINED = "documentation"
"""The name of the sentences in a description. Of operations and shapes, nobody reads them here."""
ENDPOINTS = "endpoints"
"""The name of the file with the endpoints of all services, by partition of AWS."""


class Description(Mapping[str, Any]):
    """A JSON object; each value is decoded when it is first read, and kept compressed before."""

    def __init__(self, written: msgspec.Raw) -> None:
        parts = msgspec.json.decode(written, type=dict[str, msgspec.Raw])
        self._packed = {name: zlib.compress(part, 1) for name, part in parts.items()}
        self._decoded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._decoded:
            self._decoded[name] = _plain(msgspec.json.decode(zlib.decompress(self._packed[name])))
        return self._decoded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)


class DescriptionLoader(JSONFileLoader):  # type: ignore[misc]  # botocore has no types
    """What botocore's loader reads its files with."""

    def load_file(self, file_path: str) -> Any:
        """The content of a file that is named without its suffix; None if there is none."""
        plain, packed = Path(f"{file_path}.json"), Path(f"{file_path}.json.gz")
        if plain.is_file():
            data = plain.read_bytes()
        elif packed.is_file():
            data = gzip.decompress(packed.read_bytes())
        else:
            return None
        if Path(file_path).name == ENDPOINTS:
            return _places(data)
        return _decoded(data, plain.parent.parent.name) if Path(file_path).name == MAIN else msgspec.json.decode(data)


def _places(data: bytes) -> dict[str, Any]:
    """The partitions, with the endpoints of each service still written."""
    found = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    partitions = msgspec.json.decode(found["partitions"], type=list[dict[str, msgspec.Raw]])
    return {
        **{name: msgspec.json.decode(part) for name, part in found.items() if name != "partitions"},
        "partitions": [
            {name: Description(part) if name == "services" else msgspec.json.decode(part) for name, part in each.items()}
            for each in partitions
        ],
    }


def _decoded(data: bytes, service: str) -> dict[str, Any]:
    """A description with its large parts still written. If only we call the service: decoded, as far as we call it."""
    parts = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    found: dict[str, Any] = {name: msgspec.json.decode(part) for name, part in parts.items() if name not in PARTS}
    if service not in OURS:
        return found | {name: Description(parts[name]) for name in PARTS}
    operations, shapes = (msgspec.json.decode(parts[name], type=dict[str, msgspec.Raw]) for name in PARTS)
    return found | _called(service, operations, shapes)


def _called(service: str, operations: Mapping[str, msgspec.Raw], shapes: Mapping[str, msgspec.Raw]) -> dict[str, dict[str, Any]]:
    """The operations that are called, and the shapes that they use."""
    kept = {name: _plain(msgspec.json.decode(part)) for name, part in operations.items() if (service, name) in OPERATIONS}
    used: dict[str, Any] = {}
    found = list(_named(kept.values()))
    while found:
        name = found.pop()
        if name not in used:
            used[name] = _plain(msgspec.json.decode(shapes[name]))
            found += _named([used[name]])
    return {"operations": kept, "shapes": used}


def _plain(part: Any) -> Any:
    """A part of a description without the sentences; a member of a shape may have the same name."""
    if isinstance(part, dict):
        return {name: _plain(each) for name, each in part.items() if not (name == EXPLAINED and isinstance(each, str))}
    return [_plain(each) for each in part] if isinstance(part, list) else part


def _named(parts: Iterable[Any]) -> Iterator[str]:
    """The shapes that these parts of a description use."""
    for part in parts:
        if isinstance(part, dict):
            if isinstance(part.get("shape"), str):
                yield part["shape"]
            yield from _named(part.values())
        elif isinstance(part, list):
            yield from _named(part)
