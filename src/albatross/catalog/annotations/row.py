"""The fields of a row of the annotation table."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from albatross.catalog.value import Parser

T = TypeVar("T")


class Merge(Enum):
    """How the values of the members of a group are combined."""

    OWN = "each member's own"
    EXCLUSIVE = "one value for the group; members may leave it out"
    KEY = "one value for the group, key by key"
    PORT = "one value for each port"
    UNION = "the values of all members together"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation(Generic[T]):
    """One annotation. `<…>` in the key is the part that the user chooses. `kinds` are the objects on which it is read."""

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
        """The key up to the slash, with the slash."""
        return self.key[: self.key.index("/") + 1]

    @property
    def name(self) -> str:
        """The key without its prefix."""
        return self.key.removeprefix(self.prefix)

    @property
    def example_name(self) -> str:
        """The name with an example in place of each part that the user chooses, as in `listener-attributes.HTTP-80`."""
        parts = {"<protocol>": "HTTP", "<port>": "80", "<service>": "web", "<name>": "web"}
        return re.sub(r"<[^>]*>", lambda found: parts.get(found[0], found[0]), self.name)

    @property
    def stem(self) -> str:
        """The key up to the part that the user chooses: `…/actions.` of `…/actions.<name>`; otherwise the whole key."""
        return self.key.partition("<")[0]

    def of(self, rest: str) -> str:
        """The key with the part that the user chooses: `…/actions.web` of `…/actions.<name>`."""
        return self.stem + rest
