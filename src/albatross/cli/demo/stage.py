"""Shared by all acts of the demo: a sandbox, a screen, and helper functions. It imports little, because it is needed first."""

import asyncio
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.text import Text

from albatross.cli.terminal import console
from albatross.cli.wait import Late, until
from albatross.clock import Clock
from albatross.errors import AlbatrossError
from albatross_sandbox.world import World

if TYPE_CHECKING:
    from albatross.model.config import Config

T = TypeVar("T")

MANIFEST = Path(__file__).with_name("api.yaml")
HOST = "api.example.com"
PATIENCE = 45.0
"""Seconds that the demo waits for one condition (chosen by us: ten times the usual duration)."""


class Stuck(AlbatrossError):
    """A condition that the demo waits for did not become true."""


@dataclass(slots=True)
class Stage:
    """The sandbox, the screen, the manifest with the certificate of the sandbox, and the pod that leads."""

    screen: Console
    world: World
    manifest: Path
    certificate: str
    began: float
    leader: str = ""

    @classmethod
    def made(cls, screen: Console, world: World, began: float) -> "Stage":
        """The stage before the first act."""
        certificate = next(str(each["arn"]) for each in world.details["certificates"] if each["domain"] == HOST)
        manifest = world.state / MANIFEST.name
        manifest.write_text(MANIFEST.read_text().replace("CERTIFICATE_ARN", certificate))
        return cls(screen, world, manifest, certificate, began)

    @property
    def config(self) -> "Config":
        """The settings of the controller in the sandbox."""
        from albatross.model.config import Config

        return Config(cluster_name=self.world.cluster_name, region=self.world.region, vpc_id=self.world.vpc_id)

    def good(self, *words: str | tuple[str, str]) -> None:
        """Print a line about a success."""
        self.screen.print(Text.assemble(("  ✓ ", "green"), *words))

    def typed(self, command: str) -> None:
        """Print a command as if a user typed it."""
        self.screen.print(Text(f"$ {command}", "dim"))

    def cut(self, lines: Iterable[Text]) -> None:
        """Print lines, each cut at the width of the screen."""
        for line in lines:
            line.truncate(self.screen.width, overflow="ellipsis")
            self.screen.print(line)

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
    """Print the title of an act."""
    screen.print()
    screen.print(Text(f"── {title} " + "─" * max(0, console.WIDTH - len(title) - 4), "bold cyan"))


async def wait(what: str, look: Callable[[], Awaitable[T | None]]) -> T:
    """The first answer that is not empty. Errors: `Stuck` if there is none in time."""
    try:
        return await until(look, what, PATIENCE, Clock())
    except Late as late:
        raise Stuck(str(late)) from None


def expect(holds: bool, complaint: str) -> None:
    """Raise `Stuck` if the condition is false."""
    if not holds:
        raise Stuck(complaint)


def near(path: Path) -> str:
    """The path relative to the current folder, if it is inside."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def seconds(began: float) -> tuple[str, str]:
    """The time since `began`, as the end of a line."""
    return f"  {time.monotonic() - began:.1f} s", "dim"
