"""A change in the cluster → the stacks that must be reconciled. The cost depends on the affected objects, not on the cluster's size."""

from collections.abc import Iterable, Set

from albatross.catalog import tracking
from albatross.controller.relation import Relation
from albatross.controller.study import BINDING, matters
from albatross.controller.users import Users
from albatross.frontend import NAMED, PLACING, READERS, ROOTS
from albatross.frontend.group import Group, Placement, Root
from albatross.kube.cache import Cache, Change
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Key, Snapshot, TargetGroupBinding


class Index:
    """Knows the stack of every object, which objects mention which, and each stack's bindings. Every change of the cache updates it.

    An object is `stale` if its stack may have changed. It is placed again on request, because a change of a class affects many objects.
    """

    def __init__(self, cache: Cache, config: Config) -> None:
        self._cache = cache
        self._config = config
        self._users = Users()
        self._placements: dict[Ident, Placement] = {}
        self._groups: dict[StackId, Group] = {}
        self._objects: Relation[StackId, Ident] = Relation()
        self._members: Relation[StackId, Ident] = Relation()
        self._bindings: Relation[StackId, Key] = Relation()
        self._stale: set[Ident] = set()
        self._left: Relation[Ident, StackId] = Relation()

    # Changes in --------------------------------------------------------------------------------------------------

    def note(self, change: Change) -> bool:
        """Update the index with a change; True if the change can change a decision. Call it for every change, in order."""
        if change.kind == BINDING:
            self._note_binding(change)
        elif change.kind in READERS:
            self._users.note(change)
            if change.kind in ROOTS:
                self._stale.add(Ident(change.kind, *change.key))
            elif change.kind in PLACING and matters(change):
                self._stale |= self._users.roots(change)
        return matters(change)

    def affected(self, changes: Iterable[Change]) -> set[StackId]:
        """The stacks that the changes affect: the stacks that the objects are in now, were in before, or still carry a finalizer of."""
        idents, found = set[Ident](), set[StackId]()
        for change in changes:
            idents |= self._users.roots(change)
            found |= _marked(change)
        self.settle()
        for ident in idents:
            found |= self._left.of(ident) | self.placement(ident).stacks
        self._left = Relation()
        return found

    def concerned(self, changes: Iterable[Change]) -> set[Ident]:
        """The objects that can get another stack by the changes: changed roots, and roots that depend on a changed class or namespace."""
        found = set[Ident]()
        for change in changes:
            if change.kind in PLACING and matters(change):
                found |= self._users.roots(change)
            elif change.kind in ROOTS:
                found.add(Ident(change.kind, *change.key))
        return found

    def settle(self, most: int | None = None) -> bool:
        """Place stale objects again, at most `most` of them; True if no object is stale afterwards."""
        snapshot = self._cache.snapshot() if self._stale else Snapshot()
        for _ in range(len(self._stale) if most is None else min(most, len(self._stale))):
            self._place(self._stale.pop(), snapshot)
        return not self._stale

    # What is known -----------------------------------------------------------------------------------------------

    def placement(self, ident: Ident) -> Placement:
        """The placement of an object. An object that does not exist has no stack."""
        return self._placements.get(ident) or Placement(ident=ident)

    def group(self, stack: StackId) -> Group:
        """The group of a stack in the current state of the cluster."""
        self.settle()
        found = self._groups.get(stack)
        if found is None:
            found = Group.of(stack, (self._placements[ident] for ident in self._objects.of(stack)))
            if found.placements:
                self._groups[stack] = found
        return found

    def stacks(self) -> set[StackId]:
        """Every stack that has members, or finalizers on objects; for a resync."""
        self.settle()
        return set(self._objects.keys())

    def alive(self) -> Set[StackId]:
        """The stacks that have members."""
        self.settle()
        return self._members.keys()

    def lost(self) -> tuple[Placement, ...]:
        """The objects with an unknown stack, for a resync."""
        self.settle()
        return tuple(each for each in self._placements.values() if each.lost)

    def bindings(self, stack: StackId) -> tuple[TargetGroupBinding, ...]:
        """The bindings that carry a stack's labels."""
        found = (self._cache.get(BINDING, key) for key in self._bindings.of(stack))
        return tuple(each for each in found if each is not None)

    def secrets(self, idents: Iterable[Ident]) -> frozenset[Key]:
        """The Secrets that objects depend on, directly or through others."""
        return frozenset(each.key for each in self._users.needs(idents, NAMED))

    # Keeping it --------------------------------------------------------------------------------------------------

    def _place(self, ident: Ident, snapshot: Snapshot) -> None:
        before, noun = self._placements.get(ident), self._cache.get(ident.kind, ident.key)
        now = None if noun is None else ROOTS[ident.kind].place(noun, snapshot, self._config)
        if now == before:
            return
        if before is not None:
            self._take_out(before)
        if now is not None:
            self._put_in(now)

    def _take_out(self, placement: Placement) -> None:
        del self._placements[placement.ident]
        self._objects.drop(placement.stacks, placement.ident)
        self._members.drop(placement.stacks, placement.ident)
        for stack in placement.stacks:
            self._left.add((placement.ident,), stack)
            self._groups.pop(stack, None)

    def _put_in(self, placement: Placement) -> None:
        self._placements[placement.ident] = placement
        self._objects.add(placement.stacks, placement.ident)
        self._members.add(() if placement.stack is None else (placement.stack,), placement.ident)
        for stack in placement.stacks:
            self._groups.pop(stack, None)

    def _note_binding(self, change: Change) -> None:
        self._bindings.drop(_labelled(change.old), change.key)
        self._bindings.add(_labelled(change.new), change.key)


def _labelled(noun: object) -> tuple[StackId, ...]:
    """The stack in the labels of a binding."""
    stack = tracking.labelled(noun.metadata.labels) if isinstance(noun, TargetGroupBinding) else None
    return (stack,) if stack else ()


def _marked(change: Change) -> set[StackId]:
    """The stacks in the labels of a binding, or in the finalizers of a root, before and after the change."""
    found = set[StackId]()
    for side in (change.old, change.new):
        found.update(_labelled(side))
        if isinstance(side, Root):
            owners = ROOTS[change.kind].OWNERS
            found.update(*(tracking.held(owner, change.key, side.metadata.finalizers) for owner in owners))
    return found
