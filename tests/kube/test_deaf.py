"""A watch that the API server forgets: it is listed again, and if that is silent too, the liveness endpoint fails and names the kind."""

import aiohttp
from tests.kube.wire import FAST, Api, mirrored

from albatross.aws.session.client import Session
from albatross.catalog.settings import Options
from albatross.controller import probes
from albatross.controller.app import App
from albatross.controller.metrics import Metrics
from albatross.kube.watch import Timing
from albatross.model.config import Config

CONFIG = Config(cluster_name="c", region="eu-west-1", vpc_id="vpc-1")
BACKEND = {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}
LIMIT = FAST.longest + FAST.grace + FAST.again


def process(api: Api) -> App:
    return App(api.client, Session(CONFIG, clock=api.clock), CONFIG, Options(), Metrics(api.clock))


async def health(port: int) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/healthz") as answer:
        return answer.status, await answer.text()


async def test_a_silent_api_server_fails_the_liveness_endpoint(api: Api, unused_tcp_port: int) -> None:
    app = process(api)
    async with (
        mirrored(api.client, "Ingress") as mirror,
        probes.serve(f"127.0.0.1:{unused_tcp_port}", probes.health(str, lambda: app.deaf)),
    ):
        app.reflectors[:] = [mirror.reflector]
        assert await health(unused_tcp_port) == (200, "ok")
        api.wire.hold()
        allowed = mirror.reflector.allowed
        await api.clock.advance(allowed - mirror.reflector.silent - 1)
        assert await health(unused_tcp_port) == (200, "ok")
        await api.clock.advance(2)
        status, text = await health(unused_tcp_port)
        assert (status, text) == (500, f"the API server sends nothing about: Ingress ({allowed + 1:.0f} s)")
        assert mirror.reflector.counts["failed"] > 1  # it was listed again in between
        api.wire.release()
        await api.until(lambda: mirror.reflector.counts["listed"] == 2)
        assert await health(unused_tcp_port) == (200, "ok")


async def test_a_silent_watch_is_listed_again(api: Api) -> None:
    await api.make("Ingress", "old", spec=BACKEND)
    async with mirrored(api.client, "Ingress") as mirror:
        api.wire.hold()
        await api.running.cluster.delete("ingresses.networking.k8s.io", "default", "old")
        await api.clock.advance(FAST.longest + FAST.grace + 1)
        api.wire.cut()
        api.wire.release()
        await api.until(lambda: mirror.names() == set())
        assert mirror.reflector.counts["listed"] == 2
        assert not mirror.reflector.deaf


async def test_a_server_that_is_away_is_not_silent(api: Api) -> None:
    async with mirrored(api.client, "Ingress") as mirror:
        mirror.reflector.heard -= LIMIT + 1
        assert mirror.reflector.deaf
        api.wire.closed = True
        api.wire.cut()
        await api.until(lambda: mirror.reflector.counts["failed"])
        assert not mirror.reflector.deaf


async def test_a_kind_may_be_silent_for_as_long_as_its_bookmarks_may_take(api: Api) -> None:
    async with mirrored(api.client, "Ingress", timing=Timing()) as mirror:
        mirror.reflector._bookmarked = True
        assert mirror.reflector.allowed == Timing().silence + Timing().again
        mirror.reflector.heard -= Timing().silence + Timing().again - 1
        assert not mirror.reflector.deaf
        mirror.reflector.heard -= 2
        assert mirror.reflector.deaf
