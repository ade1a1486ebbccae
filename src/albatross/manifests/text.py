"""Files, folders and standard input as texts; offsets as lines and columns."""

import codecs
import os
import re
import sys
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

STDIN = "<stdin>"
"""The file name of standard input."""

SUFFIXES = (".yaml", ".yml", ".json")

_SECRET = re.compile(r"""\bkind["']?\s*:\s*["']?Secret\b""")
_BOUNDARY = re.compile(r"^---(?=\s|$)", re.MULTILINE)


@dataclass(frozen=True)
class Text:
    """A file. `explicit`: the user named the file itself, not its folder."""

    file: str
    text: str
    explicit: bool = True

    @cached_property
    def starts(self) -> list[int]:
        """The offset at which each line starts."""
        return [0, *(i + 1 for i, char in enumerate(self.text) if char == "\n")]

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset; both start at 1."""
        line = bisect_right(self.starts, min(offset, len(self.text)))
        return line, offset - self.starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line without its line end. Lines start at 1."""
        start = self.starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : len(self.text) if end < 0 else end].rstrip("\r")

    def excerpt(self, number: int) -> str:
        """The text of a line as a message may show it: in a document with a Secret, stars replace everything after the first key."""
        line = self.line(number)
        if not any(start <= self.starts[number - 1] < end for start, end in self._secrets):
            return line
        key, colon, value = line.partition(":")
        return key + colon + "*" * len(value) if colon else "*" * len(line)

    @cached_property
    def _secrets(self) -> list[tuple[int, int]]:
        """The documents with a Secret: where each one starts and ends."""
        bounds = [0, *(found.start() for found in _BOUNDARY.finditer(self.text)), len(self.text) + 1]
        return [(start, end) for start, end in pairwise(bounds) if _SECRET.search(self.text, start, end)]


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that could not be read, and why."""

    file: str
    reason: str


def texts(paths: Iterable[str]) -> Iterator[Text | Unread]:
    """Every file once, in the given order. A folder gives its YAML and JSON files, sorted, without hidden ones; `-` is standard input."""
    seen: set[str] = set()
    for path in paths:
        for file, explicit in _files(path):
            if file not in seen:
                seen.add(file)
                yield _read(file, explicit)


def _files(path: str) -> Iterator[tuple[str, bool]]:
    if path == "-" or not Path(path).is_dir():
        yield path, True
        return
    for file in sorted(Path(path).rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
        if file.suffix in SUFFIXES and not hidden and file.is_file():
            yield str(file), False


def _read(file: str, explicit: bool) -> Text | Unread:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        return Unread(file, (error.strerror or type(error).__name__).lower())
    try:
        return Text(STDIN if file == "-" else file, raw.decode("utf-8-sig"), explicit)
    except UnicodeDecodeError as error:
        return Unread(file, f"it is not UTF-8 (byte {error.start + 1}, line {raw[: error.start].count(10) + 1})")


def save(file: str, before: str, after: str) -> str:
    """Write a file completely or not at all. Permissions, byte order mark and links to it are kept.

    `before` is the text that was read: a file that changed since then is not written. Returns the reason why it is not written, or "".
    """
    path = Path(file).resolve()
    try:
        raw = path.read_bytes()
        if raw.decode("utf-8-sig", "replace") != before:
            return "it was changed in the meantime"
        if not os.access(path, os.W_OK):
            return "it is read-only"
        mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
        _replace(path, mark + after.encode())
    except OSError as error:
        return (error.strerror or type(error).__name__).lower()
    return ""


def _replace(path: Path, raw: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as beside:
            beside.write(raw)
            beside.flush()
            os.fsync(beside.fileno())
        os.chmod(name, path.stat().st_mode & 0o7777)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
