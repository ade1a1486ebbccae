"""Waiting for what a cluster or AWS shows later: every wait of a command has a limit."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from albatross.cli.terminal import progress
from albatross.clock import Clock
from albatross.errors import AlbatrossError

T = TypeVar("T")

AGAIN_SECONDS = 0.25
"""The time between two looks (chosen by us: a person does not notice it, and a look is one to four requests)."""


class Late(AlbatrossError):
    """The time is over. The text says what was waited for."""


async def until(look: Callable[[], Awaitable[T | None]], what: str, seconds: float, clock: Clock) -> T:
    """Look again and again; returns the first answer that is not empty. Errors: Late, and those of `look`."""
    progress.begin(f"waiting until {what}" if what else "waiting")
    deadline = clock.now() + seconds
    while not (found := await look()):
        if clock.now() > deadline:
            raise Late(f"not within {seconds:g} s: {what}")
        await clock.sleep(AGAIN_SECONDS)
    return found
