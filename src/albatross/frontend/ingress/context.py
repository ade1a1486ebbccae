"""The input for reading one Ingress, in addition to the Ingress itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from albatross.frontend.ingress.ownership import origin
from albatross.frontend.lookups import Lookups
from albatross.frontend.notes import ReadingNotes
from albatross.frontend.reader import Reader
from albatross.model.config import Config
from albatross.model.intent import Setting
from albatross.model.problem import Origin
from albatross.model.snapshot import Ingress, IngressClassParams


@dataclass(frozen=True, slots=True)
class Context:
    """What it looks up in the cluster, our settings, the notes, and facts about the whole group: some annotations depend on the group."""

    lookups: Lookups
    config: Config
    notes: ReadingNotes
    security_groups_given: bool = False
    nlb_enabled: bool = False
    capacity: Setting[int] | None = None
    """The capacity from the class of the first member. If it is set, the members' own annotations are ignored."""


class Subject:
    """One Ingress while it is read: its annotations, and the class parameters that override them."""

    __slots__ = ("ingress", "origin", "params", "reader")

    def __init__(self, ingress: Ingress, params: IngressClassParams | None, notes: ReadingNotes) -> None:
        self.ingress = ingress
        self.params = params
        self.origin = origin(ingress)
        self.reader = Reader(((self.origin, ingress.metadata.annotations),), notes)

    @property
    def annotations(self) -> Mapping[str, str]:
        """The annotations of the Ingress itself."""
        return self.ingress.metadata.annotations

    def params_origin(self, field: str) -> Origin:
        """A field of the class parameters."""
        return Origin("IngressClassParams", "", self.params.metadata.name if self.params else "", f"spec.{field}")

    def texts(self, field: str, value: tuple[str, ...]) -> Setting[tuple[str, ...]] | None:
        """A list in the class parameters; an empty list means not set."""
        return Setting(value, self.params_origin(field)) if value else None

    def text(self, field: str, value: str | None) -> Setting[str] | None:
        """A text in the class parameters; an empty text means not set."""
        return Setting(value, self.params_origin(field)) if value else None
