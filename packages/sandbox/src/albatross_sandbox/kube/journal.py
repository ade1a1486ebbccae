"""The objects on disk, so that another life of this server finds them: one file, a line a change, written anew when it has grown.

A change is written before anybody hears of it. Nothing is flushed to the disk itself: the file outlives a killed process,
not a power cut.
"""

import os
import pathlib
import time
from collections.abc import Iterator

from albatross_sandbox.kube.store import Change, Entry, Key, Store

# Chosen: the file is written anew when it is this large (bytes) and has doubled since.
LARGE = 16 << 20
_PUT, _GONE, _COUNT = b"+", b"-", b"="


class Journal:
    """A store and the file that follows it."""

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path
        self._size = self._base = 0
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        version, found = _read(path)
        # Versions go on from one life to the next even without a file, so that watches from the last one list anew.
        self.store = Store(first=version or int(time.time() * 1000))
        for (kind, _), raw in found.items():
            self.store.restore(kind, raw)
        self._file = self._rewrite()
        self.store.recorder = self._record

    def close(self) -> None:
        """Write no more."""
        self.store.recorder = None
        os.close(self._file)

    def _record(self, change: Change) -> None:
        line = _gone(change.entry) if change.type == "DELETED" else _line(change.entry)
        _write(self._file, line)
        self._size += len(line)
        if self._size > max(LARGE, 2 * self._base):
            os.close(self._file)
            self._file = self._rewrite()

    def _rewrite(self) -> int:
        """Replace the file, in one step, by one of what is there now; the new one, open."""
        draft = self._path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._size = 0
        for line in self._whole():
            _write(file, line)
            self._size += len(line)
        self._base = self._size
        draft.replace(self._path)
        return file

    def _whole(self) -> Iterator[bytes]:
        yield b"%b\t\t\t%d\t\n" % (_COUNT, self.store.version)
        for entry in self.store.everything():
            yield _line(entry)


def _line(entry: Entry) -> bytes:
    return b"%b%b%b\n" % (_PUT, _head(entry), entry.raw)


def _gone(entry: Entry) -> bytes:
    return b"%b%b\n" % (_GONE, _head(entry))


def _head(entry: Entry) -> bytes:
    return f"{entry.kind}\t{entry.key[0]}\t{entry.key[1]}\t{entry.version}\t".encode()


def _write(file: int, line: bytes) -> None:
    while line:
        line = line[os.write(file, line) :]


def _read(path: pathlib.Path) -> tuple[int, dict[tuple[str, Key], bytes]]:
    """The last version and the objects, oldest first; a last line that was cut off never happened."""
    version, found = 0, dict[tuple[str, Key], bytes]()
    if not path.exists():
        return version, found
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            kind, namespace, name, number, raw = line[:-1].split(b"\t", 4)
            version = max(version, int(number))
            place = (kind[1:].decode(), (namespace.decode(), name.decode()))
            found.pop(place, None)
            if kind.startswith(_PUT):
                found[place] = raw
    return version, found
