"""Requests to a load balancer of the sandbox, sent to its address under the name that clients would look up."""

import socket
import ssl
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, and the pod that says it answered, if any."""

    status: int
    pod: str = ""


class Names(AbstractResolver):
    """Every name is at one address."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        """The one address."""
        flags = socket.AI_NUMERICHOST
        return [ResolveResult(hostname=host, host=self.address, port=port, family=socket.AF_INET, proto=0, flags=flags)]

    async def close(self) -> None:
        """Nothing to close."""


class Caller:
    """An async context manager. `trust` is the PEM text that the server's certificate must lead to."""

    def __init__(self, address: str, trust: str) -> None:
        tls = ssl.create_default_context(cadata=trust)
        tls.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        # a new connection each time, as so many clients would make
        self.connector = aiohttp.TCPConnector(resolver=Names(address), ssl=tls, force_close=True)
        self.session = aiohttp.ClientSession(connector=self.connector, timeout=aiohttp.ClientTimeout(total=5))

    async def __aenter__(self) -> "Caller":
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.session.close()

    async def get(self, url: str) -> Answer:
        """One GET; the certificate is verified for the URL's name."""
        async with self.session.get(url) as answer:
            body: Any = await answer.json(content_type=None) if "json" in answer.headers.get("Content-Type", "") else {}
            return Answer(answer.status, str(body.get("pod", "")) if isinstance(body, dict) else "")


async def front(status_url: str) -> tuple[str, dict[str, int]] | None:
    """Where the world's first load balancer listens: its address, and the port of each protocol; None while it does not."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session, session.get(status_url) as answer:
        balancers = (await answer.json())["load_balancers"]
    ports = {each["protocol"]: each["bound_port"] for each in balancers[0]["listeners"]} if balancers else {}
    return (balancers[0]["address"], ports) if {"HTTP", "HTTPS"} <= set(ports) else None
