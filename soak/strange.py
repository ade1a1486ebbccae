"""What becomes of strange objects: through files, and through a controller that runs."""

import contextlib
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from soak import fuzz
from soak.world import World

from albatross.cli import main
from albatross_sandbox.kube.fault import Fault

Object = dict[str, Any]
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
    wrong = [] if await world.rest(120) is not None else ["no rest after two minutes"]
    wrong += [text for text in world.warnings() if "LB521" in text]
    wrong += [f"the controller ended: {each.task}" for each in world.controllers if each.task.done()]
    return taken, wrong


async def clear(world: World) -> None:
    """Delete the objects, and wait until nothing of them is left in the account."""
    for key in ("ingresses.networking.k8s.io", "services", "ingressclassparams.elbv2.k8s.aws"):
        for obj in world.api.objects(key):
            if obj["metadata"].get("namespace", fuzz.SPACE) == fuzz.SPACE:
                await world.api.cluster.delete(key, obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
    await world.rest(300)
    await world.forget_events()
