"""Network load balancers: protocols, sources and settings that AWS refuses."""

import re
from collections.abc import Mapping

from albatross.catalog.notes import Notes
from albatross.catalog.value import boolean, is_cidr
from albatross.model.intent import Backend, Balancer, Intent, Listen, Names, Share
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import TargetGroup

PRESERVE = "preserve_client_ip.enabled"
PLAIN = ("UDP", "TCP_UDP")
QUIC = ("QUIC", "TCP_QUIC")
DATAGRAMS = (*PLAIN, *QUIC)
"""Protocols with UDP traffic."""
KNOWN = ("TCP", "TLS", *DATAGRAMS)
ALLOWED = {"TLS": ("TCP", "TLS"), "TCP": ("TCP", "TCP_UDP"), "UDP": PLAIN, "QUIC": QUIC}
"""Protocols of the target groups that a listener can forward to; a listener with another protocol needs its own.

https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html#target-group-routing-configuration
That table does not mention QUIC, which is read like UDP here."""


def check(intent: Intent, stack: Stack, notes: Notes) -> None:
    """Note what AWS refuses on network load balancers that forward to endpoints."""
    built = {each.id: each for each in stack.load_balancers}
    groups = {each.id: each for each in stack.target_groups}
    for balancer in intent.balancers:
        if balancer.family != "network" or balancer.id not in built or balancer.in_front_of:
            continue
        for share in balancer.shares:
            _sources(share, notes)
            _private_link(share, built[balancer.id], notes)
            for listen in share.listens:
                _protocol(listen, built[balancer.id], notes)
                _targets(listen, notes)
                _reached(listen, built[balancer.id], groups, notes)
        _quic(balancer, built[balancer.id], notes)
        _preserved(balancer, notes)


def _sources(share: Share, notes: Notes) -> None:
    settings = share.settings
    for cidr in settings.source_ranges.value if settings.source_ranges else ():
        if settings.source_ranges and not is_cidr(cidr):
            notes.add("LB407", settings.source_ranges.origin, what="source range", value=cidr, expected="a CIDR such as 203.0.113.0/24")
    _ids(settings.prefix_lists, "prefix list", "pl-", notes)
    _ids(settings.addresses, "Elastic IP allocation", "eipalloc-", notes)


def _ids(given: Names | None, what: str, prefix: str, notes: Notes) -> None:
    for each in given.value if given else ():
        if given and not re.fullmatch(f"{prefix}[a-z0-9]+", each):
            notes.add("LB407", given.origin, what=what, value=each, expected=f"an id such as {prefix}0a1b2c3d")


def _private_link(share: Share, built: LoadBalancer, notes: Notes) -> None:
    written = share.settings.private_link_rules
    if written and not built.security_groups:
        notes.add("LB415", written.origin)


def _protocol(listen: Listen, built: LoadBalancer, notes: Notes) -> None:
    targets = [target.backend.settings.protocol for target in listen.forward.targets if target.backend] if listen.forward else []
    for protocol in dict.fromkeys((listen.protocol, *(each.value for each in targets if each))):
        if protocol not in KNOWN:
            notes.add("LB414", listen.origin, protocol=protocol)
    if listen.protocol in PLAIN and _dual(built) and built.ipv6_source_nat != "on":
        notes.add("LB416", listen.origin, port=str(listen.port), protocol=listen.protocol)


def _targets(listen: Listen, notes: Notes) -> None:
    """Every listener that uses a port of a Service shares one target group, with the protocol of the first of them."""
    allowed = ALLOWED.get(listen.protocol, (listen.protocol,))
    for target in listen.forward.targets if listen.forward else ():
        protocol = target.backend.settings.protocol if target.backend else None
        if target.backend and protocol and protocol.value not in allowed:
            words = {"port": str(listen.port), "listener": listen.protocol, "protocol": protocol.value}
            notes.add("LB417", target.origin, None, id=target.backend.id, **words)


def _reached(listen: Listen, built: LoadBalancer, groups: Mapping[str, TargetGroup], notes: Notes) -> None:
    """Target groups that the listener's protocol cannot reach."""
    words = {"port": str(listen.port), "protocol": listen.protocol}
    for target in listen.forward.targets if listen.forward else ():
        group = groups.get(target.backend.id) if target.backend else None
        if group and listen.protocol in QUIC and group.target_type == "instance":
            notes.add("LB422", listen.origin, None, **words)
        if group and listen.protocol in PLAIN and _dual(built) and group.ip_address_type != "ipv6":
            notes.add("LB423", listen.origin, None, id=group.id, **words)


def _dual(built: LoadBalancer) -> bool:
    return built.ip_address_type.startswith("dualstack")


def _quic(balancer: Balancer, built: LoadBalancer, notes: Notes) -> None:
    """What a load balancer with a QUIC listener must not have."""
    listens = [each for share in balancer.shares for each in share.listens if each.protocol in DATAGRAMS]
    for listen in (each for each in listens if each.protocol in QUIC):
        words = {"port": str(listen.port), "protocol": listen.protocol}
        if built.security_groups:
            notes.add("LB419", listen.origin, None, **words)
        if _dual(built):
            notes.add("LB420", listen.origin, None, **words)
        if other := next((each for each in listens if each is not listen), None):
            notes.add("LB421", listen.origin, None, other=str(other.port), second=other.protocol, **words)


def _preserved(balancer: Balancer, notes: Notes) -> None:
    for backend in balancer.backends:
        written, protocol = backend.settings.attributes.get(PRESERVE), _own(backend)
        if written and boolean(written.value).value is False and protocol in DATAGRAMS:
            expected = f"true, because the protocol is {protocol}"
            notes.add("LB404", written.origin, kind="target group", key=PRESERVE, value=written.value, expected=expected)


def _own(backend: Backend) -> str:
    return backend.settings.protocol.value if backend.settings.protocol else ""
