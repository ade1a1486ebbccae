"""Reads the descriptions of AWS services that come with botocore, each operation and shape when it is first needed.

botocore decodes them whole, EC2 with 700 operations for the 13 that are called here: 18 MiB and 0.15 s at every start (measured).
"""

import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from botocore.loaders import JSONFileLoader

MAIN = "service-2"
"""The name of the file with the operations of a service."""
PARTS = ("operations", "shapes")
"""The large parts of a description."""


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
        return _decoded(data) if Path(file_path).name == MAIN else msgspec.json.decode(data)


def _decoded(data: bytes) -> dict[str, Any]:
    """A description with its large parts still written."""
    parts = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    return {name: Description(part) if name in PARTS else msgspec.json.decode(part) for name, part in parts.items()}
