"""Which object mentions which: a change of one object → the objects that it affects."""

from collections.abc import Iterable

from albatross.controller.relation import Relation
from albatross.controller.study import mentions
from albatross.frontend import ROOTS, names
from albatross.kube.cache import Change
from albatross.model.ident import Ident

NOBODY: frozenset[Ident] = frozenset()


class Users:
    """Mentions in both directions, updated with every change of the cluster. A mentioned object does not need to exist."""

    def __init__(self) -> None:
        self._mentions: dict[Ident, frozenset[Ident]] = {}
        self._users: Relation[Ident, Ident] = Relation()
        self._names: dict[Ident, frozenset[Ident]] = {}

    def note(self, change: Change) -> None:
        """Update the mentions with a change."""
        ident, found = Ident(change.kind, *change.key), mentions(change)
        before = self._mentions.get(ident, NOBODY)
        self._users.drop(before - found, ident)
        self._users.add(found - before, ident)
        _keep(self._mentions, ident, found)
        _keep(self._names, ident, names(change.kind, change.new))

    def mentions(self, ident: Ident) -> frozenset[Ident]:
        """The objects that an object mentions directly."""
        return self._mentions.get(ident, NOBODY)

    def needs(self, idents: Iterable[Ident], kinds: Iterable[str]) -> frozenset[Ident]:
        """The objects of these `kinds` on which the objects depend, directly or through others."""
        wanted, seen, left = frozenset(kinds), set[Ident](), list(idents)
        while left:
            for other in self.mentions(left.pop()):
                if other not in seen:
                    seen.add(other)
                    left.append(other)
        return frozenset(each for each in seen if each.kind in wanted)

    def roots(self, change: Change) -> set[Ident]:
        """The roots that a change affects: the object itself if it is a root, and roots that mention it, directly or through others."""
        ident = Ident(change.kind, *change.key)
        found, left = {ident}, [ident, *names(change.kind, change.old), *names(change.kind, change.new)]
        while left:
            for user in self._users.of(left.pop()):
                if user not in found:
                    found.add(user)
                    left += (user, *self._names.get(user, NOBODY))
        return {each for each in found if each.kind in ROOTS}


def _keep(table: dict[Ident, frozenset[Ident]], ident: Ident, found: frozenset[Ident]) -> None:
    if found:
        table[ident] = found
    else:
        table.pop(ident, None)
