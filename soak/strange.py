"""What becomes of strange objects: through files, and through a controller that runs."""

import asyncio
import contextlib
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from soak import fuzz
from soak.runs import Undisturbed, difference
from soak.shop import SPACE
from soak.world import World

from albatross.catalog import tracking
from albatross.cli import main
from albatross.controller.board import Board
from albatross_sandbox.kube.fault import Fault

Object = dict[str, Any]
T = TypeVar("T")
COMMANDS = ("lint", "plan", "model")
AROUND: tuple[Object, ...] = (
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": fuzz.SPACE}},
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": "fuzz"},
        "spec": {
            "controller": "ingress.k8s.aws/alb",
            "parameters": {"apiGroup": "elbv2.k8s.aws", "kind": "IngressClassParams", "name": "o0"},
        },
    },
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": fuzz.SPACE, "name": "web"},
        "spec": {"type": "NodePort", "ports": [{"name": "http", "port": 80}]},
    },
)
"""What the objects name."""
CLASS: Object = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "IngressClass",
    "metadata": {"name": "alb"},
    "spec": {"controller": "ingress.k8s.aws/alb"},
}
TOLD_SECONDS = 300
"""How long an object may be without an address and without a problem; chosen by us: more than all tries of a call."""
_PLACE = re.compile(r"\[(Ingress|Service|IngressClassParams|IngressClass)/|: (create|update|delete|put|look|read|change) ")
"""Where a problem is: in an object, or in the step of a plan."""
QUOTAS = ("application-load-balancers", "network-load-balancers", "target-groups")
"""The quotas that so many objects would use up."""


def files(folder: Path, objects: Iterable[Object], commands: Iterable[str] = COMMANDS) -> list[str]:
    """Give the objects to commands as one file. Returns what is wrong with the answers."""
    file = folder / "fuzz.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [*AROUND, CLASS, *objects]}))
    return [wrong for name in commands for wrong in _command(name, file)]


def _command(name: str, file: Path) -> list[str]:
    form = () if name == "model" else ("--output", "json")
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        code = main([name, "-f", str(file), *form, "--cluster-name", "fuzz"])
    wrong = [] if code in (0, 1, 2) else [f"{name}: exit code {code}"]
    if "bug in Albatross" in errors.getvalue():
        wrong.append(f"{name}: {errors.getvalue()[-500:]}")
    try:
        found = json.loads(output.getvalue())
    except ValueError:
        return [*wrong, f"{name}: no JSON: {(output.getvalue() + errors.getvalue())[:500]}"]
    listed = found.get("problems", ()) if name != "model" else ()
    return [*wrong, *(f"{name}: no code or place: {each}" for each in listed if not (each.get("code") and each.get("line")))]


async def live(world: World, objects: Iterable[Object]) -> tuple[int, list[str]]:
    """Give the objects to a controller that runs. Returns how many the API server took, and what is wrong."""
    for obj in AROUND:
        await world.api.apply(obj)
    taken = 0
    for obj in objects:
        try:
            await world.api.cluster.create(obj)
            taken += 1
        except Fault:
            continue  # the API server refuses it, so no controller ever sees it
    left = await _last(silent, world)
    wrong = [f"it has no address, and no problem: {each}" for each in left]
    wrong += [text for text in world.warnings() if "LB521" in text]
    wrong += [f"no place: {text}" for text in world.warnings() if "due to LB" in text and not _PLACE.search(text)]
    wrong += [f"the controller ended: {each.task}" for each in world.controllers if each.task.done()]
    return taken, wrong


def silent(world: World) -> list[str]:
    """The strange objects that have no address, and no problem with a code either: neither on the board nor in their annotation.

    The board names the object that has the error, for example the parameters of a class; the annotation is on each object of the class.
    """
    board = world.controllers[-1].apps[0].groups.teller.board if world.controllers[-1].apps else Board()
    told = {row[2:] for row in board.rows()}
    listed = world.api.objects("ingresses.networking.k8s.io", "services")
    plain = [each for each in listed if not _served(each) and tracking.TROUBLE not in each["metadata"].get("annotations", {})]
    names = [(each["kind"], each["metadata"]["namespace"], each["metadata"]["name"]) for each in plain]
    return ["/".join(each) for each in names if each[1] == fuzz.SPACE and each[2] != "web" and each not in told]


def _served(obj: Object) -> bool:
    return bool((obj.get("status", {}).get("loadBalancer") or {}).get("ingress"))


class Neighbour:
    """A healthy Ingress beside the strange objects, that of the runs. Nothing may change its rules but its own edit."""

    def __init__(self, world: World, known: Mapping[str, Undisturbed]) -> None:
        self._world, self._known = world, known

    async def move_in(self) -> None:
        await self._step("create")

    async def wrong(self) -> list[str]:
        """What is wrong with its rules, and then with those after an edit."""
        return [*await self._lacking("create"), *await self._step("edit")]

    async def _step(self, name: str) -> list[str]:
        await self._world.step(name)
        for _ in range(60):
            if not (lacking := await self._lacking(name)):
                break
            await asyncio.sleep(1)
        return lacking

    async def _lacking(self, name: str) -> list[str]:
        return difference(_own(self._known[name].state), _own(await self._world.state()))


def _own(state: Any) -> Any:
    """The listeners and rules of the neighbour."""
    kinds = ("load_balancers", "listeners", "rules")
    return {kind: {name: row for name, row in state["account"][kind].items() if name.startswith(f"k8s-{SPACE}-app")} for kind in kinds}


async def clear(world: World) -> None:
    """Delete the objects, and wait until nothing of them is left in the account, so that no object has a finalizer of ours any more."""
    for key in ("ingresses.networking.k8s.io", "services", "ingressclassparams.elbv2.k8s.aws"):
        for obj in world.api.objects(key):
            if obj["metadata"].get("namespace", fuzz.SPACE) == fuzz.SPACE:
                await world.api.cluster.delete(key, obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
    for obj in await _last(strange, world):  # attributes that cannot be read keep a load balancer, because they may protect it
        assert any(each["involvedObject"].get("uid") == obj["metadata"]["uid"] for each in world.api.objects("events")), _name(obj)
        await world.api.apply({**obj, "metadata": {**obj["metadata"], "annotations": {}}})
    assert not (left := [_name(each) for each in await _last(strange, world)]), _told(world, left)
    await world.rest(TOLD_SECONDS)
    await world.forget_events()


def _told(world: World, names: Iterable[str]) -> list[str]:
    """What the events say about these objects."""
    found = world.api.objects("events")
    return [f"{name}: {each['message'][:300]}" for name in names for each in found if name.endswith(f"/{each['involvedObject']['name']}")]


def _name(obj: Object) -> str:
    return f"{obj['kind']}/{obj['metadata']['name']}"


async def _last(found: Callable[[World], list[T]], world: World) -> list[T]:
    """What is still found after some time. It ends as soon as nothing is."""
    for _ in range(TOLD_SECONDS):
        if not found(world):
            break
        await asyncio.sleep(1)
    return found(world)


def strange(world: World) -> list[Object]:
    """The strange objects that can have a load balancer, and are not deleted yet."""
    listed = world.api.objects("ingresses.networking.k8s.io", "services")
    return [each for each in listed if each["metadata"]["namespace"] == fuzz.SPACE and each["metadata"].get("finalizers")]
