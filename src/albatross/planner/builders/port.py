"""A port of the load balancer, with the settings that all its members agree on."""

from collections.abc import Iterable
from dataclasses import dataclass

from albatross.model.facts import TrustStoreByName
from albatross.model.ident import Ident
from albatross.model.intent import Balancer, Listen, Setting, Share
from albatross.model.resources.listener import MutualAuthentication
from albatross.model.resources.ref import Token
from albatross.planner.builders import certificate, merge
from albatross.planner.builders.task import Task

EVERYONE = ("0.0.0.0/0", "::/0")
SECURE = ("HTTPS", "TLS")

Heard = tuple[Share, Listen]
"""The settings of a member for the load balancer, and for this port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One merged port. `id` is the id of its listener; `cidrs` and `prefix_lists` are sorted; `shares` and `listens` are in group order."""

    id: str
    number: int
    protocol: str
    shares: tuple[Share, ...]
    listens: tuple[Listen, ...]
    cidrs: tuple[str, ...]
    prefix_lists: tuple[str, ...]
    certificates: tuple[Token, ...] = ()
    ssl_policy: str | None = None
    alpn_policy: tuple[str, ...] = ()
    mutual_authentication: MutualAuthentication | None = None

    @property
    def secure(self) -> bool:
        """Whether it uses TLS."""
        return self.protocol in SECURE

    @property
    def heard(self) -> tuple[Heard, ...]:
        """The share of each member, with its listen."""
        return tuple(zip(self.shares, self.listens, strict=True))


def ports(balancer: Balancer, task: Task) -> tuple[Port, ...]:
    """All ports on which a member listens, by number.

    An application load balancer has one listener per port; a network load balancer can have one per port and protocol.
    """
    heard: dict[tuple[int, str], list[Heard]] = {}
    for share in balancer.shares:
        for listen in share.listens:
            # An ALB has no protocol in the key: two protocols on one port must meet in `_port`, which reports the conflict.
            protocol = listen.protocol if balancer.family == "network" else ""
            heard.setdefault((listen.port, protocol), []).append((share, listen))
    return tuple(_port(key[0], heard[key], task) for key in sorted(heard))


def _port(number: int, heard: list[Heard], task: Task) -> Port:
    leader = task.ledger.ranked(heard, lambda each: each[0].member)[0][1]
    protocol = leader.protocol
    agreed: list[Heard] = []
    for share, listen in heard:
        if listen.protocol == protocol:
            agreed.append((share, listen))
            continue
        words = {"port": str(number), "protocol": listen.protocol, "first": protocol, "by": leader.origin.object}
        task.ledger.withhold(share.member, "LB125", listen.origin, leader.origin, **words)
    # frozenset: the order of the CIDRs and prefix lists has no meaning, so it causes no conflict.
    inbound = merge.exclusive(_each(agreed, "inbound_cidrs"), f"inbound-cidrs of port {number}", task.ledger, frozenset)
    lists = merge.exclusive(_each(agreed, "prefix_lists"), f"security-group-prefix-lists of port {number}", task.ledger, frozenset)
    secure = protocol in SECURE
    return Port(
        id=leader.id,
        number=number,
        protocol=protocol,
        shares=tuple(share for share, _ in agreed),
        listens=tuple(listen for _, listen in agreed),
        # Prefix lists restrict the port, too. It is open to everyone only if neither is set.
        cidrs=_sorted(inbound) if inbound else () if lists else EVERYONE,
        prefix_lists=tuple(sorted(set(lists.value))) if lists else (),
        certificates=certificate.merged(number, agreed, task) if secure else (),
        ssl_policy=_policy(number, agreed, task) if secure else None,
        alpn_policy=_alpn(number, agreed, task) if secure else (),
        mutual_authentication=_mutual(number, agreed, task) if secure else None,
    )


def _each(heard: Iterable[Heard], field: str) -> list[tuple[Ident, Setting[tuple[str, ...]] | None]]:
    """The setting of each member; an empty list is the same as no setting."""
    found = [(share.member, getattr(listen, field)) for share, listen in heard]
    return [(ident, setting if setting and setting.value else None) for ident, setting in found]


def _sorted(found: Setting[tuple[str, ...]]) -> tuple[str, ...]:
    """IPv4 before IPv6."""
    return tuple(sorted(set(found.value), key=lambda cidr: (":" in cidr, cidr)))


def _policy(number: int, heard: list[Heard], task: Task) -> str:
    given = ((share.member, listen.ssl_policy) for share, listen in heard)
    found = merge.exclusive(given, f"ssl-policy of port {number}", task.ledger)
    return found.value if found else task.config.default_ssl_policy


def _alpn(number: int, heard: list[Heard], task: Task) -> tuple[str, ...]:
    given = ((share.member, listen.alpn_policy) for share, listen in heard)
    found = merge.exclusive(given, f"alpn-policy of port {number}", task.ledger)
    return (found.value,) if found else ()


def _mutual(number: int, heard: list[Heard], task: Task) -> MutualAuthentication | None:
    given = ((share.member, listen.mutual_authentication) for share, listen in heard)
    found = merge.exclusive(given, f"mutual-authentication of port {number}", task.ledger)
    return _resolved(found, task) if found else None


def _resolved(found: Setting[MutualAuthentication], task: Task) -> MutualAuthentication:
    store = found.value.trust_store_arn or ""
    if not store or store.startswith("arn:"):
        return found.value
    arns = task.ask(TrustStoreByName(store), str, found.origin)
    if arns is None:
        return found.value
    if not arns:
        task.ledger.fail("LB311", found.origin, name=store)
        return found.value
    mutual = found.value
    return MutualAuthentication(
        mode=mutual.mode,
        trust_store_arn=arns[0],
        ignore_client_certificate_expiry=mutual.ignore_client_certificate_expiry,
        advertise_trust_store_ca_names=mutual.advertise_trust_store_ca_names,
    )
