"""The certificate that is served: it follows its Secret, or its files, while the server runs."""

import asyncio
import ssl
from base64 import b64encode
from datetime import datetime
from pathlib import Path
from typing import Protocol

import structlog

from albatross.catalog.kinds import KINDS
from albatross.catalog.webhooks import SECRET
from albatross.clock import Clock
from albatross.controller.webhook import certificate
from albatross.controller.webhook.certificate import Pair
from albatross.install.rotation import Phase, Renewal
from albatross.install.webhooks import LABELS
from albatross.kube.cache import Cache, Change
from albatross.kube.client import Client
from albatross.kube.errors import KubeConflict, KubeError
from albatross.kube.watch import Reflector
from albatross.model.snapshot import Secret

log = structlog.get_logger("webhook")

SINCE = "albatross.dev/webhook-step-at"
"""The annotation with the time of the last step of a rotation."""
BUNDLE, SERVED, KEY, NEXT, NEXT_KEY = "ca.crt", "tls.crt", "tls.key", "next.crt", "next.key"
AGAIN_SECONDS = 10.0
"""Chosen: how often we try again what the API server refuses, and how often files are compared."""


class Source(Protocol):
    """Where the certificate comes from. `ready` is set when one is loaded; `trouble` says why none is."""

    ready: asyncio.Event
    trouble: str

    async def run(self) -> None:
        """Keep the TLS context up to date until cancelled."""


class Keeper:
    """A certificate in a Secret, which all replicas share. `own`: we make it, otherwise cert-manager does."""

    def __init__(self, client: Client, hosts: tuple[str, ...], context: ssl.SSLContext, own: bool = True) -> None:
        self.ready, self.trouble = asyncio.Event(), ""
        self.bundle = b""
        self._client, self._hosts, self._context, self._own = client, hosts, context, own
        self._key = (client.access.namespace, SECRET)
        self._cache = Cache()
        self._woken = asyncio.Event()
        self._cache.listen(self._heard)
        params = {"fieldSelector": f"metadata.name={SECRET}"}
        self._reflector = Reflector(client, self._cache, "Secret", client.access.namespace, params)

    async def run(self) -> None:
        """Follow the Secret, and make it if it does not exist."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._reflector.run())
            tasks.create_task(self._follow())

    @property
    def secret(self) -> Secret | None:
        """The Secret as it was seen last."""
        found: Secret | None = self._cache.get("Secret", self._key)
        return found

    def standing(self) -> Renewal | None:
        """What a rotation needs to know; None if the Secret is not ours to rotate, or has no valid certificate."""
        secret = self.secret
        if not self._own or secret is None or not self.ready.is_set():
            return None
        since = secret.metadata.annotations.get(SINCE)
        return Renewal(
            ends=certificate.ends(secret.data[SERVED]),
            prepared=NEXT in secret.data,
            authorities=len(certificate.split(secret.data[BUNDLE])),
            since=datetime.fromisoformat(since) if since else None,
        )

    async def advance(self, step: Phase) -> None:
        """Go on with the rotation, unless another replica has changed the Secret. Errors: those of `kube.errors`."""
        secret = self.secret
        if secret is None:
            return
        match step:
            case Phase.EXTEND:
                pair = self._fresh()
                changes = {BUNDLE: secret.data[BUNDLE] + pair.authority, NEXT: pair.certificate, NEXT_KEY: pair.key}
            case Phase.PROMOTE:
                changes = {SERVED: secret.data[NEXT], KEY: secret.data[NEXT_KEY], NEXT: b"", NEXT_KEY: b""}
            case Phase.TRIM:
                changes = {BUNDLE: certificate.split(secret.data[BUNDLE])[-1]}
        log.info("webhook certificate", step=step.value)
        await self._write(secret, changes)

    def _heard(self, change: Change) -> None:
        self._woken.set()

    async def _follow(self) -> None:
        await self._synced()
        while True:
            self._woken.clear()
            try:
                await self._settle()
            except KubeConflict:
                pass  # another replica was faster; the watch brings its Secret
            except KubeError as error:
                self._warn(str(error))
                await self._client.clock.sleep(AGAIN_SECONDS)
                continue
            await self._woken.wait()

    async def _synced(self) -> None:
        while True:
            try:
                async with self._client.clock.timeout(AGAIN_SECONDS):
                    await self._reflector.synced.wait()
                return
            except TimeoutError:
                self._warn(f"Secret {self._key[0]}/{SECRET} cannot be read")

    async def _settle(self) -> None:
        """Load what the Secret has. If it has nothing that can be served, make it again, or wait for cert-manager."""
        secret = self.secret
        if secret is not None and self._load(secret):
            return
        if not self._own:
            self.trouble = f"Secret {self._key[0]}/{SECRET} has no certificate yet"
            log.warning("webhook certificate missing", code="LB754", secret=SECRET)
            return
        pair = self._fresh()
        data = {BUNDLE: pair.authority, SERVED: pair.certificate, KEY: pair.key}
        if secret is not None:
            log.warning("webhook certificate replaced, because it cannot be served", secret=SECRET)
            await self._write(secret, {**data, NEXT: b"", NEXT_KEY: b""})
            return
        metadata = {"namespace": self._key[0], "name": SECRET, "labels": LABELS}
        body = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": metadata, "data": _encoded(data)}
        await self._client.create(KINDS["Secret"].path(self._key[0]), body)

    def _load(self, secret: Secret) -> bool:
        try:
            served, key = secret.data[SERVED], secret.data[KEY]
            if self._own and not (secret.data.get(BUNDLE) and certificate.covers(served, self._hosts)):
                return False
            certificate.load(self._context, served, key)
        except (KeyError, ValueError, OSError):
            return False
        self.bundle = secret.data.get(BUNDLE, b"")
        self.trouble = ""
        self.ready.set()
        return True

    def _fresh(self) -> Pair:
        return certificate.make(self._hosts, self._client.clock.utc())

    async def _write(self, secret: Secret, changes: dict[str, bytes]) -> None:
        """Change the Secret if nobody else has in the meantime (otherwise KubeConflict). An empty value removes its key."""
        stamp = self._client.clock.utc().isoformat()
        metadata = {"resourceVersion": secret.metadata.resource_version, "annotations": {SINCE: stamp}}
        await self._client.patch(KINDS["Secret"].path(*self._key), {"metadata": metadata, "data": _encoded(changes)})

    def _warn(self, said: str) -> None:
        if said != self.trouble:
            log.warning("webhook certificate not available", code="LB753", error=said)
        self.trouble = said


class Files:
    """A certificate in files that others mount and renew, for example with the chart of the other controller."""

    def __init__(self, paths: tuple[Path, Path], context: ssl.SSLContext, clock: Clock) -> None:
        self.ready, self.trouble = asyncio.Event(), ""
        self._paths, self._context, self._clock = paths, context, clock
        self._seen: tuple[bytes, ...] = ()

    async def run(self) -> None:
        """Compare the files again and again, and load them when they have changed."""
        while True:
            try:
                found = tuple(path.read_bytes() for path in self._paths)
                if found != self._seen:
                    certificate.load(self._context, *found)
                    self._seen = found
                self.ready.set()
                self.trouble = ""
            except OSError as error:  # a pair that does not fit is an ssl.SSLError: it may be half written
                if not self.trouble:
                    log.warning("webhook certificate missing", code="LB754", error=str(error))
                self.trouble = str(error)
            await self._clock.sleep(AGAIN_SECONDS)


def _encoded(data: dict[str, bytes]) -> dict[str, str | None]:
    return {name: b64encode(text).decode() if text else None for name, text in data.items()}
