"""The stack of each object, and the groups that follow from it. These values are the same for all kinds of objects."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from albatross.model.ident import Ident
from albatross.model.intent import Intent
from albatross.model.problem import Problem
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Ingress, IngressClassParams, Service

Root = Ingress | Service
"""An object that can have a stack: it carries the stack's finalizer, status and events."""
Ruler = IngressClassParams
"""An object with settings that override the settings of other objects. More kinds can be added as a union."""


Readings = Mapping[Ident, object]
"""What a frontend read of each member. Only the same frontend knows what it is, and whether it still holds."""
NOTHING: Readings = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The stack of one object. It depends only on the object and the few objects that it mentions, never on the whole cluster."""

    ident: Ident
    stack: StackId | None = None
    """Its stack. None: it has no stack, or `problems` explain why the stack is unknown."""
    order: int = 0
    """Its position among the members of its stack; members with the same position are sorted by name."""
    problems: tuple[Problem, ...] = ()
    """With a stack: problems of the object as a member. Without a stack: why the stack is unknown."""
    undecided: bool = False
    """True: it may still belong to any stack in `held`. False: it has left all of them except `stack`."""
    held: tuple[StackId, ...] = ()
    """The stacks that have a finalizer on the object."""
    refused: StackId | None = None
    """The stack that it asks for and may not join. It leaves that stack, but its last member never leaves."""
    rulers: tuple[Ruler, ...] = ()
    """The objects that override its settings, the one with the highest priority first."""

    @property
    def stacks(self) -> frozenset[StackId]:
        """Every stack that it belongs to or has a finalizer of."""
        return frozenset(self.held if self.stack is None else (self.stack, *self.held))

    @property
    def lost(self) -> bool:
        """Whether it should have a stack, but the stack is unknown."""
        return self.stack is None and bool(self.problems)


@dataclass(frozen=True, slots=True)
class Group:
    """The objects of one stack: members in order, and objects that leave the stack but still carry its finalizer.

    For `unclear` objects it is unknown whether they belong to the stack. `placements` has all these objects.
    """

    id: StackId
    members: tuple[Ident, ...] = ()
    leaving: tuple[Ident, ...] = ()
    unclear: tuple[Ident, ...] = ()
    placements: Mapping[Ident, Placement] = field(default_factory=dict)

    @staticmethod
    def of(id: StackId, found: Iterable[Placement]) -> "Group":
        """The group from these placements; placements of other stacks are ignored."""
        mine = sorted((each for each in found if id in each.stacks), key=lambda each: (each.order, each.ident.short, each.ident))
        others = sorted((each for each in mine if each.stack != id), key=lambda each: each.ident)
        members = tuple(each.ident for each in mine if each.stack == id)
        # A policy that refuses everybody is probably wrong, and the load balancer would be deleted.
        unclear = tuple(each.ident for each in others if each.undecided or (each.refused == id and not members))
        return Group(
            id=id,
            members=members,
            leaving=tuple(each.ident for each in others if each.ident not in unclear),
            unclear=unclear,
            placements={each.ident: each for each in mine},
        )

    def problems(self, ident: Ident) -> tuple[Problem, ...]:
        """Problems of one of its objects that are known before the object is read."""
        return self.placements[ident].problems

    def replaced(self, found: Iterable[Placement]) -> "Group":
        """The group with new placements for some of its objects."""
        return Group.of(self.id, {**self.placements, **{each.ident: each for each in found}}.values())


@dataclass(frozen=True, slots=True)
class Survey:
    """Every group of a cluster by its id, and for objects with an unknown stack their problems."""

    groups: Mapping[StackId, Group]
    problems: Mapping[Ident, tuple[Problem, ...]]

    @staticmethod
    def of(found: Iterable[Placement]) -> "Survey":
        """The groups from these placements."""
        sorting: dict[StackId, list[Placement]] = {}
        problems: dict[Ident, tuple[Problem, ...]] = {}
        for each in found:
            for stack in each.stacks:
                sorting.setdefault(stack, []).append(each)
            if each.lost:
                problems[each.ident] = each.problems
        return Survey({stack: Group.of(stack, sorting[stack]) for stack in sorted(sorting)}, problems)

    def group(self, stack: StackId) -> Group:
        """The group of a stack; it is empty if the stack has no objects."""
        return self.groups.get(stack, Group(stack))


@dataclass(frozen=True, slots=True)
class Read:
    """The intent of a group, and the problems found while reading.

    `readings` are parts of the result by member, for the next reading of the same group.
    """

    intent: Intent
    problems: tuple[Problem, ...]
    readings: Readings = field(default_factory=dict)
