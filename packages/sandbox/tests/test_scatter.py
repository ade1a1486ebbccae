"""A UDP forwarder."""

import asyncio
import json
from typing import Any

from albatross_sandbox.pipe import Address
from albatross_sandbox.scatter import Scatter


class Answers(asyncio.DatagramProtocol):
    """Keeps what comes."""

    def __init__(self) -> None:
        self.got: asyncio.Queue[Any] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.got.put_nowait(json.loads(data))


async def test_a_client_is_forgotten_after_a_while() -> None:
    loop = asyncio.get_running_loop()
    server, served = await loop.create_datagram_endpoint(Answers, local_addr=("127.0.0.1", 0))
    scatter = Scatter(("127.0.0.1", 0), lambda client: server.get_extra_info("sockname"))
    await scatter.start()
    scatter.datagram_received(b"1", ("127.0.0.1", 9))
    scatter.datagram_received(b"2", ("127.0.0.1", 9))  # while the first one opens its way
    assert {await asyncio.wait_for(served.got.get(), 5) for _ in range(2)} == {1, 2}
    (client,) = scatter._clients.values()
    client.close()
    client.close()
    client.send(b"3")
    assert scatter._clients == {}
    await scatter.stop()
    await scatter.stop()
    scatter._answer(b"late", ("127.0.0.1", 9))
    server.close()


async def test_a_client_leaves_an_endpoint_that_does_not_hold() -> None:
    loop = asyncio.get_running_loop()
    servers = [await loop.create_datagram_endpoint(Answers, local_addr=("127.0.0.1", 0)) for _ in range(2)]
    places: list[Address] = [transport.get_extra_info("sockname") for transport, _ in servers]
    scatter = Scatter(("127.0.0.1", 0), lambda client: places[0] if places else None, holds=lambda endpoint: endpoint in places)
    await scatter.start()
    client = ("127.0.0.1", 9)
    for number, (_, served) in enumerate(servers):
        scatter.datagram_received(str(number).encode(), client)
        assert await asyncio.wait_for(served.got.get(), 5) == number
        del places[0]
    scatter.datagram_received(b"3", client)  # there is none left
    await asyncio.sleep(0)
    await scatter.stop()
    for transport, _ in servers:
        transport.close()
