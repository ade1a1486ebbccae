"""The webhooks of one process: they wait for their Service, serve on every replica, and are registered by the leader."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from albatross.catalog import problems
from albatross.catalog.event import UNREACHED
from albatross.catalog.kinds import KINDS
from albatross.catalog.settings import Options
from albatross.controller.herald import Herald
from albatross.controller.webhook import certificate
from albatross.controller.webhook.keeper import AGAIN_SECONDS, Files, Keeper, Source
from albatross.controller.webhook.register import Registrar, problem, withdraw
from albatross.controller.webhook.server import Desk, listening
from albatross.errors import AlbatrossError
from albatross.install.webhooks import Serving
from albatross.kube.cache import Change
from albatross.kube.client import Client
from albatross.kube.errors import Forbidden, KubeError, KubeNotFound
from albatross.model.config import Config

log = structlog.get_logger("webhook")

DRAIN_SECONDS = 5.0
"""Chosen: how long requests are still answered after a stop began. Then no API server sends any more: the pod is out of the endpoints."""
REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


def source(options: Options) -> str:
    """Where the certificate comes from: `own`, `cert-manager` or `files`."""
    if options.webhook_certificates != "auto":
        return options.webhook_certificates
    return "files" if all(path.is_file() for path in paths(options)) else "own"


def paths(options: Options) -> tuple[Path, Path]:
    """The files of the certificate and of its key."""
    folder = Path(options.webhook_folder)
    return folder / options.webhook_certificate, folder / options.webhook_key


@dataclass
class Webhooks:
    """`foreign` are the IngressClasses of other controllers. `host` and `port` are the address of the server.

    `allowed`: whether the cluster allows what they need; if not, nothing is served or registered.
    """

    client: Client
    options: Options
    config: Config
    desk: Desk
    foreign: Callable[[], tuple[str, ...]]
    host: str | None = None
    port: int = 0
    allowed: bool = True
    user: str = ""
    told: Herald = field(default_factory=Herald)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _source: Source | None = None
    _trouble: str = ""
    _present: asyncio.Event = field(default_factory=asyncio.Event)
    _serving: bool = False

    def __post_init__(self) -> None:
        self.host = self.host or self.options.webhook_host or None
        self.port = self.port or self.options.webhook_port
        self._mode = source(self.options)
        self._tls = certificate.context(self.options.webhook_client_ca)
        if self._mode == "files":
            self._source = Files(paths(self.options), self._tls, self.client.clock)
        else:
            hosts = certificate.names(self.options.webhook_service, self.client.access.namespace)
            self._source = Keeper(self.client, hosts, self._tls, own=self._mode == "own")

    @property
    def waiting_for(self) -> str:
        """What is missing until the server answers; empty without a Service, and if we may not read the certificate."""
        if self.desk.draining:
            return "stopping"
        if not self._present.is_set() or self._serving or (self._source and self._source.trouble):
            return ""
        return self._trouble or "waiting for: the certificate of the webhooks"

    @property
    def serving(self) -> bool:
        """Whether the server listens."""
        return self._serving

    async def run(self) -> None:
        """Serve until cancelled. Without a Service, the API server cannot reach us, and nothing is served."""
        if not (self.options.enable_webhooks and self.allowed):
            return
        await self._service()
        assert self._source is not None
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._source.run())
            tasks.create_task(self._serve(self._source))

    async def register(self) -> None:
        """The work of the leader, until cancelled. If the webhooks are switched off, what an earlier leader registered is removed."""
        if not self.options.enable_webhooks:
            await self._withdraw()
            return
        if not (self.allowed and isinstance(self._source, Keeper)):
            return  # who provides the files also writes the configurations
        await self._present.wait()
        self.user = await self._self()
        paths, metrics = tuple(self.desk.paths), self.desk.metrics
        await Registrar(self.client, self._source, self.place, paths, self.port, metrics, self.told, self.woken).run()

    def heard(self, change: Change) -> None:
        """Look again at once when somebody creates or deletes the Service."""
        if (change.kind, change.key) == ("Service", (self.client.access.namespace, self.options.webhook_service)):
            self.woken.set()

    def place(self) -> Serving:
        """Where the webhooks are."""
        return Serving(
            namespace=self.client.access.namespace,
            service=self.options.webhook_service,
            injected=self._mode == "cert-manager",
            user=self.user,
            ingress_class=self.config.ingress_class,
            foreign=self.foreign(),
        )

    async def drain(self) -> None:
        """Tell the API server to use other replicas, and answer until it does."""
        if self._serving:
            self.desk.draining = True
            await self.client.clock.sleep(DRAIN_SECONDS)

    async def _service(self) -> None:
        path = KINDS["Service"].path(self.client.access.namespace, self.options.webhook_service)
        while True:
            try:
                await self.client.get(path)
                break
            except Forbidden:
                break  # it can exist
            except KubeError as error:
                said = "it does not exist" if isinstance(error, KubeNotFound) else str(error)
                if said != self._trouble:
                    found = problem("LB751", self.place(), self.port, said)
                    log.warning("webhooks are not served", code=found.code, problem=problems.sentence(found))
                    self.told.warn([found], UNREACHED)
                self._trouble = said
            await self.client.clock.pause(AGAIN_SECONDS, self.woken)
        self._trouble = ""
        self._present.set()

    async def _serve(self, source: Source) -> None:
        await source.ready.wait()
        while True:
            try:
                async with listening(self.desk, self.port, self._tls, self.host) as number:
                    self.port, self._serving, self._trouble = number, True, ""
                    try:
                        await self.ended.wait()
                    finally:
                        self._serving = False
                    return
            except AlbatrossError as error:
                log.error("webhooks are not served", error=str(error))
                self._trouble = str(error)
            await self.client.clock.sleep(AGAIN_SECONDS)

    async def _self(self) -> str:
        """The name of the controller at the API server; empty if it does not say it."""
        try:
            found = await self.client.create(REVIEWS, {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"})
        except KubeError:
            return ""
        return str(((found.get("status") or {}).get("userInfo") or {}).get("username") or "")

    async def _withdraw(self) -> None:
        try:
            await withdraw(self.client)
        except KubeError as error:
            log.info("webhooks are switched off; whether some are registered is not known", error=str(error))
