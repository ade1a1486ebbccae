"""Pod addresses: taken from the subnet of the pod's node, as the VPC CNI does."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

# Subnets of the world are /20s; their first addresses belong to the network itself and to nodes.
PREFIX, RESERVED = 20, 10


class Addresses:
    """The addresses of each node's subnet; a released one comes last in turn, so that a stale target never meets a new pod."""

    def __init__(self, nodes: list[dict[str, Any]]) -> None:
        self._subnets = {node["name"]: _subnet(node) for node in nodes}
        self._next: dict[ipaddress.IPv4Network, int] = {}
        self._taken = {str(node["private_ip"]) for node in nodes}

    def take(self, node: str) -> str:
        """A free address for a pod on that node; raises LookupError when the subnet is full or the node unknown."""
        subnet = self._subnets[node]
        for offset in self._turn(subnet):
            address = str(subnet[offset])
            if address not in self._taken:
                self._next[subnet] = offset + 1
                self._taken.add(address)
                return address
        raise LookupError(f"no free address in {subnet}")

    def keep(self, node: str, address: str) -> bool:
        """Take the address that a pod had before its kubelet restarted; False when it cannot have it again."""
        if address in self._taken or node not in self._subnets or ipaddress.IPv4Address(address) not in self._subnets[node]:
            return False
        self._taken.add(address)
        return True

    def release(self, address: str) -> None:
        """Give an address back."""
        self._taken.discard(address)

    def _turn(self, subnet: ipaddress.IPv4Network) -> Iterator[int]:
        start = self._next.get(subnet, RESERVED)
        last = subnet.num_addresses - 1
        yield from range(start, last)
        yield from range(RESERVED, min(start, last))


def _subnet(node: dict[str, Any]) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network(f"{node['private_ip']}/{PREFIX}", strict=False)
