"""What reading one Ingress needs besides the Ingress."""

from collections.abc import Mapping
from dataclasses import dataclass

from albatross.frontend.ingress.ownership import origin
from albatross.frontend.notes import ReadingNotes
from albatross.frontend.reader import Reader
from albatross.model.config import Config
from albatross.model.intent import Setting
from albatross.model.problem import Origin
from albatross.model.snapshot import Ingress, IngressClassParams, Snapshot


@dataclass(frozen=True, slots=True)
class Context:
    """The cluster, our settings, the notes, and what the group as a whole has: some annotations are read only then."""

    snapshot: Snapshot
    config: Config
    notes: ReadingNotes
    security_groups_given: bool = False
    nlb_enabled: bool = False
    capacity: Setting[int] | None = None
    """What the class of the first member reserves: then no member's own annotation is read."""


class Subject:
    """One Ingress being read: its annotations, and the class parameters that rule it."""

    __slots__ = ("ingress", "origin", "params", "reader")

    def __init__(self, ingress: Ingress, params: IngressClassParams | None, notes: ReadingNotes) -> None:
        self.ingress = ingress
        self.params = params
        self.origin = origin(ingress)
        self.reader = Reader(((self.origin, ingress.metadata.annotations),), notes)

    @property
    def annotations(self) -> Mapping[str, str]:
        """The Ingress's own."""
        return self.ingress.metadata.annotations

    def params_origin(self, field: str) -> Origin:
        """A place in the class parameters."""
        return Origin("IngressClassParams", "", self.params.metadata.name if self.params else "", f"spec.{field}")

    def texts(self, field: str, value: tuple[str, ...]) -> Setting[tuple[str, ...]] | None:
        """A list of the class parameters; an empty one says nothing."""
        return Setting(value, self.params_origin(field)) if value else None

    def text(self, field: str, value: str | None) -> Setting[str] | None:
        """A text of the class parameters; an empty one says nothing."""
        return Setting(value, self.params_origin(field)) if value else None
