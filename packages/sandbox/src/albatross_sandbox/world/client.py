"""One HTTP request without curl, for machines that do not have it."""

import argparse
import socket
import ssl
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from albatross_sandbox.world.visit import Way, port

_SECONDS = 30
"""The limit of a request, chosen by us."""


class _To(AbstractResolver):
    """Every name is at one address."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        """The address."""
        return [ResolveResult(hostname=host, host=self._address, port=port, family=socket.AF_INET, proto=0, flags=socket.AI_NUMERICHOST)]

    async def close(self) -> None:
        """Nothing is open."""


def options(words: Sequence[str]) -> argparse.Namespace:
    """The options of curl that are known here."""
    parser = argparse.ArgumentParser(prog="curl", description="curl is not installed: this client has its most usual options.")
    parser.add_argument("-X", "--request", dest="method")
    parser.add_argument("-H", "--header", action="append", default=[], dest="headers")
    parser.add_argument("-d", "--data")
    parser.add_argument("-i", "--include", action="store_true")
    parser.add_argument("-I", "--head", action="store_true")
    parser.add_argument("-k", "--insecure", action="store_true")
    parser.add_argument("-s", "--silent", action="store_true")
    parser.add_argument("-S", "--show-error", action="store_true")
    parser.add_argument("url")
    return parser.parse_args(words)


async def request(words: Sequence[str], way: Way | None, authority: str) -> int:
    """Send it, and print the answer; the exit code."""
    asked = options(words)
    parts = urlsplit(asked.url)
    headers = {name.strip(): text.strip() for name, _, text in (each.partition(":") for each in asked.headers)}
    url = asked.url
    if way is not None:
        headers.setdefault("Host", parts.netloc)
        url = parts._replace(netloc=f"{way.host}:{way.ports[port(parts)]}").geturl()
    tls = ssl.create_default_context(cafile=authority)
    tls.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    resolver = _To(way.address) if way is not None else None
    connector = aiohttp.TCPConnector(resolver=resolver, ssl=False if asked.insecure else tls)
    method = asked.method or ("HEAD" if asked.head else "POST" if asked.data is not None else "GET")
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.request(method, url, headers=headers, data=asked.data, allow_redirects=False) as answer,
        ):
            await _print(answer, heads=asked.include or asked.head)
    except (OSError, aiohttp.ClientError) as error:  # a timeout is an OSError
        print(f"curl: {error}", file=sys.stderr)
        return 7
    return 0


async def _print(answer: aiohttp.ClientResponse, *, heads: bool) -> None:
    if heads:
        print(f"HTTP/1.1 {answer.status} {answer.reason}")
        print("\n".join(f"{name}: {value}" for name, value in answer.headers.items()) + "\n", flush=True)
    sys.stdout.buffer.write(await answer.read())
    sys.stdout.buffer.flush()
