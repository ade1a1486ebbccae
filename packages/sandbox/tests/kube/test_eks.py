"""Tokens of `aws eks get-token`, and where EKS says that the cluster is."""

import base64
import json
import pathlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import botocore.session
import pytest
from aiohttp import web
from botocore.signers import RequestSigner

from albatross_sandbox.kube import child
from albatross_sandbox.kube.eks import PREFIX, Authenticator
from albatross_sandbox.kube.fault import Fault

IDENTITY = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"


def token(key: str, cluster: str = "sandbox", *, action: str = "GetCallerIdentity", endpoint: str = "http://sts.example.com") -> str:
    """As the AWS CLI makes it."""
    session = botocore.session.get_session()
    session.set_credentials(key, "secret")
    client = session.create_client("sts", region_name="ap-northeast-2")
    signer = RequestSigner(
        client.meta.service_model.service_id,
        "ap-northeast-2",
        "sts",
        "v4",
        session.get_credentials(),
        session.get_component("event_emitter"),
    )
    request = {"method": "GET", "url": f"{endpoint}/?Action={action}&Version=2011-06-15", "body": {}, "context": {}}
    url = signer.generate_presigned_url(
        {**request, "headers": {"x-k8s-aws-id": cluster}}, region_name="ap-northeast-2", expires_in=60, operation_name=""
    )
    client.close()
    return PREFIX + base64.urlsafe_b64encode(url.encode()).rstrip(b"=").decode()


@asynccontextmanager
async def account(asked: list[Any]) -> AsyncIterator[str]:
    """STS, and the control call; every request is noted."""

    async def identity(request: web.Request) -> web.Response:
        asked.append(request.headers["x-k8s-aws-id"])
        key = request.query["X-Amz-Credential"].partition("/")[0]
        names = {"sandbox": "arn:aws:iam::123456789012:user/sandbox", "AKIAUSER": "arn:aws:iam::123456789012:user/dora"}
        return web.Response(text=IDENTITY.format(names[key])) if key in names else web.Response(status=403, text="<Error/>")

    async def cluster(request: web.Request) -> web.Response:
        asked.append(await request.json())
        return web.json_response({})

    application = web.Application()
    application.add_routes([web.get("/", identity), web.post("/_sandbox/cluster", cluster)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_the_key_of_the_sandbox_is_the_administrator() -> None:
    asked: list[Any] = []
    async with account(asked) as endpoint:
        found = Authenticator(endpoint, "sandbox")
        one = token("sandbox")
        user = await found.user(one)
        assert user is not None
        assert (user.name.rpartition("/")[2], user.groups) == ("sandbox", ("system:masters", "system:authenticated"))
        assert await found.user(one) is user
        assert asked == ["sandbox"], "the second time it is known"


async def test_a_user_of_iam_is_known_and_has_no_rights() -> None:
    async with account([]) as endpoint:
        user = await Authenticator(endpoint, "sandbox").user(token("AKIAUSER"))
        assert user is not None
        assert (user.name.rpartition("/")[2], user.groups) == ("dora", ("system:authenticated",))


async def test_what_sts_does_not_vouch_for_is_nobody() -> None:
    asked: list[Any] = []
    async with account(asked) as endpoint:
        found = Authenticator(endpoint, "sandbox")
        assert await found.user(token("stranger")) is None
        assert await found.user(token("sandbox", action="GetSessionToken")) is None
        assert await found.user(PREFIX + base64.urlsafe_b64encode(b"http://x/?Action=GetCallerIdentity").decode()) is None
        with pytest.raises(Fault, match="Unauthorized"):
            await found.user(PREFIX + "x")
    assert asked == ["sandbox"], "only a request that is what it must be is sent"


async def test_the_server_takes_such_tokens(tmp_path: pathlib.Path) -> None:
    asked: list[Any] = []
    async with account(asked) as endpoint, child.serve(tmp_path) as running:
        running.face.aws = Authenticator(endpoint, "sandbox")
        await running.face.aws.announce(running.server, running.ca.read_text())
        assert asked == [{"name": "sandbox", "endpoint": running.server, "certificate_authority": running.ca.read_text()}]
        statuses = {key: await status(running, token(key)) for key in ("sandbox", "AKIAUSER", "stranger")}
        assert statuses == {"sandbox": 200, "AKIAUSER": 403, "stranger": 401}


async def status(running: child.Running, bearer: str) -> int:
    headers = {"Authorization": f"Bearer {bearer}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(f"{running.server}/api/v1/nodes", ssl=False) as answer:
        assert json.loads(await answer.text())["kind"]
        return answer.status
