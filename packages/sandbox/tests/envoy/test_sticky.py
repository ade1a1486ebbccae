"""Clients that stay with a target or a target group, through the real Envoy."""

import pytest
from packages.sandbox.tests.envoy.conftest import Account, Backend, Client, Plane
from packages.sandbox.tests.envoy.parts import forward

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_target_stickiness(account: Account, plane: Plane, client: Client, backend: Backend) -> None:
    lb = account.balancer()
    targets = [(*await backend(name), "healthy") for name in ("one", "two")]
    attributes = {"stickiness.enabled": "true", "stickiness.type": "lb_cookie", "stickiness.lb_cookie.duration_seconds": "60"}
    account.listener(lb, 18080, forward((account.group("t", targets, attributes=attributes), 1)))
    await plane.serve(account)
    first = await client.get(plane.url(lb, 18080))
    names = [each.partition("=")[0] for each in first.cookies]
    assert names == ["AWSALB", "AWSALBCORS"]
    assert first.cookies[1].endswith("SameSite=None; Secure")
    cookie = first.cookies[0].partition(";")[0]
    again = [(await client.get(plane.url(lb, 18080), headers={"Cookie": cookie})).json["name"] for _ in range(4)]
    assert set(again) == {first.json["name"]}


async def test_group_stickiness(account: Account, plane: Plane, client: Client, backend: Backend) -> None:
    lb = account.balancer()
    groups = [account.group(name, [(*await backend(name), "healthy")]) for name in ("blue", "green")]
    account.listener(lb, 18080, forward((groups[0], 1), (groups[1], 1), sticky=60))
    await plane.serve(account)
    first = await client.get(plane.url(lb, 18080))
    assert [each.partition("=")[0] for each in first.cookies] == ["AWSALBTG", "AWSALBTGCORS"]
    cookie = "a=b; " + first.cookies[0].partition(";")[0]
    again = [(await client.get(plane.url(lb, 18080), headers={"Cookie": cookie})).json["name"] for _ in range(8)]
    assert set(again) == {first.json["name"]}


async def test_application_stickiness_waits_for_its_cookie(account: Account, plane: Plane, client: Client, backend: Backend) -> None:
    lb = account.balancer()
    attributes = {"stickiness.enabled": "true", "stickiness.type": "app_cookie", "stickiness.app_cookie.cookie_name": "session"}
    group = account.group("t", [(*await backend("one"), "healthy")], attributes=attributes)
    account.listener(lb, 18080, forward((group, 1)))
    await plane.serve(account)
    assert (await client.get(plane.url(lb, 18080))).cookies == ()
