"""A question to a resolver of a world."""

import dns.asyncquery
import dns.message

SECONDS = 5.0
"""How long an answer is waited for."""


async def ask(server: str, name: str, kind: str = "A") -> tuple[str, ...]:
    """The values that `server` (`address:port`) answers; empty if there is no such name. CNAMEs come first."""
    address, _, port = server.rpartition(":")
    found = await dns.asyncquery.udp(dns.message.make_query(name, kind), address, port=int(port), timeout=SECONDS)
    return tuple(str(row) for rrset in found.answer for row in rrset)
