"""Replicas that serve webhooks, behind a Service of the sandbox's API server."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.clock import Virtual, until
from tests.kube import conftest as kube
from tests.kube.wire import Api

from albatross.aws.session.client import Session
from albatross.catalog import kinds, webhooks
from albatross.catalog.settings import Options
from albatross.controller.app import background
from albatross.controller.metrics import Metrics
from albatross.controller.webhook.keeper import Keeper
from albatross.controller.webhook.register import Registrar
from albatross.controller.webhook.server import Desk
from albatross.controller.webhook.service import Webhooks
from albatross.kube import crds
from albatross.kube.client import Client
from albatross.model.config import Config
from albatross.model.snapshot import Snapshot

api = kube.api
CONFIG = Config(cluster_name="c", region="eu-west-1", vpc_id="vpc-1")
AGE = timedelta(days=276)
"""The clock starts so long ago; a certificate that is made then is due for renewal today."""
SERVICE: dict[str, Any] = {"ports": [{"port": 443, "targetPort": 9443, "name": "webhook-server"}]}


class Past(Virtual):
    """A clock that only the test moves, and that starts in the past: TLS libraries compare certificates with the real time."""

    origin = datetime.now(UTC) - AGE

    def utc(self) -> datetime:
        return self.origin + timedelta(seconds=self._now - self._start)

    def jump(self, time: timedelta) -> None:
        """Move without waking anybody."""
        self._now += time.total_seconds()


@dataclass
class Replica:
    """One process of the controller."""

    webhooks: Webhooks
    metrics: Metrics
    slice: str = ""

    @property
    def keeper(self) -> Keeper:
        found = self.webhooks._source
        assert isinstance(found, Keeper)
        return found

    @property
    def data(self) -> Mapping[str, bytes]:
        """What it knows of the Secret."""
        secret = self.keeper.secret
        return secret.data if secret else {}

    def registrar(self) -> Registrar:
        own = self.webhooks
        return Registrar(own.client, self.keeper, own.place, tuple(own.desk.paths), own.port, self.metrics)


@dataclass
class Stand:
    """The API server, and what the tests start in front of it."""

    api: Api
    client: Client
    clock: Past
    session: Session
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    snapshot: Snapshot | None = field(default_factory=Snapshot)

    def replica(self, **options: Any) -> Replica:
        metrics = Metrics(self.clock)
        desk = Desk(self.session, CONFIG, lambda: self.snapshot, self.thread, metrics)
        made = Webhooks(self.client, Options(webhook_port=0, **options), CONFIG, desk, lambda: ("nginx",), host="127.0.0.1")
        return Replica(made, metrics)

    @asynccontextmanager
    async def running(self, **options: Any) -> AsyncIterator[Replica]:
        """A replica that listens and is an endpoint of the Service."""
        replica = self.replica(**options)
        async with background(replica.webhooks.run(), "webhooks"):
            await self.until(lambda: replica.webhooks.serving)
            await self.enlist(replica)
            yield replica

    async def enlist(self, replica: Replica) -> None:
        """Put a replica into the endpoints."""
        replica.slice = f"hook-{next(self.numbers)}"
        metadata = {"name": replica.slice, "namespace": "default", "labels": {"kubernetes.io/service-name": webhooks.SERVICE}}
        await self.api.running.cluster.create(
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": metadata,
                "addressType": "IPv4",
                "endpoints": [{"addresses": ["127.0.0.1"], "conditions": {"ready": True}}],
                "ports": [{"name": "webhook-server", "port": replica.webhooks.port, "protocol": "TCP"}],
            }
        )

    async def strike(self, replica: Replica) -> None:
        """Take a replica out of the endpoints."""
        await self.api.client.delete(kinds.KINDS["EndpointSlice"].path("default", replica.slice))

    async def serve(self) -> None:
        """Make the Service."""
        await self.api.make("Service", webhooks.SERVICE, spec=SERVICE)

    async def until(self, true: Any) -> None:
        await until(true, self.clock)

    async def get(self, path: str) -> dict[str, Any]:
        return await self.api.client.get(path)


@pytest.fixture
async def stand(api: Api) -> AsyncIterator[Stand]:
    clock = Past()
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(Client(api.access, clock=clock))
        found = Stand(api, client, clock, Session(CONFIG, clock=clock))
        made = asyncio.ensure_future(crds.ensure(client))
        await found.until(made.done)
        try:
            yield found
        finally:
            found.thread.shutdown()
