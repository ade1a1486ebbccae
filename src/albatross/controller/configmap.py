"""The ConfigMap with the digests of `controller.legacy`, next to the Lease: one leader writes it, the next one reads it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from albatross.clock import Clock
from albatross.controller.legacy import Desired, Legacy
from albatross.errors import AlbatrossError
from albatross.kube.client import Client, Object
from albatross.kube.errors import KubeError, KubeNotFound
from albatross.kube.lease import Elector

log = structlog.get_logger("app")

KEEP_SECONDS = 30.0
"""The time between two writes (chosen by us): after a crash, what was put in place since the last one is compared at once."""


@dataclass(frozen=True, slots=True)
class Digests:
    """The ConfigMap with the digests, next to the Lease and with its name."""

    client: Client
    namespace: str
    name: str

    async def load(self) -> Mapping[str, str]:
        """Its data; empty if it does not exist. Errors: KubeError."""
        try:
            found = await self.client.get(f"{self._all}/{self.name}")
        except KubeNotFound:
            return {}
        return {str(key): str(value) for key, value in (found.get("data") or {}).items()}

    async def save(self, data: Mapping[str, str]) -> None:
        """Write its data. Errors: KubeError."""
        try:
            await self.client.patch(f"{self._all}/{self.name}", {"data": dict(data)})
        except KubeNotFound:
            meta = {"namespace": self.namespace, "name": self.name}
            body: Object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": dict(data)}
            await self.client.create(self._all, body)

    @property
    def _all(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/configmaps"


@dataclass
class DigestKeeper:
    """Reads the digests of the leader before us, and writes ours. Without a place, it does nothing. `on`: ours may be written."""

    legacy: Legacy
    clock: Clock
    elector: Elector | None = None
    place: Digests | None = None
    on: bool = False
    _written: Mapping[str, str] = field(default_factory=dict)

    async def read(self) -> None:
        """Accept the digests of the leader before us. If they cannot be read, there are none."""
        if self.place and self.elector:
            try:
                self.legacy.read(await self.place.load(), self.elector.transitions)
            except KubeError as error:
                log.warning("digests not read", error=str(error))

    async def keep(self) -> None:
        """Write the digests from time to time, until cancelled."""
        self.on = True
        while True:
            await self.clock.sleep(KEEP_SECONDS)
            await self.save()

    async def save(self) -> None:
        """Write the digests if they have changed. An error is logged."""
        if not (self.on and self.place and self.elector):
            return
        asked = dict(self.legacy.pending)
        self.legacy.settle(await asyncio.to_thread(_texts, asked), asked)
        data = self.legacy.text(self.elector.transitions)
        if data == self._written:
            return
        try:
            await self.place.save(data)
            self._written = data
        except AlbatrossError as error:
            log.warning("digests not written", error=str(error))


def _texts(asked: Mapping[str, Desired]) -> Mapping[str, str | None]:
    return {name: desired() for name, desired in asked.items()}


def keeper(legacy: Legacy, client: Client, elector: Elector | None, *, allowed: bool) -> DigestKeeper:
    """A keeper next to the Lease. Without a Lease nobody knows which leader wrote last, so nothing is kept."""
    place = Digests(client, *elector.place) if elector and allowed else None
    return DigestKeeper(legacy, client.clock, elector, place)
