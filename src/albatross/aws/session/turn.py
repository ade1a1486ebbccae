"""Who waits for AWS: the lane of the current task, and how urgent its calls are.

The value belongs to a task and to the tasks that it creates, so that no function between a pass and its calls has to know it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

URGENT, NORMAL, LATER, LAZY = 0.0, 5.0, 10.0, 30.0
"""How many seconds later a call than another one may have been made, and is still sent before it. Chosen by us.

URGENT: an edit, or a pod that is ready. NORMAL: a build, or the first look at a group after a start. LATER: then the targets of the group.
LAZY: deregistrations, and looks at what should be unchanged; they also leave most of a bucket to the others. These are times, not classes:
a call that has waited for half a minute is as urgent as a new edit, so nothing waits forever.
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """A lane and the patience of its calls, in seconds. Calls of one lane wait for each other; lanes are served in turn."""

    lane: str = ""
    patience: float = NORMAL


_USUAL = Turn()
_current: ContextVar[Turn] = ContextVar("turn")


def current() -> Turn:
    """The turn of this task."""
    return _current.get(_USUAL)


@contextmanager
def taking(lane: str, patience: float) -> Iterator[None]:
    """Use this turn inside the block."""
    before = _current.set(Turn(lane, patience))
    try:
        yield
    finally:
        _current.reset(before)
