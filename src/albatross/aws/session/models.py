"""Reads the descriptions of AWS services that come with botocore, each operation and shape when it is first needed.

botocore decodes them whole, EC2 with 700 operations for the 13 that are called here: 18 MiB and 0.15 s at every start (measured).
Of EC2, only the operations that are called are kept, and the shapes that they use: the others need 9 MiB even if they are not decoded.
The list of endpoints of all services needs 4 MiB and 0.07 s, so it is read in the same way.
"""

import gzip
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
LARGE = "ec2"
"""The service of which only a part is kept. Nobody but us calls it; botocore itself may call others, for credentials."""
ENDPOINTS = "endpoints"
"""The name of the file with the endpoints of all services, by partition of AWS."""


class Description(Mapping[str, Any]):
    """A JSON object; each value is decoded when it is first read."""

    def __init__(self, written: msgspec.Raw) -> None:
        self._written: dict[str, msgspec.Raw] = msgspec.json.decode(written, type=dict[str, msgspec.Raw])
        self._decoded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._decoded:
            self._decoded[name] = msgspec.json.decode(self._written[name])
        return self._decoded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)


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
        return _decoded(data, LARGE in Path(file_path).parts) if Path(file_path).name == MAIN else msgspec.json.decode(data)


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


def _decoded(data: bytes, large: bool) -> dict[str, Any]:
    """A description with its large parts still written, or decoded as far as we call the service."""
    parts = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    found = {name: Description(part) if name in PARTS else msgspec.json.decode(part) for name, part in parts.items()}
    return {**found, **_called(*(found[name] for name in PARTS))} if large else found


def _called(operations: Mapping[str, Any], shapes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The operations that are called, and the shapes that they use."""
    kept = {name: operations[name] for name in operations if (LARGE, name) in OPERATIONS}
    used, found = {}, list(_named(kept.values()))
    while found:
        name = found.pop()
        if name not in used:
            used[name] = shapes[name]
            found += _named([used[name]])
    return {"operations": kept, "shapes": used}


def _named(parts: Iterable[Any]) -> Iterator[str]:
    """The shapes that these parts of a description use."""
    for part in parts:
        if isinstance(part, dict):
            if isinstance(part.get("shape"), str):
                yield part["shape"]
            yield from _named(part.values())
        elif isinstance(part, list):
            yield from _named(part)
