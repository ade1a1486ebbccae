"""UDP listeners, which Envoy does not serve here: its targets would not see the client's address.

A flow stays with its target, by the hash of both addresses and ports; with stickiness by the client's address alone.
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/introduction.html
"""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from albatross_sandbox import pipe
from albatross_sandbox.envoy.cluster import reached, sticky
from albatross_sandbox.envoy.state import Forward, Listener, LoadBalancer, Place, State, TargetGroup
from albatross_sandbox.envoy.zone import crosses
from albatross_sandbox.pipe import Address
from albatross_sandbox.scatter import Scatter

# https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html#connection-idle-timeout
_IDLE_SECONDS = 120.0
_SPACE = 2**64

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pool:
    """The targets of a group that get datagrams now, the group's weight, and whether a client stays with its target."""

    weight: int
    targets: tuple[Address, ...]
    sticky: bool


@dataclass(frozen=True, slots=True)
class Front:
    """A UDP port of a load balancer's address; `clients` may send (None: everybody). `held`: all targets, also those that are leaving."""

    where: Address
    pools: tuple[Pool, ...]
    held: frozenset[Address]
    clients: tuple[IPv4Network, ...] | None = None

    def pick(self, client: Address) -> Address | None:
        """The target of a client; None if there is none, or the client may not send."""
        if self.clients is not None and not any(IPv4Address(client[0]) in each for each in self.clients):
            return None
        flow = f"{client[0]}:{client[1]}>{self.where[0]}:{self.where[1]}"
        pool = self._pool(flow)
        if pool is None or not pool.targets:
            return None
        key = client[0] if pool.sticky else flow
        # The highest hash wins, so that a target that comes or goes moves no client between the others.
        return max(pool.targets, key=lambda target: _hash(f"{key}@{target[0]}:{target[1]}"))

    def _pool(self, flow: str) -> Pool | None:
        point = _hash(flow) * sum(pool.weight for pool in self.pools) // _SPACE
        for pool in self.pools:
            if point < pool.weight:
                return pool
            point -= pool.weight
        return None


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def fronts(state: State, places: Mapping[str, Place]) -> dict[Address, Front]:
    """All UDP ports of all load balancers, in each zone, by address."""
    found = [
        _front(balancer, listener, state, Place(address, places[balancer.arn].ports), zone)
        for balancer in state.load_balancers
        for listener in balancer.listeners
        if listener.protocol in ("UDP", "TCP_UDP")
        for zone, address in (places[balancer.arn].zones or {"": places[balancer.arn].address}).items()
    ]
    return {each.where: each for each in found}


def _front(balancer: LoadBalancer, listener: Listener, state: State, place: Place, zone: str) -> Front:
    final = listener.rules[-1].final
    weighted = [each for each in final.groups if each.target_group in state.target_groups] if isinstance(final, Forward) else []
    groups = [(state.target_groups[each.target_group], each.weight) for each in weighted]
    return Front(
        where=(place.address, place.ports[listener.port]),
        pools=tuple(Pool(weight, _targets(group, "" if crosses(balancer, group) else zone), sticky(group)) for group, weight in groups),
        held=frozenset((each.address, each.port) for group, _ in groups for each in group.targets if each.address),
        clients=listener.clients.get("udp"),
    )


def _targets(group: TargetGroup, zone: str) -> tuple[Address, ...]:
    return tuple((each.address, each.port) for each in reached(group, zone) if each.address and each.open)


class Fronts:
    """The ports that are open; `refused` says which could not be opened, and why."""

    def __init__(self) -> None:
        self._open: dict[Address, Scatter] = {}
        self._now: Mapping[Address, Front] = {}
        self.refused: dict[Address, str] = {}

    async def follow(self, wanted: Mapping[Address, Front]) -> None:
        """Close what is no longer wanted, open what is, and send as they say from now on."""
        self._now, self.refused = wanted, {}
        for where in [where for where in self._open if where not in wanted]:
            await self._open.pop(where).stop()
        for where in wanted.keys() - self._open.keys():
            opened = self._scatter(where)
            try:
                await opened.start()
            except OSError as error:
                log.warning("UDP port %s:%s cannot be opened: %s", *where, error)
                self.refused[where] = str(error)
            else:
                self._open[where] = opened

    def _scatter(self, where: Address) -> Scatter:
        def pick(client: Address) -> Address | None:
            found = self._now.get(where)
            return found.pick(client) if found else None

        def holds(target: Address) -> bool:
            return where in self._now and target in self._now[where].held

        return Scatter(where, pick, pipe.local, holds, _IDLE_SECONDS)

    async def close(self) -> None:
        """Close all ports."""
        await self.follow({})
