"""`kill -9` at a chosen call."""

from typing import Any

from aiohttp import web
from soak.account import Made
from soak.account import Serve as Calling
from soak.cluster import Asked
from soak.cluster import Serve as Asking
from soak.runs import Disturb, Happened
from soak.world import World


def call(number: int, *, every: bool = False, before: bool = False) -> Disturb:
    """Kill the controller when this AWS call has had its effect (`before`: has none yet). `every`: and again after as many calls."""

    def disturb(world: World) -> Happened:
        happened = Happened()
        due = number

        async def gate(made: Made, serve: Calling, _: web.Request) -> web.StreamResponse:
            nonlocal due
            if made.number != due:
                return await serve()
            answer = None if before else await serve()
            happened.count += 1
            due = made.number + number if every and happened.count < MOST else 0
            _restart(world)
            return answer or web.Response(status=500)

        world.account.gate = gate
        return happened

    return disturb


MOST = 8
"""How often a controller is killed in one step, at most; chosen by us."""


def write(number: int) -> Disturb:
    """Kill the controller when this write into the cluster has had its effect."""

    def disturb(world: World) -> Happened:
        happened = Happened()

        async def gate(asked: Asked, _: Any, serve: Asking) -> web.StreamResponse:
            answer = await serve()
            if asked.number == number and not happened.count:
                happened.count += 1
                _restart(world)
            return answer

        world.api.face.gate = gate
        return happened

    return disturb


def _restart(world: World) -> None:
    for each in world.controllers:
        if each.life.alive:
            each.kill()
    world.spawn()
