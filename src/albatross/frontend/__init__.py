"""Frontends: each one reads objects of its kinds and writes their status. All have one interface. Other code does not know these kinds."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from albatross.catalog.kinds import Noun, find, objects
from albatross.frontend import ingress, service
from albatross.frontend.group import NOTHING, Group, Placement, Read, Readings, Root, Survey
from albatross.frontend.report import Annotations, Line, Standing, Status
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.snapshot import Snapshot

__all__ = [
    "ALL",
    "FRONTENDS",
    "NAMED",
    "PLACING",
    "READERS",
    "READS",
    "ROOTS",
    "Frontend",
    "group",
    "mentions",
    "names",
    "of",
    "place",
    "survey",
]


class Frontend(Protocol):
    """Objects of some kinds → intent; the result of a plan → status and events. A module can implement this interface."""

    @property
    def OWNERS(self) -> tuple[str, ...]:
        """The owners (`StackId.owner`) of the stacks that it builds."""

    @property
    def ROOTS(self) -> tuple[str, ...]:
        """The kinds of objects that have a stack, alone or with others. These objects get finalizers, status and events."""

    @property
    def PLACING(self) -> tuple[str, ...]:
        """Other kinds that decide to which stack a root belongs."""

    @property
    def READS(self) -> tuple[str, ...]:
        """All other kinds that can change a stack."""

    @property
    def NAMED(self) -> tuple[str, ...]:
        """Kinds of which only mentioned objects are read, because the controller has no permission to list all of them."""

    def place(self, noun: Root, snapshot: Snapshot, config: Config) -> Placement:
        """The stack of one root. It reads only objects that the root mentions, directly or through others."""

    def read(self, snapshot: Snapshot, config: Config, group: Group, before: Readings = NOTHING) -> Read:
        """The intent of a group. `before` are readings of the group from earlier; those that still hold are used again."""

    def mentions(self, noun: Noun) -> frozenset[Ident]:
        """The objects that an object depends on, whether they exist or not."""

    def names(self, noun: Noun) -> frozenset[Ident]:
        """Names under which others mention an object, in addition to its own name."""

    def essence(self, noun: Noun) -> object:
        """The part of an object that can change a decision. Two versions with an equal part lead to the same decision."""

    def status(self, snapshot: Snapshot, group: Group, standing: Standing) -> tuple[Status, ...]:
        """The new statuses of members. Members that already have the right status are left out."""

    def annotations(self, snapshot: Snapshot, group: Group, model: str) -> tuple[Annotations, ...]:
        """Changes of members' annotations that are missing or wrong; `model` is the stack as JSON, or empty if it must not be shown."""

    def lost(self, placement: Placement) -> Line:
        """The event for a root with an unknown stack."""


ALL: tuple[Frontend, ...] = (ingress, service)
FRONTENDS: Mapping[str, Frontend] = {owner: each for each in ALL for owner in each.OWNERS}
"""Frontends by the owner of a stack."""
ROOTS: Mapping[str, Frontend] = {kind: each for each in ALL for kind in each.ROOTS}
"""Frontends by the kind of a root."""
PLACING = tuple(dict.fromkeys(kind for each in ALL for kind in each.PLACING))
READS = tuple(dict.fromkeys(kind for each in ALL for kind in each.READS))
NAMED = tuple(dict.fromkeys(kind for each in ALL for kind in each.NAMED))
READERS: Mapping[str, tuple[Frontend, ...]] = {
    kind: tuple(each for each in ALL if kind in (*each.ROOTS, *each.READS, *each.NAMED)) for kind in (*ROOTS, *READS, *NAMED)
}
"""Frontends by each kind that they read."""


def of(group: Group) -> Frontend:
    """The frontend that builds the stack of a group."""
    return FRONTENDS[group.id.owner]


def mentions(kind: str, noun: Noun | None) -> frozenset[Ident]:
    """All objects that an object mentions, in all frontends; empty if the object does not exist."""
    return frozenset[Ident]().union(*(each.mentions(noun) for each in READERS.get(kind, ()) if noun is not None))


def names(kind: str, noun: Noun | None) -> frozenset[Ident]:
    """Names under which others mention an object, in addition to its own name."""
    return frozenset[Ident]().union(*(each.names(noun) for each in READERS.get(kind, ()) if noun is not None))


def place(snapshot: Snapshot, config: Config, idents: Iterable[Ident]) -> tuple[Placement, ...]:
    """The stack of each of these roots."""
    return tuple(ROOTS[ident.kind].place(find(snapshot, ident), snapshot, config) for ident in idents)


def survey(snapshot: Snapshot, config: Config) -> Survey:
    """Every group of a cluster. The controller does not call it, because its index updates placements one by one."""
    idents = (Ident(kind, *key) for kind in ROOTS for key in sorted(objects(snapshot, kind)))
    return Survey.of(place(snapshot, config, idents))


def gather(snapshot: Snapshot, config: Config, ident: Ident) -> tuple[Placement, Group | None]:
    """The placement of one root, and its group with all members; None if its stack is unknown or none.

    It places only the Ingresses that may share the stack. Other kinds do not share stacks.
    """
    (own,) = place(snapshot, config, (ident,))
    if own.stack is None:
        return own, None
    near = ingress.neighbours(own.stack, snapshot) if own.stack.owner in ingress.OWNERS else ()
    return own, Group.of(own.stack, (own, *place(snapshot, config, (each for each in near if each != ident))))
