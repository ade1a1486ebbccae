"""What goes wrong between the controller and AWS."""

import asyncio
import copy
from collections.abc import Awaitable, Callable
from typing import Any
from xml.etree import ElementTree

from aiohttp import web
from soak.account import READS, Made, Serve
from soak.runs import Disturb, Happened
from soak.world import World

from albatross_sandbox.aws import protocol
from albatross_sandbox.aws.call import Call, identify
from albatross_sandbox.aws.elbv2 import Balancing
from albatross_sandbox.aws.fault import Fault
from albatross_sandbox.aws.store import Store

TIMES = 3
"""How many calls in a row meet a fault that passes by itself; chosen by us: fewer than the tries of one call."""
LONG = 120.0
"""The seconds for which a connection stays open without an answer; longer than the client waits."""
DENIED_SECONDS, LAG_SECONDS = 60.0, 3.0
DENIED, LAGS = "AccessDenied for a minute", "reads 3 s old after the write"
KINDS = ("throttled", "500", "HTML 503", "timeout before", "timeout after effect", "garbage", DENIED, LAGS)
TRUE = {
    DENIED: frozenset({"LB325", "LB511", "LB520", "LB713"}),
    "garbage": frozenset({"LB325", "LB518"}),
    "timeout before": frozenset({"LB520"}),
}
"""What may be told, because it is true: a permission is missing (so a binding cannot be cleaned up); AWS answers nonsense, or nothing for
so long that a binding is still there."""

HTML = "<html><head><title>503 Service Temporarily Unavailable</title></head><body>try again</body></html>"


def fault(kind: str, name: str) -> Disturb:
    """One kind of fault at one operation (`elbv2:CreateRule`)."""

    def disturb(world: World) -> Happened:
        happened = Happened(true=TRUE.get(kind, frozenset()))
        answer = _denied(world, happened) if kind == DENIED else _lagging(world, happened) if kind == LAGS else _passing(kind, happened)

        async def gate(made: Made, serve: Serve, request: web.Request) -> web.StreamResponse:
            return await answer(made, serve, request, made.name == name)

        world.account.gate = gate
        return happened

    return disturb


Answer = Callable[[Made, Serve, web.Request, bool], Awaitable[web.StreamResponse]]


def _passing(kind: str, happened: Happened) -> Answer:
    """Faults of a few calls."""
    times = 1 if kind == "timeout after effect" else TIMES

    async def answer(made: Made, serve: Serve, request: web.Request, hit: bool) -> web.StreamResponse:
        if not hit or happened.count >= times:
            return await serve()
        happened.count += 1
        return await _ANSWERS[kind](made, serve, request)

    return answer


async def _throttled(made: Made, serve: Serve, request: web.Request) -> web.StreamResponse:
    return await refuse(
        request, Fault("ThrottlingException" if made.service in ("acm", "wafv2", "shield") else "Throttling", "Rate exceeded", 400)
    )


async def _broken(made: Made, serve: Serve, request: web.Request) -> web.StreamResponse:
    return await refuse(request, Fault("InternalFailure", "an internal error", 500))


async def _html(made: Made, serve: Serve, request: web.Request) -> web.StreamResponse:
    return web.Response(status=503, text=HTML, content_type="text/html")


async def _garbage(made: Made, serve: Serve, request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"\x00\xff<<<{]", content_type="text/xml")


