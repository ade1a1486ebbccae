"""A controller in memory with its page on a port of this machine."""

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from tests.controller.scripted import Account, Cluster
from tests.world import CONFIG, annotated, objects

from albatross.catalog.settings import Options
from albatross.catalog.tracking import INGRESS
from albatross.controller.app import App
from albatross.controller.metrics import Metrics
from albatross.model.resources.stack import StackId
from albatross.web.server import page

APP = StackId(INGRESS, "shop", "app")


@dataclass
class Visit:
    """A browser at the page of a controller."""

    cluster: Cluster
    account: Account
    app: App
    session: aiohttp.ClientSession
    url: str

    def apply(self, annotations: dict[str, str] | None = None, *more: dict[str, Any]) -> None:
        """Apply the base Ingress with the objects that it needs."""
        self.cluster.apply(*objects(annotated({"target-type": "ip", **(annotations or {})}, "app")), *more)

    async def reconcile(self) -> None:
        """One pass of the model loop."""
        self.app.index.settle()
        await self.app.groups.reconcile(APP)

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        """The status and the text of an answer."""
        async with self.session.get(self.url + path, headers=headers) as answer:
            return answer.status, await answer.text()

    async def post(self, text: str, **headers: str) -> tuple[int, str]:
        """The answer to a text of the text box, as htmx sends it."""
        own = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true", **headers}
        async with self.session.post(self.url + "trial", data={"text": text}, headers=own) as answer:
            return answer.status, await answer.text()


def port() -> int:
    """A port that nobody uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
async def visit() -> AsyncIterator[Visit]:
    cluster, account, where = Cluster(), Account(CONFIG), f"127.0.0.1:{port()}"
    options = Options(page_address=where, page_hosts=("albatross.example.com",))
    app = App(cluster, account, CONFIG, options, Metrics(), cache=cluster.cache)
    for reflector in app.reflectors:
        reflector.synced.set()
    app._leading = True
    async with page(app), aiohttp.ClientSession() as session:
        yield Visit(cluster, account, app, session, f"http://{where}/")
    await app.groups.close()
    account.inventory.close()
