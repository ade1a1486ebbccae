"""Parts of the evidence that may fail, each by itself."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from albatross.diagnose.evidence import Part
from albatross.errors import AlbatrossError

T = TypeVar("T")


@dataclass(slots=True)
class Parts:
    """The parts that could not be read, with the reason of each."""

    unseen: dict[Part, str] = field(default_factory=dict)

    async def part(self, name: Part, work: Callable[[], Awaitable[T]]) -> T | None:
        """The answer of the work; None if it fails, with the reason in `unseen`."""
        try:
            return await work()
        except (AlbatrossError, OSError) as error:
            self.fail((name,), error)
            return None

    def fail(self, names: Iterable[Part], reason: object) -> None:
        """These parts cannot be read; the first reason of each stays, in one line. An error without words is named by its type."""
        said = " ".join(str(reason).split()) or type(reason).__name__
        for name in names:
            self.unseen.setdefault(name, said)