async def _before(made: Made, serve: Serve, request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(LONG)
    return web.Response(status=500)


async def _after(made: Made, serve: Serve, request: web.Request) -> web.StreamResponse:
    await serve()
    await asyncio.sleep(LONG)
    return web.Response(status=500)


_ANSWERS = {
    "throttled": _throttled,
    "500": _broken,
    "HTML 503": _html,
    "garbage": _garbage,
    "timeout before": _before,
    "timeout after effect": _after,
}


def _denied(world: World, happened: Happened) -> Answer:
    """A permission is missing for a minute from the first call that needs it."""
    until = 0.0

    async def answer(made: Made, serve: Serve, request: web.Request, hit: bool) -> web.StreamResponse:
        nonlocal until
        if not hit or (until and world.loop.time() >= until):
            return await serve()
        until = until or world.loop.time() + DENIED_SECONDS
        happened.count, happened.since = happened.count + 1, until
        return await deny(made, request)

    return answer


async def deny(made: Made, request: web.Request) -> web.Response:
    """The answer to a call without a permission."""
    code = (
        "UnauthorizedOperation"
        if made.service == "ec2"
        else "AccessDeniedException"
        if made.service in ("acm", "wafv2", "shield")
        else "AccessDenied"
    )
    who, why = "User: arn:aws:iam::123456789012:user/soak", "because no identity-based policy allows the"
    text = f"{who} is not authorized to perform: {_action(made)} {why} {_action(made)} action"
    return await refuse(request, Fault(code, text, 403))


def _action(made: Made) -> str:
    return f"{'elasticloadbalancing' if made.service == 'elbv2' else made.service}:{made.operation}"


async def refuse(request: web.Request, fault: Fault) -> web.Response:
    """AWS's refusal of a call, in the call's protocol."""
    call = await _call(request)
    body, kind = protocol.refusal(call.protocol, fault, "soak")
    return web.Response(text=body, status=fault.status, content_type=kind)


async def _call(request: web.Request) -> Call:
    found = identify(request.method, request.path_qs, request.headers, await request.read())
    assert found is not None
    return found


# Eventual consistency ------------------------------------------------------------------------------------------------------


def _lagging(world: World, happened: Happened) -> Answer:
    """For three seconds after such a write, reads answer as before it."""
    store, cloud = world.account.endpoint.store, world.account.endpoint.cloud
    old: list[tuple[float, Store | bytes]] = []

    def before(kind: type) -> Any:
        now = world.loop.time()
        return next((held for at, held in old if isinstance(held, kind) and now - at < LAG_SECONDS), None)

    async def answer(made: Made, serve: Serve, request: web.Request, hit: bool) -> web.StreamResponse:
        if hit and made.writes and made.service in ("elbv2", "ec2"):
            happened.count += 1
            old.append((world.loop.time(), _copy(store) if made.service == "elbv2" else (await cloud._post("ec2", _GROUPS))[1]))
            return await serve()
        if made.writes or not old:
            return await serve()
        if made.service == "elbv2" and (then := before(Store)) is not None:
            return await _read(Balancing(then, cloud), request)
        if made.operation == "DescribeSecurityGroups" and (body := before(bytes)) is not None:
            return _backdated(await serve(), body)
        return await serve()

    return answer


_GROUPS = {"Action": "DescribeSecurityGroups", "Version": "2016-11-15"}


def _copy(store: Store) -> Store:
    memo: dict[int, Any] = {id(store.clock): store.clock}
    for group in store.target_groups.values():
        memo[id(group.changed)] = group.changed
        memo |= {id(target.task): target.task for target in group.targets.values() if target.task is not None}
    return copy.deepcopy(store, memo)


async def _read(balancing: Balancing, request: web.Request) -> web.Response:
    call = await _call(request)
    try:
        return web.Response(text=await balancing.serve(call.operation, call.form, "soak"), content_type="text/xml")
    except Fault as fault:
        status = protocol.statuses("elbv2").get(fault.code, fault.status)
        return await refuse(request, Fault(fault.code, fault.message, status))


def _backdated(answer: web.StreamResponse, old: bytes) -> web.StreamResponse:
    """The answer with each security group as it was; new ones are missing."""
    assert isinstance(answer, web.Response)
    if answer.status >= 400 or not isinstance(answer.body, bytes):
        return answer
    root, then = ElementTree.fromstring(answer.body), ElementTree.fromstring(old)
    known = {item.findtext("{*}groupId"): item for item in then.iterfind("{*}securityGroupInfo/{*}item")}
    rows = root.find("{*}securityGroupInfo")
    if rows is not None:
        kept = [known[name] for item in list(rows) if (name := item.findtext("{*}groupId")) in known]
        for item in list(rows):
            rows.remove(item)
        rows.extend(kept)
    return web.Response(body=ElementTree.tostring(root), status=answer.status, content_type="text/xml")


def expired(world: World) -> Happened:
    """The credentials are refused for a minute, whatever is called, from the tenth call on."""
    happened = Happened(true=frozenset({"LB512", "LB520"}))
    until = 0.0

    async def gate(made: Made, serve: Serve, request: web.Request) -> web.StreamResponse:
        nonlocal until
        if made.number < 10 or (until and world.loop.time() >= until):
            return await serve()
        until = until or world.loop.time() + DENIED_SECONDS
        happened.count, happened.since = happened.count + 1, until
        return await refuse(request, Fault("ExpiredToken", "The security token included in the request is expired", 403))

    world.account.gate = gate
    return happened


def lags(name: str) -> bool:
    """Whether reads after this operation can be old: it is a write of load balancing or of security groups."""
    service, _, operation = name.partition(":")
    return service in ("elbv2", "ec2") and not operation.startswith(READS)
