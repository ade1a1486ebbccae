"""The page of a controller that runs in a world: a real account, real pods, and a real Secret that never appears."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from tests import account
from tests.flows.bed import Bed, deployment, ingress, service, until
from tests.web.conftest import port
from tests.web.test_site import message

from albatross.install.rbac import secret as secrets

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

HUSH = "hush-hush-3141"
SITES = {name: f"https://id.example.com/{name}" for name in ("issuer", "authorizationEndpoint", "tokenEndpoint", "userInfoEndpoint")}


async def test_the_page_of_a_controller(bed: Bed) -> None:
    url = await started(bed)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "oidc"}, "stringData": {"clientID": "me", "clientSecret": HUSH}}
    who = {"name": bed.controller.lease, "namespace": account.NAMESPACE}
    await account.grant(bed.client, *secrets(bed.namespace, ["oidc"], who))
    async with aiohttp.ClientSession() as session, session.get(f"{url}events?since=0") as stream:
        oidc = {"auth_type": "oidc", "auth_idp_oidc": json.dumps({**SITES, "secretName": "oidc"}), "listen_ports": '[{"HTTPS": 443}]'}
        arn = next(str(each["arn"]) for each in bed.world.details["certificates"] if each["domain"] == "api.example.com")
        await bed.apply(secret, service(), deployment(), ingress(target_type="ip", certificate_arn=arn, **oidc))
        await message(stream, f"{bed.namespace}/app")
        await bed.address()
        found = await until(lambda: healthy(session, url, bed.namespace), "two healthy targets on the page")
        names = [each["metadata"]["name"] for each in await pods(bed)]
        assert sorted(node["name"] for node in found["nodes"] if node["kind"] == "target") == sorted(names)

        # a pod gets sick, and the page says so by itself, with the reason
        await bed.kubectl("annotate", "pod", names[0], "sandbox.albatross/health=fail")
        hurry = asyncio.create_task(hurried(bed))
        assert "LB6" in await message(stream, "is unhealthy")
        hurry.cancel()

        texts = [await get(session, url + path) for path in ("", "model.json", "model.dot", "plan?number=1")]
        texts += [await get(session, f"{url}thing?id={node['id']}") for node in found["nodes"]]
        typed = ingress(service="wbe", schemee="internal")
        broken = {"text": json.dumps({**typed, "metadata": {**typed["metadata"], "namespace": bed.namespace}})}
        async with session.post(f"{url}trial", data=broken, headers={"Origin": url.rstrip("/")}) as answer:
            texts.append(await answer.text())
            assert "wbe" in texts[-1]
            assert "schemee" in texts[-1]
        assert "id.example.com" in texts[0]
        assert not [text for text in texts if HUSH in text]


async def started(bed: Bed) -> str:
    """The controller again, with a page; its address."""
    bed.controller.stop()
    url = f"http://127.0.0.1:{port()}/"
    bed.controller.start("--page-bind-address", url.removeprefix("http://").rstrip("/"), "--page-health-period", "500ms")

    async def answers() -> bool:
        try:
            async with aiohttp.ClientSession() as session, session.get(url) as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    await until(answers, "the page")
    return url


async def get(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(url) as answer:
        assert answer.status == 200, url
        return await answer.text()


async def healthy(session: aiohttp.ClientSession, url: str, namespace: str) -> dict[str, Any]:
    """The group of the Ingress, if two targets are healthy."""
    groups = json.loads(await get(session, f"{url}model.json"))["groups"]
    found: dict[str, Any] = next((each for each in groups if each["name"] == f"{namespace}/app"), {"nodes": []})
    targets = [node["state"] for node in found["nodes"] if node["kind"] == "target"]
    return found if targets == ["healthy"] * 2 else {}


async def pods(bed: Bed) -> list[dict[str, Any]]:
    return list((await bed.get("Pod"))["items"])


async def hurried(bed: Bed) -> None:
    """Let the clock of the account run, so that its health checks come sooner."""
    while True:
        await asyncio.to_thread(bed.call, "clock", {"advance": 15})
        await asyncio.sleep(0.2)
