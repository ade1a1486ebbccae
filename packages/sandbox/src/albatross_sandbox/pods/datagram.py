"""The UDP port of a pod: each datagram is answered with a JSON description of it."""

import asyncio
from collections.abc import Callable
from typing import Any

import orjson

from albatross_sandbox.pods.log import Log
from albatross_sandbox.pods.objects import Object, name, namespace

# Chosen: an answer stays well below the largest datagram (65507 bytes) with a body of this length.
BODY_BYTES = 4096


class Datagrams(asyncio.DatagramProtocol):
    """One UDP port of one pod; `pod` gives its object as it is now."""

    def __init__(self, pod: Callable[[], Object], ip: str, port: int, log: Log) -> None:
        self.pod, self.ip, self.port, self._log = pod, ip, port, log
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        """Listen; raises OSError when the address is taken."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.ip, self.port))

    async def stop(self, grace: float) -> None:
        """Close the port; a datagram has no connection to wait for."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Answer one datagram."""
        if self._transport is None:
            return
        self._log.write(f"{addr[0]} UDP {len(data)} bytes")
        self._transport.sendto(orjson.dumps(self._describe(data, str(addr[0]))), addr)

    def _describe(self, data: bytes, peer: str) -> Object:
        pod = self.pod()
        return {
            "pod": name(pod),
            "namespace": namespace(pod),
            "ip": self.ip,
            "port": self.port,
            "node": pod["spec"].get("nodeName"),
            "version": "UDP",
            "peer": peer,
            "body": data[:BODY_BYTES].decode(errors="replace"),
        }
