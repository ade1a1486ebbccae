"""A webhook is called all the time, while the certificate changes and the replicas are replaced: no call fails."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import aiohttp
import pytest
from tests.clock import settle, until
from tests.controller.webhook.conftest import AGE, Replica, Stand

from albatross.catalog import webhooks
from albatross.controller.webhook import certificate
from albatross.controller.webhook.keeper import BUNDLE, NEXT
from albatross.install.rotation import SETTLE
from albatross.install.webhooks import COLLECTIONS, bundle
from albatross.kube.errors import Refused

BAD = {"inboundCIDRs": ["nonsense"]}


class Caller:
    """Writes without a pause. Every write must be refused by the webhook: then the API server has asked it."""

    def __init__(self, stand: Stand) -> None:
        self.calls = 0
        self.failures: list[str] = []
        self._stand = stand
        self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        path = "/apis/elbv2.k8s.aws/v1beta1/ingressclassparams"
        body = {"apiVersion": "elbv2.k8s.aws/v1beta1", "kind": "IngressClassParams", "metadata": {"name": "bad"}, "spec": BAD}
        while True:
            self.calls += 1
            try:
                await self._stand.api.client.create(path, body)
                self.failures.append("not asked")
                await self._stand.api.client.delete(f"{path}/bad")
            except Refused as refusal:
                if "denied the request" not in refusal.message:
                    self.failures.append(refusal.message)

    async def more(self, number: int = 20) -> None:
        """Wait until it has called so many times more."""
        wanted = self.calls + number
        await until(lambda: self.calls >= wanted or self._task.done())
        assert not self._task.done()

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def trusted(stand: Stand) -> list[bytes]:
    """The CAs that the API server trusts."""
    found = await stand.get(f"{COLLECTIONS[False]}/{webhooks.CONFIGURATION}")
    return certificate.split(bundle(found))


@pytest.mark.parametrize("kept", [True, False], ids=["kept connections", "a handshake each"])
async def test_no_call_fails_across_a_rotation_and_a_rolling_update(stand: Stand, kept: bool) -> None:
    if not kept:
        stand.api.running.face.admission._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
    await stand.serve()
    async with AsyncExitStack() as stack:
        old = [await stack.enter_async_context(stand.running()) for _ in range(2)]
        registrar = old[0].registrar()
        await registrar.round()
        caller = Caller(stand)
        stack.push_async_callback(caller.stop)
        await caller.more()
        (first,) = await trusted(stand)

        stand.clock.jump(AGE)
        await registrar.round()  # the new CA into the Secret
        await both(stand, old, lambda each: NEXT in each.data)
        await registrar.round()  # and into the configurations
        await caller.more()
        assert len(await trusted(stand)) == 2
        assert certificate.split(old[0].keeper.bundle)[0] == first

        stand.clock.jump(SETTLE)
        await registrar.round()  # the new certificate is served
        await both(stand, old, lambda each: NEXT not in each.data)
        await caller.more()
        assert len(await trusted(stand)) == 2

        stand.clock.jump(SETTLE)
        await registrar.round()  # the old CA out of the Secret
        await both(stand, old, lambda each: len(certificate.split(each.data[BUNDLE])) == 1)
        await registrar.round()
        await caller.more()
        (second,) = await trusted(stand)
        assert second != first

        for each in old:
            fresh = await stack.enter_async_context(stand.running())
            await replaced(stand, each)
            await caller.more()
        await fresh.registrar().round()
        await caller.more()
        await caller.stop()
        assert caller.failures == []
        assert caller.calls > 100


async def both(stand: Stand, replicas: list[Replica], true: Callable[[Replica], object]) -> None:
    await stand.until(lambda: all(true(each) for each in replicas))
    await settle()


async def replaced(stand: Stand, replica: Replica) -> None:
    """What happens to a pod that is deleted: it drains, its endpoint goes, and it ends."""
    draining = asyncio.ensure_future(replica.webhooks.drain())
    await settle()
    assert replica.webhooks.waiting_for == "stopping"
    await stand.strike(replica)
    await stand.until(draining.done)
    replica.webhooks.ended.set()
    await stand.until(lambda: not replica.webhooks.serving)
