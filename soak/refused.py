"""One Ingress that AWS refuses: what it costs while nothing can change, and how soon it is in place when it can be."""

import asyncio
from typing import Any

from aiohttp import web
from soak import fault, runs, shop
from soak.account import Made, Serve
from soak.runs import Row
from soak.world import World

Object = dict[str, Any]
FAMILY = "an Ingress that AWS refuses"
SETTLED_SECONDS, MINUTES = 60.0, 10
"""When it is as far as it can be, and how long its calls are counted then; chosen by us."""
DENIED = (
    "elbv2:CreateLoadBalancer",
    "elbv2:CreateListener",
    "elbv2:CreateRule",
    "elbv2:RegisterTargets",
    "elbv2:DescribeListeners",
    "elbv2:DescribeLoadBalancers",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:DescribeSubnets",
    "acm:ListCertificates",
    "route53:ChangeResourceRecordSets",
    "route53:ListHostedZones",
    "shield:CreateProtection",
)
"""Operations without a permission."""
PHASES = (0.0, 6.0, 13.0)
"""When the permission is there, in seconds after the counting; chosen by us: the tries are 20 s apart."""
MISSING = {
    "subnets": "nowhere-a,nowhere-b",
    "security-groups": "nowhere",
    "certificate-arn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/00000000-0000-0000-0000-000000000000",
    "wafv2-acl-name": "nowhere",
    "mutual-authentication": '[{"port": 443, "mode": "verify", "trustStore": "nowhere"}]',
}
"""Annotations that name what does not exist."""


def objects(world: World, **annotations: str) -> list[Object]:
    """The Ingress of the runs with all that it needs, without the network load balancer."""
    made = [each for each in shop.create(world.pods) if each["metadata"]["name"] not in ("net", "net-1")]
    given = {shop.ALB + name.replace("_", "-"): text for name, text in annotations.items()}
    for each in made:
        if each["kind"] == "Ingress":
            each["metadata"]["annotations"] |= given
    return made


async def _apply(world: World, **annotations: str) -> None:
    for each in objects(world, **annotations):
        await world.api.apply(each)


async def accepted(world: World) -> Any:
    """The state that it must reach. The world is afterwards as it was before."""
    await runs.begin(world)
    await _apply(world)
    assert await world.rest() is not None
    found = await world.state()
    await _away(world)
    return found


async def denied(world: World, known: Any, operation: str, phase: float) -> Row:
    """It is created without a permission, which is there later."""
    await runs.begin(world)
    lifted = False

    async def gate(made: Made, serve: Serve, request: web.Request) -> web.StreamResponse:
        return await serve() if made.name != operation or lifted else await fault.deny(made, request)

    world.account.gate = gate
    await _apply(world)
    calls = await _counted(world)
    await asyncio.sleep(phase)
    lifted = True
    return await _end(world, known, Row(FAMILY, f"{operation} denied", "create", None, calls=calls))


async def missing(world: World, known: Any, annotation: str) -> Row:
    """It is created with the name of what does not exist, which is corrected later."""
    await runs.begin(world)
    await _apply(world, **{annotation: MISSING[annotation]})
    calls = await _counted(world)
    await world.api.apply(next(each for each in objects(world) if each["kind"] == "Ingress"))
    return await _end(world, known, Row(FAMILY, f"{annotation} names nothing", "create", None, calls=calls))


async def _counted(world: World) -> int:
    """The calls of some minutes in which nothing can change."""
    await asyncio.sleep(SETTLED_SECONDS)
    before = len(world.account.calls)
    await asyncio.sleep(60 * MINUTES)
    return len(world.account.calls) - before


async def _end(world: World, known: Any, row: Row) -> Row:
    began = world.loop.time()
    reached = await runs.reach(world, known, 120)
    lacking = () if reached is not None else tuple(runs.difference(known, await world.state()))
    await _away(world)
    seconds = None if reached is None else max(0.0, reached - began)
    return Row(row.family, row.case, row.step, seconds, difference=lacking, calls=row.calls)


async def _away(world: World) -> None:
    world.account.reset()
    await world.step("delete")
    await world.rest()
    await world.clear()
