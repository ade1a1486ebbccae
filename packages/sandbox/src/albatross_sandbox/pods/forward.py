"""A TCP forwarder: for kube-proxy's node ports and for pods that stand for a local port."""

import asyncio
from collections.abc import Callable

from albatross_sandbox import pipe
from albatross_sandbox.pipe import Address, Connections, Source, anywhere
from albatross_sandbox.pods import listen


class Forward:
    """Listens on one address and joins each connection to the one `pick` names; None refuses it."""

    def __init__(self, listen: Address, pick: Callable[[], Address | None], source: Source = anywhere) -> None:
        self._listen, self._pick, self._source = listen, pick, source
        self._server: asyncio.Server | None = None
        self._connections = Connections()
        self._closed = False

    async def start(self) -> None:
        """Listen; raises OSError when the address is taken."""
        self._server = await asyncio.start_server(self._accept, *self._listen, backlog=256)

    @property
    def port(self) -> int:
        """The port it listens on, also when it was left to the system to choose."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self, grace: float = 0) -> None:
        """Close the port, and after `grace` seconds the connections that are still joined."""
        self._closed = True
        if self._server is not None:
            await listen.close(self._server)
        await self._connections.end(grace)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._closed:  # accepted just before the port was closed
            writer.close()
            return
        self._connections.begin(self._join(reader, writer), writer)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = self._pick()
        if address is None:
            return
        try:
            there = await pipe.connect(address, self._source(str(writer.get_extra_info("peername")[0])))
        except OSError:
            return
        try:
            await pipe.join((reader, writer), there)
        finally:
            there[1].close()
