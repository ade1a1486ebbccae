"""What the resolver of this machine says about the hosts and the load balancers of objects."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Iterable

from albatross.cli.gather.parts import Parts
from albatross.clock import Clock
from albatross.diagnose import names
from albatross.diagnose.evidence import AwsEvidence
from albatross.model.ident import Ident
from albatross.model.snapshot import Snapshot

Resolver = Callable[[str], Awaitable[tuple[str, ...]]]
"""The addresses of a name; none: it does not exist. Errors: OSError if nobody answers."""

MOST = 50
"""The number of names that are asked for (chosen by us: a resolver answers them within a second)."""
SECONDS = 5.0
"""The longest time for all answers: the time that resolvers wait for one server (resolv.conf(5), `timeout`)."""
EMULATED = "AWS_ENDPOINT_URL"
"""If this is set, the account is not in AWS, and the names of its load balancers are in no DNS."""
UNKNOWN = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


async def system(name: str) -> tuple[str, ...]:
    """The answer of this machine's resolver."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in UNKNOWN:
            return ()
        raise
    return tuple(sorted({str(address[0]) for *_, address in found}))


async def resolved(
    parts: Parts, snapshot: Snapshot, aws: AwsEvidence, idents: Iterable[Ident], resolver: Resolver | None
) -> dict[str, tuple[str, ...]]:
    """The addresses of the hosts of objects, and of all load balancers that were read."""
    if resolver is None and os.environ.get(EMULATED):
        return {}
    balancers = [each.dns_name.lower() for one in aws.observed.values() for each in one.load_balancers if each.dns_name]
    hosts = [host for each in idents for host in names.hosts(snapshot, each)]
    wanted = [name for name in dict.fromkeys((*balancers, *hosts)) if not name.startswith("*")][:MOST]
    if not balancers or not hosts:
        return {}
    ask = resolver or system

    async def answers() -> dict[str, tuple[str, ...]]:
        async with Clock().timeout(SECONDS):
            found = await asyncio.gather(*(ask(name) for name in wanted))
        return dict(zip(wanted, found, strict=True))

    return await parts.part("resolver", answers) or {}
