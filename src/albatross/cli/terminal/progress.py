"""One line on a terminal that says what a command does now, if that takes longer than a second. It is never in a pipe, a file or CI."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TextIO

from albatross.clock import Clock

FIRST_SECONDS = 1.0
EVERY_SECONDS = 0.2
"""When the line appears, and how often it changes (chosen by us: a person sees that the command lives)."""
WIDTH = 20
START = "\r\x1b[K"
"""The start of the line, with the rest of the line erased (ECMA-48, EL)."""


@dataclass
class Bar:
    """The line: `words` say what the command does; with a total, a bar shows which part is done."""

    file: TextIO
    clock: Clock
    words: str = "working"
    done: int = 0
    total: int = 0
    drawn: bool = False

    def text(self, seconds: float) -> str:
        """The line after this many seconds."""
        part = ""
        if self.total:
            full = WIDTH * min(self.done, self.total) // self.total
            part = f"[{'#' * full}{'.' * (WIDTH - full)}] {self.done}/{self.total} "
        return f"{part}{self.words}, {seconds:.0f} s"

    async def run(self) -> None:
        """Draw until cancelled."""
        began, pause = self.clock.now(), FIRST_SECONDS
        while True:
            await self.clock.sleep(pause)
            pause = EVERY_SECONDS
            columns = shutil.get_terminal_size().columns
            self.file.write(START + self.text(self.clock.now() - began)[: columns - 1])
            self.file.flush()
            self.drawn = True

    def clear(self) -> None:
        """Erase the line, so that something else can be printed."""
        if self.drawn:
            self.file.write(START)
            self.file.flush()
            self.drawn = False


_BAR: ContextVar[Bar | None] = ContextVar("bar", default=None)


def wanted(file: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether a person watches: a terminal that can erase a line, and no CI (which sets `CI`)."""
    return file.isatty() and environment.get("TERM", "dumb") != "dumb" and not environment.get("CI")


@asynccontextmanager
async def shown(file: TextIO, clock: Clock | None = None) -> AsyncIterator[None]:
    """Show the line while the body runs, if a person watches."""
    if not wanted(file, os.environ):
        yield
        return
    bar = Bar(file, clock or Clock())
    token, task = _BAR.set(bar), asyncio.ensure_future(bar.run())
    try:
        yield
    finally:
        _BAR.reset(token)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        bar.clear()


def begin(words: str, total: int = 0) -> None:
    """Say what the command does from now on, and of how many parts that consists (0: unknown)."""
    if bar := _BAR.get():
        bar.words, bar.done, bar.total = words, 0, total


def step() -> None:
    """A part is done."""
    if bar := _BAR.get():
        bar.done += 1


def clear() -> None:
    """Erase the line before something else is printed."""
    if bar := _BAR.get():
        bar.clear()
