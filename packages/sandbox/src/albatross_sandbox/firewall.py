"""Security groups: who may connect to what; pure.

Traffic that no rule of any group of an interface allows is dropped. An address without an interface is outside the account's
network: nothing is known of its rules, so everything passes.
https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

Network = ipaddress.IPv4Network
ALL = (Network("0.0.0.0/0"),)
_NUMBERS = {"6": "tcp", "17": "udp"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One ingress rule: a protocol (`-1`: all), a range of ports, IPv4 sources (those of prefix lists too), and groups as sources."""

    protocol: str
    low: int = 0
    high: int = 65535
    cidrs: tuple[Network, ...] = ()
    groups: tuple[str, ...] = ()

    def covers(self, protocol: str, port: int) -> bool:
        """Whether it is about this protocol and port."""
        own = _NUMBERS.get(self.protocol, self.protocol)
        return own == "-1" or (own == protocol and (self.low == -1 or self.low <= port <= self.high))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a load balancer connects from: its security groups, and for each zone that connects the networks its address is in."""

    groups: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Firewall:
    """The ingress rules of each security group, and the groups of each address that an interface has."""

    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def clients(self, groups: Iterable[str], protocol: str, port: int, front: Iterable[str] = ()) -> tuple[Network, ...]:
        """Who may connect to an interface with these groups; a group as a source stands for the addresses with that group.

        `front`: the groups of load balancers that pass on the addresses of their clients. If one of them is a source, all may connect.
        """
        found = list(self._rules(groups, protocol, port))
        sources = {group for rule in found for group in rule.groups}
        if sources & set(front):
            return ALL
        members = [Network(each) for each, own in self.addresses.items() if sources & set(own) and ":" not in each]
        return collapse([*(cidr for rule in found for cidr in rule.cidrs), *members])

    def passes(self, address: str, port: int, origin: Origin, protocol: str = "tcp") -> bool:
        """Whether a load balancer gets through to an address with its own address as the source."""
        if address not in self.addresses:
            return True
        found = list(self._rules(self.addresses[address], protocol, port))
        if any(set(rule.groups) & set(origin.groups) for rule in found):
            return True
        cidrs = [cidr for rule in found for cidr in rule.cidrs]
        return bool(cidrs) and all(any(each.subnet_of(cidr) for cidr in cidrs) for each in origin.networks)

    def preserved(self, address: str, port: int, origin: Origin, protocol: str = "tcp") -> tuple[Network, ...]:
        """The clients of a load balancer that get through to an address with their own addresses as the source."""
        if address not in self.addresses:
            return ALL
        found = list(self._rules(self.addresses[address], protocol, port))
        if any(set(rule.groups) & set(origin.groups) for rule in found):
            return ALL
        return collapse([cidr for rule in found for cidr in rule.cidrs])

    def _rules(self, groups: Iterable[str], protocol: str, port: int) -> Iterator[Rule]:
        return (rule for group in groups for rule in self.rules.get(group, ()) if rule.covers(protocol, port))


def collapse(networks: Iterable[Network]) -> tuple[Network, ...]:
    """The same addresses with as few networks as possible, sorted."""
    return tuple(ipaddress.collapse_addresses(networks))


def common(one: Iterable[Network], other: Iterable[Network]) -> tuple[Network, ...]:
    """The addresses that are in both."""
    others = tuple(other)
    return collapse([b if b.subnet_of(a) else a for a in one for b in others if a.overlaps(b)])


def network(cidr: str) -> Network | None:
    """An IPv4 network; None for IPv6, which nothing here has."""
    found = ipaddress.ip_network(cidr, strict=False)
    return found if isinstance(found, Network) else None


def networks(cidrs: Iterable[str]) -> tuple[Network, ...]:
    """Those of IPv4."""
    return tuple(found for each in cidrs if (found := network(each)))
