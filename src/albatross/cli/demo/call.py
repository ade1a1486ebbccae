"""Requests to a load balancer of the sandbox, sent to its address, with the host name that clients use."""

import asyncio
import json
import socket
import ssl
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from albatross_sandbox.dns.ask import ask


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer: the status, and the name of the pod that answered, if known."""

    status: int
    pod: str = ""


class Names(AbstractResolver):
    """Asks the DNS server of the sandbox. A name that does not exist leads to `address`, so that requests for other hosts can be shown."""

    def __init__(self, server: str, address: str) -> None:
        self.server = server
        self.address = address

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        """Return the first address."""
        found = (*await ask(self.server, host), self.address)[0]
        return [ResolveResult(hostname=host, host=found, port=port, family=socket.AF_INET, proto=0, flags=socket.AI_NUMERICHOST)]

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""


class Caller:
    """An async context manager. `trust` is the PEM text of the certificate authority of the server."""

    def __init__(self, names: Names, trust: str) -> None:
        tls = ssl.create_default_context(cadata=trust)
        tls.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        # a new connection for each request, like many different clients
        self.connector = aiohttp.TCPConnector(resolver=names, ssl=tls, force_close=True)
        self.session = aiohttp.ClientSession(connector=self.connector, timeout=aiohttp.ClientTimeout(total=5))

    async def __aenter__(self) -> "Caller":
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.session.close()

    async def get(self, url: str) -> Answer:
        """Send one GET request. The certificate is verified for the host of the URL."""
        async with self.session.get(url) as answer:
            body: Any = await answer.json(content_type=None) if "json" in answer.headers.get("Content-Type", "") else {}
            return Answer(answer.status, str(body.get("pod", "")) if isinstance(body, dict) else "")


@dataclass(frozen=True, slots=True)
class Front:
    """Where a load balancer of the sandbox listens: its address, and the port of each protocol."""

    address: str
    ports: dict[str, int]


async def fronts(status_url: str) -> dict[str, Front]:
    """The load balancers in the sandbox by their types, as they listen now."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session, session.get(status_url) as answer:
        balancers = (await answer.json())["load_balancers"]
    return {str(each["type"]): Front(each["address"], _ports(each["listeners"])) for each in balancers}


def _ports(listeners: list[dict[str, Any]]) -> dict[str, int]:
    return {str(each["protocol"]): int(each["bound_port"]) for each in listeners}


async def front(status_url: str) -> tuple[str, dict[str, int]] | None:
    """The address of the application load balancer, and the port of each protocol; None if it does not listen to HTTP and HTTPS yet."""
    found = (await fronts(status_url)).get("application")
    return (found.address, found.ports) if found and {"HTTP", "HTTPS"} <= set(found.ports) else None


async def talk(address: str, port: int) -> Answer | None:
    """What is answered over a TCP connection; None if nothing is yet. The pods answer HTTP."""
    try:
        reader, writer = await asyncio.open_connection(address, port)
    except OSError:
        return None
    try:
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        async with asyncio.timeout(5):
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    except (OSError, TimeoutError):
        return None
    finally:
        writer.close()
    return Answer(200, str(json.loads(body).get("pod", ""))) if b" 200 " in head else None
