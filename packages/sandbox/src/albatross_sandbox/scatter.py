"""A UDP forwarder: for the UDP node ports of kube-proxy, and for load balancers."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from albatross_sandbox.pipe import Address, Source, anywhere

# Seconds without a datagram after which a client is forgotten: net.netfilter.nf_conntrack_udp_timeout of Linux.
IDLE = 30.0


def always(endpoint: Address) -> bool:
    """A client keeps its endpoint."""
    return True


class Scatter(asyncio.DatagramProtocol):
    """Listens on one UDP address, and gives each client an endpoint that `pick` names; None drops the datagram.

    A client keeps its endpoint until it is idle, and as long as `holds` says that the endpoint may be kept.
    """

    def __init__(
        self,
        listen: Address,
        pick: Callable[[Address], Address | None],
        source: Source = anywhere,
        holds: Callable[[Address], bool] = always,
        idle: float = IDLE,
    ) -> None:
        self._listen, self._pick, self._source, self._holds, self._idle = listen, pick, source, holds, idle
        self._transport: asyncio.DatagramTransport | None = None
        self._clients: dict[Address, Client] = {}
        self._opening: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; raises OSError when the address is taken."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=self._listen)

    async def stop(self, grace: float = 0) -> None:
        """Close the port, and forget every client."""
        for task in list(self._opening):
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)
        for client in list(self._clients.values()):
            client.close()
        if self._transport is not None:
            self._transport.close()
            self._transport = None
        await asyncio.sleep(0)  # a transport closes its socket in the next turn of the loop

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Pass a datagram of a client on."""
        client = self._clients.get(addr[:2])
        if client is not None and self._holds(client.endpoint):
            client.send(data)
            return
        if client is not None:
            client.close()
        task = asyncio.get_running_loop().create_task(self._open(data, addr[:2]))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _open(self, data: bytes, addr: Address) -> None:
        address = self._pick(addr)
        if address is None:
            return
        source = self._source(addr[0])
        loop = asyncio.get_running_loop()
        try:
            _, client = await loop.create_datagram_endpoint(
                lambda: Client(address, self._idle, lambda back: self._answer(back, addr), lambda: self._forget(addr, client)),
                local_addr=(source, 0) if source else None,
                remote_addr=address,
            )
        except OSError:
            return
        before = self._clients.get(addr)  # of a datagram that came at the same time
        if before is not None:
            client.close()
        self._clients.setdefault(addr, client).send(data)

    def _answer(self, data: bytes, addr: Address) -> None:
        if self._transport is not None:
            self._transport.sendto(data, addr)

    def _forget(self, addr: Address, client: "Client") -> None:
        if self._clients.get(addr) is client:
            del self._clients[addr]


class Client(asyncio.DatagramProtocol):
    """The way of one client to its endpoint and back; it ends when nothing was sent for a while."""

    def __init__(self, endpoint: Address, idle: float, answer: Callable[[bytes], None], ended: Callable[[], None]) -> None:
        self.endpoint, self._idle, self._answer, self._ended = endpoint, idle, answer, ended
        self._transport: asyncio.DatagramTransport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self._transport = cast(asyncio.DatagramTransport, transport)  # Python 3.11's own one is none by its class
        self._rest()

    def send(self, data: bytes) -> None:
        """To the endpoint."""
        if self._transport is not None:
            self._transport.sendto(data)
            self._rest()

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """From the endpoint."""
        self._answer(data)
        self._rest()

    def close(self) -> None:
        """End it; what comes afterwards opens another one."""
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.close()
            self._transport = None
            self._ended()

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self._idle, self.close)
