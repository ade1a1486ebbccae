"""A loopback /16 for each world of this machine."""

import contextlib
import errno
import socket
import zlib
from collections.abc import Iterator

from albatross_sandbox.world.state import Trouble

FIRST, LAST = 2, 254
# Chosen by us: above the ports that systems give out by themselves (32768 to 60999 on Linux).
PORT = 61997


@contextlib.contextmanager
def claimed(key: str) -> Iterator[str]:
    """A free `127.A.0.0/16`, held while the context is open; the same `key` gets the same one when it is free.

    The claim is a socket bound to an address inside, which nothing ever connects to: every world of the machine runs into
    it, whatever files it sees, and the system lets go of it with the process.
    """
    span = LAST - FIRST + 1
    start = zlib.crc32(key.encode())
    for step in range(span):
        number = FIRST + (start + step) % span
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as claim:
            try:
                claim.bind((f"127.{number}.255.254", PORT))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    continue
                raise Trouble(f"this machine does not let 127.{number}.0.0/16 be used: {error}") from error
            yield f"127.{number}.0.0/16"
            return
    raise Trouble(f"no loopback network is free: {span} sandboxes run on this machine, or another program has port {PORT} of all addresses")
