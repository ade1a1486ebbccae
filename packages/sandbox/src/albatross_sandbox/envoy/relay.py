"""Targets that see the client's address: Envoy cannot connect from it without a privilege, so these small proxies do.

Envoy sends the client's address in a PROXY protocol header, to a socket of its own for each target; the proxy connects from that address.
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation
"""

import asyncio
import ipaddress
import struct
from collections.abc import Iterable
from functools import partial

from albatross_sandbox import pipe
from albatross_sandbox.envoy.cluster import reached
from albatross_sandbox.envoy.state import State
from albatross_sandbox.envoy.way import Way, used, way

# https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt, section 2.2
_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
_IPV4_STREAM = 0x11
_HEAD = struct.Struct("!12sBBH")


def ways(folder: str, state: State) -> frozenset[Way]:
    """All of them that are used now."""
    groups = [group for group in state.target_groups.values() if used(group)]
    return frozenset(found for group in groups for each in reached(group, "") if (found := way(folder, group, each)))


class Relays:
    """The sockets that are open; connections outlive them."""

    def __init__(self) -> None:
        self._servers: dict[Way, asyncio.Server] = {}
        self._connections = pipe.Connections()

    async def open(self, wanted: Iterable[Way]) -> None:
        """Open those that are not open yet."""
        for each in sorted(set(wanted) - self._servers.keys(), key=lambda way: way.socket):
            self._servers[each] = await asyncio.start_unix_server(partial(self._accept, each), "\0" + each.socket[1:])

    async def keep(self, wanted: Iterable[Way]) -> None:
        """Close the sockets of all others."""
        for each in self._servers.keys() - set(wanted):
            self._servers.pop(each).close()

    async def close(self) -> None:
        """Close all sockets and connections."""
        await self.keep(())
        await self._connections.end()

    def _accept(self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.begin(_serve(way, reader, writer), writer)


async def _serve(way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        header, client = await read(reader)
        there = await pipe.connect((way.host, way.port), pipe.local(client) if pipe.local(way.host) else None)
    except (OSError, EOFError, ValueError):
        return
    try:
        if way.header:
            there[1].write(header)
        await pipe.join((reader, writer), there)
    finally:
        there[1].close()


async def read(reader: asyncio.StreamReader) -> tuple[bytes, str]:
    """A PROXY protocol header, and the client's address in it, empty where it has none; raises EOFError and ValueError."""
    head = await reader.readexactly(_HEAD.size)
    signature, _, family, size = _HEAD.unpack(head)
    if signature != _SIGNATURE:
        raise ValueError("no PROXY protocol header")
    body = await reader.readexactly(size)
    return head + body, str(ipaddress.IPv4Address(body[:4])) if family == _IPV4_STREAM else ""
