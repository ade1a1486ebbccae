"""Which loopback address and ports a load balancer has: kept by ARN for as long as the world lives."""

import errno
import ipaddress
import json
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from albatross_sandbox.envoy.state import LoadBalancer, Place, State

Probe = Callable[[str, int], bool]
_FALLBACK = 8000  # 80 → 8080 and 443 → 8443 are what people guess first
_SPARE = 20000
_LAST_PORT = 65535


def bindable(address: str, port: int) -> bool:
    """Whether this process may listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM, errno.EADDRINUSE):
                return False
            raise
    return True


class Ledger:
    """Addresses from `x.y.240.1` on, given out in order of appearance and remembered in a file."""

    def __init__(self, cidr: str, path: Path, probe: Probe = bindable) -> None:
        self._network = network = ipaddress.ip_network(cidr)
        # The last sixteenth of a world's /16 is its load balancers'.
        self._first = int(network.network_address) + (network.num_addresses // 16) * 15 + 1
        self._last = int(network.broadcast_address) - 1
        self._path = path
        self._probe = probe
        self._addresses: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        self._ports: dict[str, dict[int, int]] = {}

    def places(self, state: State) -> dict[str, Place]:
        """The place of every load balancer; the same ones for the same ARNs and ports, also when they come back."""
        return {each.arn: self._place(each) for each in state.load_balancers}

    def _place(self, balancer: LoadBalancer) -> Place:
        address = self._addresses.get(balancer.arn) or self._assign(balancer.arn)
        # A port once bound is never probed again: Envoy may still hold it, or be about to let go of it.
        bound = self._ports.setdefault(balancer.arn, {})
        wanted = {each.port for each in balancer.listeners}
        for port in sorted(wanted - bound.keys()):
            bound[port] = self._bind(address, port, set(bound.values()) | wanted)
        zones = self._zones(balancer, address)
        return Place(next(iter(zones.values()), address), {port: bound[port] for port in sorted(wanted)}, zones)

    def _zones(self, balancer: LoadBalancer, first: str) -> dict[str, str]:
        """An address a zone: the one that was asked for, else one of ours; the first zone's is the load balancer's own."""
        found: dict[str, str] = {}
        for index, zone in enumerate(balancer.zones):
            key = f"{balancer.arn}@{zone.name}"
            asked = zone.address if zone.address and ipaddress.ip_address(zone.address) in self._network else None
            found[zone.name] = asked or (first if not index else self._addresses.get(key) or self._assign(key))
        return found

    def _assign(self, arn: str) -> str:
        taken = {int(ipaddress.ip_address(each)) for each in self._addresses.values()}
        number = next(each for each in range(self._first, self._last) if each not in taken)
        self._addresses[arn] = str(ipaddress.ip_address(number))
        spare = self._path.with_suffix(".new")
        spare.write_text(json.dumps(self._addresses, indent=1), "utf-8")
        os.replace(spare, self._path)
        return self._addresses[arn]

    def _bind(self, address: str, port: int, taken: set[int]) -> int:
        if self._probe(address, port):
            return port
        return next(each for each in _others(port) if each not in taken and self._probe(address, each))


def _others(port: int) -> Iterator[int]:
    if port + _FALLBACK <= _LAST_PORT:
        yield port + _FALLBACK
    yield from range(_SPARE, _LAST_PORT + 1)
