"""What goes wrong between the controller and the API server, and around it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from soak import runs, shop
from soak.account import Made
from soak.account import Serve as Calling
from soak.cluster import Asked, Serve
from soak.fault import HTML, LONG, TIMES
from soak.runs import STEPS, Disturb, Happened, Row, Undisturbed
from soak.world import World

from albatross_sandbox.kube import answer
from albatross_sandbox.kube.fault import Fault

Ways = Callable[[Serve], Awaitable[web.StreamResponse]]


def _refused(code: int, reason: str, text: str) -> Ways:
    async def way(_: Serve) -> web.StreamResponse:
        return answer.refuse(Fault(code, reason, text))

    return way


async def _patience(_: Serve) -> web.StreamResponse:
    found = answer.refuse(Fault(429, "TooManyRequests", "the server has received too many requests and has asked us to try again later"))
    found.headers["Retry-After"] = "1"
    return found


async def _html(_: Serve) -> web.StreamResponse:
    return web.Response(status=503, text=HTML, content_type="text/html")


async def _garbage(_: Serve) -> web.StreamResponse:
    return web.Response(body=b"\x00\xff<<<{]", content_type="application/json")


async def _before(_: Serve) -> web.StreamResponse:
    await asyncio.sleep(LONG)
    return web.Response(status=500)


async def _after(serve: Serve) -> web.StreamResponse:
    await serve()
    await asyncio.sleep(LONG)
    return web.Response(status=500)


WAYS: dict[str, tuple[Ways, int]] = {
    "throttled": (_patience, TIMES),
    "500": (_refused(500, "InternalError", "etcdserver: request timed out"), TIMES),
    "HTML 503": (_html, TIMES),
    "409": (
        _refused(409, "Conflict", "the object has been modified; please apply your changes to the latest version and try again"),
        TIMES,
    ),
    "garbage": (_garbage, TIMES),
    "timeout before": (_before, 1),
    "timeout after effect": (_after, 1),
}
"""How the API server answers a write, and how many times in a row."""
TRUE = frozenset({"LB520", "FailedAddFinalizer", "FailedRemoveFinalizer", "FailedUpdateStatus"})
"""What may be told, because it is true: the text is the answer of the API server."""
DENIED = "Forbidden for a minute"
DENIED_SECONDS = 60.0


def write(kind: str, name: str) -> Disturb:
    """One kind of fault at one kind of write (`PATCH ingresses/status`)."""

    def disturb(world: World) -> Happened:
        happened = Happened(true=TRUE)

        async def gate(asked: Asked, _: web.Request, serve: Serve) -> web.StreamResponse:
            if not asked.writes or asked.name != name:
                return await serve()
            if kind == DENIED:
                return await _forbidden(world, happened, serve)
            way, times = WAYS[kind]
            if happened.count >= times:
                return await serve()
            happened.count += 1
            return await way(serve)

        world.api.face.gate = gate
        return happened

    return disturb


async def _forbidden(world: World, happened: Happened, serve: Serve) -> web.StreamResponse:
    if happened.since is not None and world.loop.time() >= happened.since:
        return await serve()
    happened.count += 1
    happened.since = happened.since or world.loop.time() + DENIED_SECONDS
    return answer.refuse(Fault(403, "Forbidden", "the ClusterRole does not allow it"))


# Watches -------------------------------------------------------------------------------------------------------------------


def cut(world: World) -> Happened:
    """Every watch breaks every second for half a minute, and so does each new one."""
    happened = Happened()

    async def work() -> None:
        for _ in range(30):
            happened.count += _break(world)
            await asyncio.sleep(1)
        happened.since = world.loop.time()

    _beside(world, work())
    return happened


def silent(world: World) -> Happened:
    """No watch says anything any more, and every connection stays open; new watches are as good as ever."""
    for transport in world.api.face.watches:
        transport.write = lambda data: None  # type: ignore[method-assign]
    return Happened(len(world.api.face.watches))


def gone(world: World) -> Happened:
    """Every watch breaks; the version at which it would go on has expired."""
    happened = Happened()

    async def gate(asked: Asked, request: web.Request, serve: Serve) -> web.StreamResponse:
        if not asked.watch or not request.query.get("resourceVersion") or "sendInitialEvents" in request.query:
            return await serve()
        happened.count += 1
        return answer.refuse(Fault(410, "Expired", "The resourceVersion for the provided watch is too old."))

    world.api.face.gate = gate
    _break(world)
    return happened


def restart(world: World) -> Happened:
    """The API server is away for 20 s, at the third write or after a second."""
    happened = Happened()

    async def work() -> None:
        await asyncio.sleep(0.5)
        happened.count += 1
        await world.api.restart(20)
        happened.since = world.loop.time()

    _beside(world, work())
    return happened


def token(world: World) -> Happened:
    """The token of the controller has expired; its file has another one after 10 s."""
    happened = Happened()
    old = world.api.token

    async def gate(asked: Asked, request: web.Request, serve: Serve) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {old}":
            return await serve()
        happened.count += 1
        return answer.refuse(Fault(401, "Unauthorized", "Unauthorized"))

    async def work() -> None:
        await asyncio.sleep(10)
        world.api.renew()
        happened.since = world.loop.time()

    world.api.face.gate = gate
    _break(world)
    _beside(world, work())
    return happened


# Around it -----------------------------------------------------------------------------------------------------------------


def clock(seconds: float) -> Disturb:
    """The date of the controller's machine is wrong from the fifth AWS call on."""

    def disturb(world: World) -> Happened:
        happened = Happened()

        async def gate(made: Made, serve: Calling, _: web.Request) -> web.StreamResponse:
            if made.number == 5:
                happened.count += 1
                for each in world.controllers:
                    each.clock.step = seconds
            return await serve()

        world.account.gate = gate
        return happened

    return disturb


