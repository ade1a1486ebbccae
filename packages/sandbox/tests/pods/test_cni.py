"""Pod addresses in EC2."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from packages.sandbox.tests.pods.cluster import bed


class Ec2:
    """Takes the calls of the CNI; refuses the first `throttled` ones."""

    def __init__(self) -> None:
        self.calls: list[dict[str, str]] = []
        self.throttled = 0
        self.url = ""

    async def serve(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=vpc-cni/")
        if self.throttled:
            self.throttled -= 1
            return web.Response(status=503, text="RequestLimitExceeded")
        self.calls.append(dict(parse_qsl(await request.text())))
        return web.Response(text="<ok/>")

    def addresses(self, operation: str) -> set[str]:
        calls = [call for call in self.calls if call["Action"] == operation]
        return {value for call in calls for key, value in call.items() if key.startswith("PrivateIpAddress.")}


@pytest.fixture
async def ec2() -> AsyncIterator[Ec2]:
    fake = Ec2()
    app = web.Application()
    app.router.add_post("/", fake.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield fake
    await runner.cleanup()


async def test_an_address_is_assigned_before_its_pod_is_ready(ec2: Ec2) -> None:
    async with bed(ec2.url) as running:
        await running.deploy(replicas=30)
        await running.until(lambda: running.ready() == 30)
        assert ec2.addresses("AssignPrivateIpAddresses") == {pod["status"]["podIP"] for pod in running.pods()}
        assert len(ec2.calls) < 15
        assert {call["NetworkInterfaceId"] for call in ec2.calls} == {"eni-0", "eni-1", "eni-2"}


async def test_an_address_is_given_back(ec2: Ec2) -> None:
    async with bed(ec2.url) as running:
        await running.pod()
        await running.until(lambda: running.ready() == 1)
        address = running.one()["status"]["podIP"]
        await running.cluster.delete("pods", "default", "one")
        await running.until(lambda: ec2.addresses("UnassignPrivateIpAddresses") == {address})


async def test_a_throttled_call_is_made_again(ec2: Ec2) -> None:
    ec2.throttled = 2
    async with bed(ec2.url) as running:
        await running.pod()
        await running.until(lambda: running.ready() == 1)
        assert ec2.addresses("AssignPrivateIpAddresses") == {running.one()["status"]["podIP"]}
