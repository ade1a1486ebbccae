"""What a row of the annotation table holds."""

from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from albatross.catalog.value import Parser

T = TypeVar("T")


class Merge(Enum):
    """How the values of a group's members become one."""

    OWN = "each member's own"
    EXCLUSIVE = "one value for the group; members that say nothing agree"
    KEY = "one value for the group, key by key"
    PORT = "one value for each port"
    UNION = "all members' together"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation(Generic[T]):
    """One annotation; `<…>` in its key stands for what the user fills in. `kinds` are the objects it may stand on."""

    key: str
    parse: Parser[T]
    type: str
    about: str
    merge: Merge = Merge.OWN
    default: str = ""
    unit: str = ""
    range: str = ""
    kinds: tuple[str, ...] = ("Ingress",)
    example: str = ""
    since: str = ""
    deprecated: str = ""
    source: str = ""

    @property
    def prefix(self) -> str:
        """The key up to its slash, which is part of it."""
        return self.key[: self.key.index("/") + 1]

    @property
    def name(self) -> str:
        """The key without its prefix."""
        return self.key.removeprefix(self.prefix)

    @property
    def stem(self) -> str:
        """The key up to what the user fills in: `…/actions.` of `…/actions.<name>`, the whole key of others."""
        return self.key.partition("<")[0]

    def of(self, rest: str) -> str:
        """The key with what the user fills in: `…/actions.web` of `…/actions.<name>`."""
        return self.stem + rest
