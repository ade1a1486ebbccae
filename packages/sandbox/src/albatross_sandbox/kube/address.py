"""Cluster addresses and node ports: given out to Services, once each."""

import ipaddress
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from albatross_sandbox.kube.store import Entry, Store
from albatross_sandbox.kube.value import Obj, dig

SERVICES = ipaddress.ip_network("10.96.0.0/12")
"""The cluster addresses, kubeadm's default range."""
PORTS = range(30000, 32768)
"""The node ports, kube-apiserver's default range."""
_HOLD = 30.0  # seconds; chosen: how long a number stays taken for an object that is not stored, such as one of a dry run

Owner = tuple[str, str]


@dataclass(slots=True)
class Ledger:
    """Which number is whose. A claim ends by itself when its owner no longer has the number."""

    store: Store
    has: Callable[[Obj, str], bool]
    claims: dict[str, tuple[Owner, float]] = field(default_factory=dict)

    def free(self, number: str, owner: Owner) -> bool:
        """Whether an owner may have a number."""
        claim = self.claims.get(number)
        if claim is None or claim[0] == owner:
            return True
        entry = self.store.get("services", *claim[0])
        if entry is None:
            return time.monotonic() - claim[1] > _HOLD
        return not self.has(entry.obj(), number)

    def take(self, number: str, owner: Owner) -> bool:
        """Claim a number; False where it is another's."""
        if not self.free(number, owner):
            return False
        self.claims[number] = (owner, time.monotonic())
        return True

    def release(self, owner: Owner) -> None:
        """Take back all that an owner has."""
        for number in [number for number, claim in self.claims.items() if claim[0] == owner]:
            del self.claims[number]


def _has_port(service: Obj, number: str) -> bool:
    ports = [port.get("nodePort") for port in dig(service, "spec", "ports", default=[])]
    return int(number) in [*ports, dig(service, "spec", "healthCheckNodePort")]


def _has_address(service: Obj, number: str) -> bool:
    return number in dig(service, "spec", "clusterIPs", default=[])


class Allocator:
    """Gives out node ports and cluster addresses."""

    def __init__(self, store: Store) -> None:
        self.ports = Ledger(store, _has_port)
        self.addresses = Ledger(store, _has_address)

    def adopt(self, entry: Entry) -> None:
        """Note what a Service has already."""
        service = entry.obj()
        for port in [*dig(service, "spec", "ports", default=[]), {"nodePort": dig(service, "spec", "healthCheckNodePort")}]:
            if port.get("nodePort"):
                self.ports.take(str(port["nodePort"]), entry.key)
        for address in dig(service, "spec", "clusterIPs", default=[]):
            self.addresses.take(address, entry.key)

    def release(self, entry: Entry) -> None:
        """Take back what a Service had that has left the store."""
        if entry.kind == "services":
            self.ports.release(entry.key)
            self.addresses.release(entry.key)

    def port(self, owner: Owner) -> int:
        """A free node port."""
        for _ in range(10 * len(PORTS)):
            number = random.choice(PORTS)
            if self.ports.take(str(number), owner):
                return number
        raise RuntimeError("no node port is free")

    def address(self, owner: Owner) -> str:
        """A free cluster address."""
        while True:
            number = str(SERVICES[random.randrange(256, SERVICES.num_addresses - 1)])
            if self.addresses.take(number, owner):
                return number
