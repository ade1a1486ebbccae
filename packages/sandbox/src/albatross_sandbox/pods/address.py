"""Pod addresses: taken from the subnet of the pod's node, as the VPC CNI does."""

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any

# Subnets of the world are /20s; their first addresses belong to the network itself and to nodes.
PREFIX, RESERVED = 20, 10


class Addresses:
    """The addresses of each node's subnet; a released one comes last in turn, so that a stale target never meets a new pod."""

    def __init__(self, nodes: list[dict[str, Any]], held: Iterable[str] = ()) -> None:
        """`held`: the addresses of pods that ran before this kubelet began, kept for them to come back to."""
        self._subnets = {node["name"]: _subnet(node) for node in nodes}
        self._taken = {str(node["private_ip"]) for node in nodes}
        self._held = set(held)
        self._next = {subnet: _after(subnet, self._held) for subnet in self._subnets.values()}

    def take(self, node: str) -> str:
        """A free address for a pod on that node; raises LookupError when the subnet is full or the node unknown."""
        subnet = self._subnets[node]
        for offset in self._turn(subnet):
            address = str(subnet[offset])
            if address not in self._taken and address not in self._held:
                self._next[subnet] = offset + 1
                self._taken.add(address)
                return address
        raise LookupError(f"no free address in {subnet}")

    def keep(self, node: str, address: str) -> bool:
        """Take the address that a pod had before its kubelet restarted; False when it cannot have it again."""
        if address in self._taken or node not in self._subnets or ipaddress.IPv4Address(address) not in self._subnets[node]:
            return False
        self._held.discard(address)
        self._taken.add(address)
        return True

    def release(self, address: str) -> None:
        """Give an address back."""
        self._taken.discard(address)

    def _turn(self, subnet: ipaddress.IPv4Network) -> Iterator[int]:
        start = self._next[subnet]
        last = subnet.num_addresses - 1
        yield from range(start, last)
        yield from range(RESERVED, min(start, last))


def _subnet(node: dict[str, Any]) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network(f"{node['private_ip']}/{PREFIX}", strict=False)


def _after(subnet: ipaddress.IPv4Network, held: Iterable[str]) -> int:
    """The first offset behind all held addresses of a subnet."""
    numbers = [int(found) - int(subnet.network_address) for item in held if (found := ipaddress.IPv4Address(item)) in subnet]
    return max([RESERVED - 1, *numbers]) + 1
