"""Two connections joined to one, from a source address that may be chosen: what the small proxies of the sandbox do."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

Address = tuple[str, int]
Source = Callable[[str], str | None]
"""The address to connect from, by that of the client; None: any."""


def anywhere(client: str) -> str | None:
    """Connect from any address."""
    return None


def local(address: str) -> str | None:
    """The address, if this machine can connect from it without a privilege: all of 127.0.0.0/8."""
    return address if address.startswith("127.") else None


class Connections:
    """The work on connections that were accepted; each is closed when its work ends."""

    def __init__(self) -> None:
        self._works: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None], writer: asyncio.StreamWriter) -> None:
        """Work on a connection from now on."""
        task = asyncio.get_running_loop().create_task(work)
        self._works.add(task)
        task.add_done_callback(lambda _: self._ended(task, writer))

    def _ended(self, task: asyncio.Task[None], writer: asyncio.StreamWriter) -> None:
        """Close the connection here: a task cancelled before it began never sees its own `finally`."""
        self._works.discard(task)
        writer.close()

    async def end(self, grace: float = 0) -> None:
        """End all work that is still under way after `grace` seconds."""
        if self._works and grace > 0:
            await asyncio.wait(self._works, timeout=grace)
        for task in list(self._works):
            task.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)


async def connect(where: Address, source: str | None = None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to an address, from another one or from any; raises OSError."""
    return await asyncio.open_connection(*where, local_addr=(source, 0) if source else None)


async def join(one: tuple[asyncio.StreamReader, asyncio.StreamWriter], other: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    """Copy in both directions until both have ended."""
    await asyncio.gather(_pump(one[0], other[1]), _pump(other[0], one[1]))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Copy until the source ends, and pass the end on."""
    try:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()
    except OSError:
        sink.close()
