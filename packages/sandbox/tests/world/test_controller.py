"""Our controller as a child of a world."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from albatross_sandbox.world import controller, network
from albatross_sandbox.world.child import Child
from albatross_sandbox.world.part import Facts
from albatross_sandbox.world.state import Trouble


@pytest.fixture
async def facts() -> AsyncIterator[Facts]:
    with network.claimed("controller") as cidr:
        yield {
            "cidr": cidr,
            "cluster_name": "c",
            "region": "r",
            "kube": {"kubeconfig": "/k"},
            "aws": {"vpc_id": "vpc-1", "endpoint": "http://127.0.0.1:1"},
        }


def shell(script: str, folder: Path) -> Child:
    return Child("controller", ["/bin/sh", "-c", script], {}, folder / "controller.log")


def test_serves_on_an_address_of_its_world(facts: Facts) -> None:
    words = " ".join(controller.argv(facts))
    assert f"--metrics-bind-addr {controller.host(facts)}:8080" in words
    assert "--kubeconfig /k --cluster-name c --aws-region r --aws-vpc-id vpc-1" in words
    assert controller.page(facts) == f"http://{controller.host(facts)}:8088/"
    assert f"--page-bind-address {controller.host(facts)}:8088" in words


async def test_one_that_ends_shows_its_last_words(facts: Facts, tmp_path: Path) -> None:
    child = shell("echo no such flag >&2; exit 3", tmp_path)
    await child.start(ready=False)
    with pytest.raises(Trouble, match=r"ended with 3(.|\n)*no such flag"):
        await controller.ready(child, facts)
    await child.stop()


async def test_is_awaited_until_it_says_that_it_is_ready(facts: Facts, tmp_path: Path) -> None:
    asked = 0

    async def readyz(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=200 if asked == 3 else 500)

    app = web.Application()
    app.router.add_get("/readyz", readyz)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, controller.host(facts), controller.HEALTH).start()
    child = shell("exec sleep 60", tmp_path)
    await child.start(ready=False)
    await controller.ready(child, facts)
    assert asked == 3
    await child.stop()
    await runner.cleanup()
