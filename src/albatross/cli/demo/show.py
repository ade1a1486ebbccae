"""The demo: a sandbox, the acts in it, and what to type next."""

import asyncio
import importlib
import os
import time
from typing import Any

from rich.text import Text

from albatross.cli.demo.stage import HOST, MANIFEST, Stage, Stuck, headline, near
from albatross.cli.sandbox import IMAGES, PAGE
from albatross.cli.terminal import console
from albatross.install.installation import NAMESPACE
from albatross_sandbox import world

ACTS = ("setup", "prepare", "deploy", "traffic")
"""The modules with the acts, in their order."""


async def play(stay: bool) -> None:
    """Play all acts in their order, in a sandbox of their own. With `stay`, the sandbox runs until Ctrl-C."""
    screen, began = console.out(), time.monotonic()
    screen.print(Text("Albatross: an Ingress and a Service become load balancers, on this machine only", "bold"))
    screen.print(Text(f"Its manifests are in {near(MANIFEST)}; nothing leaves this machine.", "dim"))
    headline(screen, "Starting a sandbox")

    def progress(part: str, words: str) -> None:
        screen.print(Text.assemble(("  ✓ ", "green"), f"{part:<11} {words}", (f"  {time.monotonic() - began:.1f} s", "dim")))

    # The acts need the AWS client, which takes a second to import; the sandbox starts meanwhile, in processes of its own.
    imported = asyncio.create_task(asyncio.to_thread(_acts))
    try:
        async with world.running(images=IMAGES, progress=progress) as found:
            surroundings = world.clean(os.environ)
            os.environ.clear()
            os.environ.update({**surroundings, **found.environment()})
            stage = Stage.made(screen, found, began)
            await _played(stage, *await imported)
            await _farewell(stage, stay)
    except world.Trouble as trouble:
        raise Stuck(str(trouble)) from None


async def _played(stage: Stage, setup: Any, prepare: Any, deploy: Any, traffic: Any) -> None:
    """All acts in their order. The plan is made while the pods of the controller start."""
    planning = asyncio.create_task(prepare.plan(stage))
    try:
        await setup.play(stage)
        planned = await planning
    finally:
        planning.cancel()
    await deploy.play(stage, prepare.show(stage, planned))
    await traffic.play(stage)


def _acts() -> list[Any]:
    return [importlib.import_module(f"albatross.cli.demo.{name}") for name in ACTS]


async def _page(stage: Stage) -> str:
    address = await stage.ask("get", "pod", stage.leader, "-n", NAMESPACE, "-o", "jsonpath={.status.podIP}")
    return f"http://{address}:{PAGE}/"


async def _farewell(stage: Stage, stay: bool) -> None:
    headline(stage.screen, f"Everything in {time.monotonic() - stage.began:.0f} s")
    if not stay:
        stage.screen.print("Next, type:\n")
        stage.screen.print("  albatross sandbox up           # such a sandbox in the background; it says how to use it")
        stage.screen.print("  albatross plan -f YOUR.yaml    # what your own manifests become; needs no sandbox")
        stage.screen.print("  albatross lint -f YOUR.yaml    # what is wrong in them, where, and how to correct it")
        return
    stage.screen.print("To go on, in another terminal:\n")
    stage.screen.print(f'  eval "$(ALBATROSS_SANDBOX_DIR={stage.world.state} {world.program()} env)"')
    stage.screen.print("  kubectl annotate pods --all sandbox.albatross/health-     # the unhealthy pod recovers")
    stage.screen.print("  kubectl scale deployment api --replicas 4")
    stage.screen.print("  albatross status")
    stage.screen.print(f"  albatross sandbox curl https://{HOST}/")
    stage.screen.print("  albatross uninstall --drain")
    stage.screen.print(f"\nThe page of the controller, for a browser: {await _page(stage)}")
    stage.screen.print("\nCtrl-C here stops the sandbox, and removes everything it created.")
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        # Ctrl-C is the normal end of the demo
        stage.screen.print("\nstopping")
