"""DNS over UDP and TCP on one loopback port."""

import asyncio
import errno
import logging
import socket
from collections.abc import Awaitable, Callable

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from albatross_sandbox.dns.answer import Answer, World, Zone, answer

ADDRESS = "127.0.0.1"
_PAYLOAD = 1232  # bytes of a UDP answer to a client without EDNS or with more: DNS Flag Day 2020
_TRIES = 20

Look = Callable[[], Awaitable[World]]
log = logging.getLogger(__name__)


class Server(asyncio.DatagramProtocol):
    """A resolver that answers from what `look` returns at each question."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None
        self._listener: asyncio.Server | None = None
        self._closed = asyncio.Event()
        self.port = 0

    async def open(self, port: int = 0) -> None:
        """Listen with both protocols on the same port; another one if the port is taken, or if 0 is given."""
        loop = asyncio.get_running_loop()
        for attempt in range(_TRIES):
            stream = _stream(0 if attempt else port)
            if stream is None:
                continue
            self.port = stream.getsockname()[1]
            try:
                transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(ADDRESS, self.port))
            except OSError as error:
                stream.close()
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            self._transport = transport
            self._listener = await asyncio.start_server(self._converse, sock=stream)
            return
        raise OSError(errno.EADDRINUSE, "no port is free for both UDP and TCP")

    async def close(self) -> None:
        """Stop listening; the port is free afterwards."""
        if self._transport is not None:
            self._transport.close()
            await self._closed.wait()
        if self._listener is not None:
            self._listener.close()
        for task in tuple(self._tasks):
            task.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """The UDP socket is closed."""
        self._closed.set()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer in a task of its own."""
        task = asyncio.ensure_future(self._reply(data, addr))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reply(self, data: bytes, addr: tuple[str, int]) -> None:
        found = await self._answer(data)
        if found is not None and self._transport is not None:
            limit = max(512, min(found.request_payload or 512, _PAYLOAD))
            self._transport.sendto(_wire(found, limit), addr)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                size = int.from_bytes(await reader.readexactly(2), "big")
                found = await self._answer(await reader.readexactly(size))
                if found is None:
                    break
                wire = found.to_wire(max_size=65535)
                writer.write(len(wire).to_bytes(2, "big") + wire)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, data: bytes) -> dns.message.Message | None:
        """The answer; None to what is no question."""
        try:
            asked = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return None
        if asked.flags & dns.flags.QR or len(asked.question) != 1:
            return None
        made = dns.message.make_response(asked, recursion_available=True)
        question = asked.question[0]
        try:
            name = question.name.to_text(omit_final_dot=True)
            found = answer(await self._look(), name, dns.rdatatype.to_text(question.rdtype))
        except Exception:
            log.exception("no answer for %s", question)
            made.set_rcode(dns.rcode.SERVFAIL)
            return made
        _fill(made, found)
        return made


def _stream(port: int) -> socket.socket | None:
    try:
        return socket.create_server((ADDRESS, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return None
        raise


def _fill(made: dns.message.Message, found: Answer) -> None:
    if not found.exists:
        made.set_rcode(dns.rcode.NXDOMAIN)
    for name, ttl, kind, value in found.rows:
        rrset = made.find_rrset(made.answer, _name(name), dns.rdataclass.IN, dns.rdatatype.from_text(kind), create=True)
        rrset.add(dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(kind), value), ttl)
    if not found.rows and found.zone is not None:
        made.authority += _authority(found.zone)


def _authority(zone: Zone) -> list[dns.rrset.RRset]:
    """The zone's SOA record, by which resolvers know how long there is no such name."""
    rows = [each for each in zone.sets if each["Type"] == "SOA"]
    return [dns.rrset.from_text(f"{zone.name}.", int(each["TTL"]), "IN", "SOA", each["ResourceRecords"][0]["Value"]) for each in rows]


def _name(text: str) -> dns.name.Name:
    return dns.name.from_text(f"{text}.")


def _wire(found: dns.message.Message, limit: int) -> bytes:
    """At most `limit` bytes; a longer answer becomes an empty one that tells the client to ask by TCP."""
    try:
        return found.to_wire(max_size=limit)
    except dns.exception.TooBig:
        found.answer.clear()
        found.authority.clear()
        found.flags |= dns.flags.TC
        return found.to_wire(max_size=limit)
