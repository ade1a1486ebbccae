"""Says things about the controller itself, in events about its ServiceAccount."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from albatross.catalog import kinds, problems
from albatross.catalog.kinds import KINDS
from albatross.checks.access import Rights, account, complaints
from albatross.kube.client import Client
from albatross.kube.errors import KubeError
from albatross.kube.events import Event, Recorder
from albatross.model.problem import Problem
from albatross.model.snapshot import Key, Metadata, ServiceAccount

log = structlog.get_logger("identity")

KIND = "ServiceAccount"
COMPONENT = "identity"


@dataclass
class Herald:
    """Says things about the controller itself: each one in the log and, in a pod that may create events, about its ServiceAccount."""

    metadata: Metadata | None = None
    recorder: Recorder | None = None

    def say(self, kind: str, reason: str, message: str) -> None:
        """Record an event."""
        if self.metadata and self.recorder:
            self.recorder.emit(Event(KIND, self.metadata, kind, reason, message))

    def warn(self, found: Iterable[Problem], reason: str) -> None:
        """Record a Warning for each problem."""
        for problem in found:
            self.say("Warning", reason, problems.sentence(problem))


def instance() -> str:
    """The name of the pod, so that a person sees which pod says something; outside of a pod, the name of the machine."""
    return os.environ.get("POD_NAME") or socket.gethostname()


@asynccontextmanager
async def herald(client: Client, rights: Rights) -> AsyncIterator[Herald]:
    """The herald of this process; it writes its events until the context ends."""
    key = account(rights.user)
    if key is None:
        yield Herald()
        return
    found = await read(client, key)
    recorder = None if "events" in rights.lacking else Recorder(client, COMPONENT, instance())
    made = Herald(found.metadata, recorder)
    made.warn(complaints(rights), "AccessMissing")
    if recorder is None:
        yield made
        return
    task = asyncio.ensure_future(recorder.run())
    try:
        yield made
        await recorder.flush()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def read(client: Client, key: Key) -> ServiceAccount:
    """A ServiceAccount; without its annotations if it cannot be read."""
    row = KINDS[KIND]
    try:
        found = kinds.parse({**await client.get(row.path(*key)), "apiVersion": row.api_version, "kind": row.kind})
    except KubeError as error:
        log.info("service account not readable", account="/".join(key), error=str(error))
        return ServiceAccount(metadata=Metadata(namespace=key[0], name=key[1]))
    assert isinstance(found, ServiceAccount)
    return found
