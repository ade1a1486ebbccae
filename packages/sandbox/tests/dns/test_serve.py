"""The resolver over real sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator

import dns.asyncquery
import dns.flags
import dns.message
import dns.rcode
import pytest

from albatross_sandbox.dns.answer import World, Zone
from albatross_sandbox.dns.serve import ADDRESS, Server

from .test_answer import WORLD, values

TEXTS = tuple(f'"{number}{"x" * 200}"' for number in range(9))
LONG = Zone("Z3", "long.example.net", False, (values("long.example.net", "TXT", *TEXTS),))


async def look() -> World:
    return World((*WORLD.zones, LONG), WORLD.balancers)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    server = Server(look)
    await server.open()
    yield server.port
    await server.close()


def asked(name: str, kind: str = "A") -> dns.message.Message:
    return dns.message.make_query(name, kind)


async def test_both_protocols_answer(port: int) -> None:
    for call in (dns.asyncquery.udp, dns.asyncquery.tcp):
        found = await call(asked("shop.example.com"), ADDRESS, port=port, timeout=5)
        assert [str(row) for rrset in found.answer for row in rrset] == ["127.2.240.1"]
        assert found.flags & dns.flags.RA


async def test_a_name_that_does_not_exist(port: int) -> None:
    found = await dns.asyncquery.udp(asked("up.down.example.com"), ADDRESS, port=port, timeout=5)
    assert found.rcode() == dns.rcode.NXDOMAIN
    assert [rrset.name.to_text() for rrset in found.authority] == ["example.com."]
    assert (await dns.asyncquery.udp(asked("www.example.org"), ADDRESS, port=port, timeout=5)).rcode() == dns.rcode.NXDOMAIN


async def test_a_name_without_the_type_is_no_error(port: int) -> None:
    found = await dns.asyncquery.udp(asked("shop.example.com", "AAAA"), ADDRESS, port=port, timeout=5)
    assert (found.rcode(), found.answer) == (dns.rcode.NOERROR, [])


async def test_a_long_answer_is_given_by_tcp(port: int) -> None:
    found, by_tcp = await dns.asyncquery.udp_with_fallback(asked("long.example.net", "TXT"), ADDRESS, port=port, timeout=5)
    assert by_tcp
    assert len(found.answer[0]) == len(TEXTS)


async def test_no_question_gets_no_answer(port: int) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        await loop.sock_connect(client, (ADDRESS, port))
        await loop.sock_sendall(client, b"nonsense")
        await loop.sock_sendall(client, asked("shop.example.com").to_wire())
        assert dns.message.from_wire(await loop.sock_recv(client, 4096)).answer
    reader, writer = await asyncio.open_connection(ADDRESS, port)
    writer.write(b"\x00\x02hi")
    assert await reader.read() == b""
    writer.close()


async def test_a_failure_is_told() -> None:
    async def broken() -> World:
        raise RuntimeError("no account")

    server = Server(broken)
    await server.open()
    found = await dns.asyncquery.udp(asked("shop.example.com"), ADDRESS, port=server.port, timeout=5)
    assert found.rcode() == dns.rcode.SERVFAIL
    await server.close()


async def test_the_port_stays_if_it_is_free(port: int) -> None:
    first, second = Server(look), Server(look)
    await first.open(port)
    assert first.port not in (0, port)
    kept = first.port
    await first.close()
    await second.open(kept)
    assert second.port == kept
    await second.close()