def deaf(world: World) -> Happened:
    """The leader cannot renew its lease any more, from the tenth AWS call on. A standby waits."""
    happened = Happened()
    leader = world.controllers[-1]
    world.spawn()

    async def lease(asked: Asked, request: web.Request, serve: Serve) -> web.StreamResponse:
        peer = request.transport.get_extra_info("peername") if request.transport else None
        if "/leases" in asked.path and leader.life.owns(peer):
            await asyncio.sleep(LONG)
        return await serve()

    async def gate(made: Made, serve: Calling, _: web.Request) -> web.StreamResponse:
        if made.number == 10:
            happened.count += 1
            happened.since = world.loop.time()
            world.api.face.gate = lease
        return await serve()

    world.account.gate = gate
    return happened


SPACE = "namespace deleted"


async def gone_space(world: World, known: Mapping[str, Undisturbed]) -> Row:
    """The namespace is deleted, with all that is in it, and made again afterwards. Pods end after two seconds."""
    await runs.step(world, "create", known["create"], SPACE, "all", runs.calm)
    began = world.loop.time()
    await world.api.cluster.delete("namespaces", "", shop.SPACE)
    await asyncio.sleep(2)
    for pod in world.api.objects("pods"):
        await world.api.cluster.delete("pods", shop.SPACE, pod["metadata"]["name"], grace=0)
    reached = await runs.reach(world, known["delete"].state)
    lacking = () if reached is not None else tuple(runs.difference(known["delete"].state, await world.state()))
    if world.api.cluster.get("namespaces", "", shop.SPACE) is not None:
        reached, lacking = None, (*lacking, "the namespace is still there")
    await world.clear()
    await world.furnish()
    return Row(SPACE, "all", "delete", None if reached is None else reached - began, difference=lacking)


async def idle(world: World, known: Mapping[str, Undisturbed]) -> float:
    """The calls of a minute, ten minutes long, while nothing changes."""
    await runs.step(world, "create", known["create"], "idle", "all", runs.calm)
    world.account.reset()
    await asyncio.sleep(600)
    found = len(world.account.calls) / 10
    await runs.step(world, "delete", known["delete"], "idle", "all", runs.calm)
    await world.clear()
    return found


EVENTS: dict[str, Disturb] = {
    "watches cut every second for 30 s": cut,
    "silent watches": silent,
    "watches answered 410": gone,
    "API server away for 20 s": restart,
    "token expired for 10 s": token,
    "clock an hour ahead": clock(3600.0),
    "clock an hour back": clock(-3600.0),
    "lease not renewed, standby waits": deaf,
}
"""What happens in a step, once."""


def everywhere(disturb: Disturb) -> dict[str, Disturb]:
    """The same in every step."""
    return dict.fromkeys(STEPS, disturb)


def _break(world: World) -> int:
    watches, world.api.face.watches = world.api.face.watches, []
    for transport in watches:
        transport.abort()
    return len(watches)


def _beside(world: World, work: Any) -> None:
    world.beside.append(asyncio.ensure_future(work))
