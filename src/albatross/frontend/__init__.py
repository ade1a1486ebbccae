"""Frontends: each knows one kind of object, both ways, behind one interface. What is not a frontend knows none of their kinds."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from albatross.catalog.kinds import Noun, find, objects
from albatross.frontend import ingress
from albatross.frontend.group import Group, Placement, Read, Root, Survey
from albatross.frontend.report import Annotations, Line, Standing, Status
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Snapshot

__all__ = ["ALL", "FRONTENDS", "NAMED", "PLACING", "READERS", "READS", "ROOTS", "Frontend", "mentions", "names", "of", "place", "survey"]


class Frontend(Protocol):
    """Objects of some kinds → intent, and what became of it → status and events. A module will do."""

    @property
    def OWNERS(self) -> tuple[str, ...]:
        """The owners of the stacks that it makes (`StackId.owner`)."""

    @property
    def ROOTS(self) -> tuple[str, ...]:
        """The kinds of which an object has a stack of its own, or a part in one: these get finalizers, status and events."""

    @property
    def PLACING(self) -> tuple[str, ...]:
        """The further kinds that decide where a root belongs."""

    @property
    def READS(self) -> tuple[str, ...]:
        """All further kinds whose change can change a stack."""

    @property
    def NAMED(self) -> tuple[str, ...]:
        """Kinds of which only the objects are looked at that some other one mentions, as no right to list all of them is given."""

    def place(self, noun: Root, snapshot: Snapshot, config: Config) -> Placement:
        """Where one root belongs; looks only at objects that it mentions, directly or through others."""

    def read(self, snapshot: Snapshot, config: Config, group: Group) -> Read:
        """What a group asks for."""

    def mentions(self, noun: Noun) -> frozenset[Ident]:
        """The objects on which one depends, whether they exist or not."""

    def names(self, noun: Noun) -> frozenset[Ident]:
        """What a noun is mentioned by, besides its own name."""

    def essence(self, noun: Noun) -> object:
        """What of a noun can change a decision, to be compared."""

    def status(self, snapshot: Snapshot, group: Group, standing: Standing) -> tuple[Status, ...]:
        """What members' statuses are to say, as far as they say something else."""

    def annotations(self, snapshot: Snapshot, group: Group, model: str) -> tuple[Annotations, ...]:
        """The annotations that members should have and do not have; `model` is the stack as JSON, or empty if it is not to be shown."""

    def lost(self, placement: Placement) -> Line:
        """What a root is told whose stack can't be found out."""


ALL: tuple[Frontend, ...] = (ingress,)
FRONTENDS: Mapping[str, Frontend] = {owner: each for each in ALL for owner in each.OWNERS}
"""By the owner of a stack."""
ROOTS: Mapping[str, Frontend] = {kind: each for each in ALL for kind in each.ROOTS}
"""By the kind of a root."""
PLACING = tuple(dict.fromkeys(kind for each in ALL for kind in each.PLACING))
READS = tuple(dict.fromkeys(kind for each in ALL for kind in each.READS))
NAMED = tuple(dict.fromkeys(kind for each in ALL for kind in each.NAMED))
READERS: Mapping[str, tuple[Frontend, ...]] = {
    kind: tuple(each for each in ALL if kind in (*each.ROOTS, *each.READS, *each.NAMED)) for kind in (*ROOTS, *READS, *NAMED)
}
"""By every kind that one of them looks at."""


def of(stack: StackId) -> Frontend:
    """The frontend that makes a stack."""
    return FRONTENDS[stack.owner]


def mentions(kind: str, noun: Noun | None) -> frozenset[Ident]:
    """What any frontend finds mentioned in a noun; nothing of one that does not exist."""
    return frozenset[Ident]().union(*(each.mentions(noun) for each in READERS.get(kind, ()) if noun is not None))


def names(kind: str, noun: Noun | None) -> frozenset[Ident]:
    """What a noun is mentioned by, besides its own name."""
    return frozenset[Ident]().union(*(each.names(noun) for each in READERS.get(kind, ()) if noun is not None))


def place(snapshot: Snapshot, config: Config, idents: Iterable[Ident]) -> tuple[Placement, ...]:
    """Where each of these roots belongs."""
    return tuple(ROOTS[ident.kind].place(find(snapshot, ident), snapshot, config) for ident in idents)


def survey(snapshot: Snapshot, config: Config) -> Survey:
    """Every group of a cluster. The controller never asks for that: its index keeps placements one at a time."""
    idents = (Ident(kind, *key) for kind in ROOTS for key in sorted(objects(snapshot, kind)))
    return Survey.of(place(snapshot, config, idents))
