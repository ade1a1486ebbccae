"""The ConfigMap with the digests of `controller.digests`, next to the Lease: one leader writes it, the next one reads it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from albatross.controller.digests import Desired, Digests
from albatross.errors import AlbatrossError
from albatross.kube import configmap
from albatross.kube.client import Client
from albatross.kube.errors import KubeError
from albatross.kube.lease import Elector

log = structlog.get_logger("app")

KEEP_SECONDS = 30.0
"""The time between two writes (chosen by us): after a crash, what was put in place since the last one is compared at once."""


@dataclass
class DigestStore:
    """Reads the digests of the leader before us, and writes ours. `on`: ours may be written.

    Without a Lease nobody knows which leader wrote last, so without an elector nothing is read or written.
    """

    digests: Digests
    client: Client
    elector: Elector | None = None
    on: bool = False
    _written: Mapping[str, str] = field(default_factory=dict)

    async def read(self) -> None:
        """Accept the digests of the leader before us. If they cannot be read, there are none."""
        if self.elector:
            try:
                self.digests.read(await configmap.read(self.client, self.elector.place) or {}, self.elector.transitions)
            except KubeError as error:
                log.warning("digests not read", error=str(error))

    async def keep(self) -> None:
        """Write the digests from time to time, until cancelled."""
        self.on = True
        while True:
            await self.client.clock.sleep(KEEP_SECONDS)
            await self.save()

    async def save(self) -> None:
        """Write the digests if they have changed. An error is logged."""
        if not (self.on and self.elector):
            return
        asked = dict(self.digests.pending)
        self.digests.settle(await asyncio.to_thread(_texts, asked), asked)
        data = self.digests.text(self.elector.transitions)
        if data == self._written:
            return
        try:
            await configmap.write(self.client, self.elector.place, data)
            self._written = data
        except AlbatrossError as error:
            log.warning("digests not written", error=str(error))


def _texts(asked: Mapping[str, Desired]) -> Mapping[str, str | None]:
    return {name: desired() for name, desired in asked.items()}
