"""Sources that cannot reach a public load balancer."""

from ipaddress import ip_network

from albatross.catalog.notes import Notes
from albatross.catalog.value import is_cidr
from albatross.model.intent import Intent, Listen
from albatross.model.resources.stack import Stack

PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))
"""Ranges that no packet from the internet has as its source. Sources: RFC 1918, RFC 6598, RFC 4193."""


def check(intent: Intent, stack: Stack, notes: Notes) -> None:
    """Note listeners of public load balancers that allow private sources only."""
    public = {each.id for each in stack.load_balancers if each.scheme == "internet-facing"}
    for balancer in intent.balancers:
        for share in balancer.shares if balancer.id in public else ():
            for listen in share.listens:
                _private(listen, notes)


def _private(listen: Listen, notes: Notes) -> None:
    given = listen.inbound_cidrs
    if given and given.value and not (listen.prefix_lists and listen.prefix_lists.value) and all(map(private, given.value)):
        notes.add("LB184", given.origin, cidrs=", ".join(given.value))


def private(cidr: str) -> bool:
    """Whether a CIDR has private addresses only."""
    if not is_cidr(cidr):
        return False
    network = ip_network(cidr, strict=False)
    return any(each.version == network.version and network.subnet_of(each) for each in PRIVATE)  # type: ignore[arg-type]
