"""The leader's part: it proves that the API server reaches the webhooks, and only then registers them; it also rotates the certificate."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from uuid import uuid4

import structlog

from albatross.catalog import problems, webhooks
from albatross.catalog.event import REGISTERED, UNREACHED
from albatross.controller.herald import Herald
from albatross.controller.metrics import Metrics
from albatross.controller.webhook.keeper import Keeper
from albatross.install import rotation
from albatross.install.webhooks import COLLECTIONS, Serving, blame, bundle, configurations, differs, probe, question
from albatross.kube.client import Client, Object, Request
from albatross.kube.errors import Forbidden, KubeError, KubeNotFound, Refused
from albatross.model.problem import Origin, Problem

log = structlog.get_logger("webhook")

ROUND_SECONDS = 15.0
FIRST_SECONDS = 1.0
"""Chosen: between two attempts while the webhooks are not registered; afterwards, `ROUND_SECONDS` between two probes."""
PATIENCE = 3
"""Chosen: so many probes fail before the webhooks are removed. One can fail while a replica is replaced."""
PROBE_SECONDS = 10.0


@dataclass
class Registrar:
    """Keeps the webhook configurations true. `place` says where the webhooks are, with the names that are known now."""

    client: Client
    keeper: Keeper
    place: Callable[[], Serving]
    paths: tuple[str, ...]
    port: int
    metrics: Metrics
    told: Herald = field(default_factory=Herald)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    registered: bool = False
    _failures: int = 0
    _said: str = field(default="", repr=False)
    _warned: str = field(default="", repr=False)

    async def run(self) -> None:
        """One round after another, until cancelled. Nothing that the API server says ends it."""
        await self.keeper.ready.wait()
        while True:
            try:
                await self.round()
            except KubeError as error:
                if isinstance(error, Forbidden):
                    self._report("LB753", str(error))
                else:
                    log.warning("webhooks not checked", error=str(error))
            except Exception:
                log.exception("webhooks not checked")  # a bug of ours: the loops must go on
            await self.client.clock.pause(ROUND_SECONDS if self.registered else FIRST_SECONDS, self.woken)

    async def round(self) -> None:
        """Probe, register or deregister, and go on with the rotation if it is due."""
        place = await self._probed_place()
        refusal = await self._probe(place)
        if refusal:
            self._failures += 1
            self._report(blame(refusal), refusal)
            if self._failures >= PATIENCE:
                await deregister(self.client)
                self._mark(False)
        else:
            self._failures, self._said, self._warned = 0, "", ""
            await self._register(place)
        # Between the first failure and the removal, nobody knows what the API server has.
        await self._rotate(settled=not refusal or self._failures >= PATIENCE)

    async def _probed_place(self) -> Serving:
        """Write the configuration of the probe. The bundle is ours, or what cert-manager has written into it."""
        place = replace(self.place(), bundle=b"" if self.place().injected else self.keeper.bundle)
        stored = await self._put(False, probe(place))
        return replace(place, bundle=bundle(stored))

    async def _probe(self, place: Serving) -> str:
        """Ask the API server to create an object that only the probe sees. Returns an empty text, or what went wrong."""
        nonce = f"n-{uuid4()}"
        path = f"/api/v1/namespaces/{place.namespace}/configmaps"
        request = Request(method="POST", path=path, body=question(place, nonce), params={"dryRun": "All"}, timeout=PROBE_SECONDS)
        try:
            await self.client.call(request)
        except Refused as refusal:
            if nonce in refusal.message:  # our own text: the webhook has answered
                return ""
            if isinstance(refusal, Forbidden):
                raise
            return refusal.message
        return "the API server has not called the probe yet"

    async def _register(self, place: Serving) -> None:
        for mutating, wanted in configurations(place, self.paths).items():
            if wanted is not None:
                await self._put(mutating, wanted)
            else:
                await _delete(self.client, mutating, webhooks.CONFIGURATION)
        self._mark(True)

    async def _rotate(self, settled: bool) -> None:
        standing = self.keeper.standing()
        due = rotation.step(standing, self.client.clock.utc(), settled) if standing else None
        if due:
            await self.keeper.advance(due)

    async def _put(self, mutating: bool, wanted: Object) -> Object:
        """Create the configuration, or change it if it differs; returns it as stored."""
        path = f"{COLLECTIONS[mutating]}/{wanted['metadata']['name']}"
        try:
            found = await self.client.get(path)
        except KubeNotFound:
            return await self.client.create(COLLECTIONS[mutating], wanted)
        if not differs(wanted, found):
            return found
        return await self.client.patch(path, wanted)

    def _mark(self, registered: bool) -> None:
        if registered != self.registered:
            log.info("webhooks registered" if registered else "webhooks removed", paths=sorted(self.paths))
            if registered:
                self.told.say("Normal", REGISTERED, "the API server reaches the webhooks")
        self.registered = registered
        self.metrics.registered.set(registered)

    def _report(self, code: str, said: str) -> None:
        """Log a problem once, and again when it changes. An event reports it if it lasts: the first attempts after a start often fail."""
        text, found = code + said.partition("?timeout")[0], problem(code, self.place(), self.port, said)
        if text != self._said:
            log.warning("webhooks", code=code, problem=problems.sentence(found))
        self._said = text
        if text != self._warned and (self.registered or self._failures != 1):
            self.told.warn([found], UNREACHED)
            self._warned = text


def problem(code: str, place: Serving, port: int, said: str) -> Problem:
    """A problem with the Service of the webhooks."""
    args = {"service": f"{place.namespace}/{place.service}", "port": str(port), "secret": webhooks.SECRET, "said": said}
    return Problem(code, Origin("Service", place.namespace, place.service), tuple(sorted(args.items())))


async def deregister(client: Client) -> None:
    """Remove both configurations, so that the API server calls us no more. Errors: those of `kube.errors`."""
    for mutating in COLLECTIONS:
        await _delete(client, mutating, webhooks.CONFIGURATION)


async def withdraw(client: Client) -> None:
    """Remove everything that was registered, the probe too. Errors: those of `kube.errors`."""
    await deregister(client)
    await _delete(client, False, webhooks.PROBE)


async def _delete(client: Client, mutating: bool, name: str) -> None:
    try:
        await client.delete(f"{COLLECTIONS[mutating]}/{name}")
    except KubeNotFound:
        pass
