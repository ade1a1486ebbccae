"""Where objects belong, and what a group of them comes to: values that are the same for every kind of object."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from albatross.model.ident import Ident
from albatross.model.intent import Intent
from albatross.model.problem import Problem
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Ingress, IngressClassParams

Root = Ingress
"""An object that has a stack: it carries the stack's finalizer, its status and its events. A union, as more kinds come."""
Ruler = IngressClassParams
"""An object whose settings go before those of the objects that it rules. A union, as more kinds come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where one object belongs. It is found out from that object and the few that it mentions, never from the whole cluster."""

    ident: Ident
    stack: StackId | None = None
    """Its stack; None where it has none, or where `problems` say why that can't be told."""
    order: int = 0
    """Its place among the members of its stack; those of one place go by name."""
    problems: tuple[Problem, ...] = ()
    """With a stack, what is wrong with it as a member; without one, why its stack can't be told."""
    undecided: bool = False
    """Whether it may belong to any of `held` still. Else it has left all of them but `stack`."""
    held: tuple[StackId, ...] = ()
    """The stacks whose finalizers it carries."""
    rulers: tuple[Ruler, ...] = ()
    """The objects whose settings rule it, the strongest first."""

    @property
    def stacks(self) -> frozenset[StackId]:
        """Every stack that it concerns."""
        return frozenset(self.held if self.stack is None else (self.stack, *self.held))

    @property
    def lost(self) -> bool:
        """Whether it should have a stack and none can be told."""
        return self.stack is None and bool(self.problems)


@dataclass(frozen=True, slots=True)
class Group:
    """The objects of one stack: members in order, and objects that leave it but still carry its finalizer.

    `unclear` are objects of which it can't be told whether they belong here. `placements` hold all of them.
    """

    id: StackId
    members: tuple[Ident, ...] = ()
    leaving: tuple[Ident, ...] = ()
    unclear: tuple[Ident, ...] = ()
    placements: Mapping[Ident, Placement] = field(default_factory=dict)

    @staticmethod
    def of(id: StackId, found: Iterable[Placement]) -> "Group":
        """The group of these placements; those that do not concern the stack are left out."""
        mine = sorted((each for each in found if id in each.stacks), key=lambda each: (each.order, each.ident.short, each.ident))
        others = sorted((each for each in mine if each.stack != id), key=lambda each: each.ident)
        return Group(
            id=id,
            members=tuple(each.ident for each in mine if each.stack == id),
            leaving=tuple(each.ident for each in others if not each.undecided),
            unclear=tuple(each.ident for each in others if each.undecided),
            placements={each.ident: each for each in mine},
        )

    def problems(self, ident: Ident) -> tuple[Problem, ...]:
        """What is wrong with one of its objects before that is read."""
        return self.placements[ident].problems

    def replaced(self, found: Iterable[Placement]) -> "Group":
        """The group with some of its objects placed anew."""
        return Group.of(self.id, {**self.placements, **{each.ident: each for each in found}}.values())


@dataclass(frozen=True, slots=True)
class Survey:
    """Every group of a cluster by its id, and what is wrong with objects whose stack can't be told, by object."""

    groups: Mapping[StackId, Group]
    problems: Mapping[Ident, tuple[Problem, ...]]

    @staticmethod
    def of(found: Iterable[Placement]) -> "Survey":
        """The groups that placements make up."""
        sorting: dict[StackId, list[Placement]] = {}
        problems: dict[Ident, tuple[Problem, ...]] = {}
        for each in found:
            for stack in each.stacks:
                sorting.setdefault(stack, []).append(each)
            if each.lost:
                problems[each.ident] = each.problems
        return Survey({stack: Group.of(stack, sorting[stack]) for stack in sorted(sorting)}, problems)

    def group(self, stack: StackId) -> Group:
        """The group of a stack; one that nobody belongs to is empty."""
        return self.groups.get(stack, Group(stack))


@dataclass(frozen=True, slots=True)
class Read:
    """What a group asks for, and the problems found on the way."""

    intent: Intent
    problems: tuple[Problem, ...]
