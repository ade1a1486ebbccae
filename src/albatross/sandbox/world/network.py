"""A loopback /16 for each world of this machine."""

from __future__ import annotations

import contextlib
import os
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from albatross.sandbox.world.state import Trouble, lock

FIRST, LAST = 2, 254


@contextlib.contextmanager
def claimed(key: str) -> Iterator[str]:
    """A free `127.A.0.0/16`, held while the context is open; the same `key` gets the same one when it is free.

    Locks stand in the folder for temporary files, one per A; the system lets go of them with the process.
    """
    place = Path(tempfile.gettempdir())
    span = LAST - FIRST + 1
    start = zlib.crc32(key.encode())
    for step in range(span):
        number = FIRST + (start + step) % span
        descriptor = _open(place / f"albatross-sandbox-{number}.lock")
        if descriptor is None:
            continue
        try:
            if lock(descriptor):
                yield f"127.{number}.0.0/16"
                return
        finally:
            os.close(descriptor)
    raise Trouble("no loopback network is free: 253 sandboxes run on this machine")


def _open(file: Path) -> int | None:
    """The lock file, shared by all users of the machine; None when it cannot be opened."""
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    except OSError:
        return None
