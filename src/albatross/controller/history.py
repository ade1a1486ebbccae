"""The last version of each object that had no errors. With it, a wrong edit changes nothing in AWS until a user corrects it."""

from collections import ChainMap
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from albatross.catalog.kinds import KINDS, find, objects
from albatross.frontend.group import Root
from albatross.model.ident import Ident
from albatross.model.snapshot import Snapshot


class History:
    """Last good versions, in memory. After a restart there are no versions; then `planner.carry` keeps the existing resources in AWS."""

    def __init__(self) -> None:
        self._good: dict[Ident, Root] = {}

    def remember(self, snapshot: Snapshot, idents: Iterable[Ident]) -> None:
        """Remember these objects: they had no errors, and their plan is done."""
        for ident in idents:
            self._good[ident] = find(snapshot, ident)

    def forget(self, idents: Iterable[Ident]) -> None:
        """Forget these objects: they have left their group."""
        for ident in idents:
            self._good.pop(ident, None)

    def good(self, ident: Ident, now: Root) -> Root | None:
        """The last good version of the same object (same uid), if it differs from `now`; else None."""
        found = self._good.get(ident)
        if found is None or found.metadata.uid != now.metadata.uid or found == now:
            return None
        return found

    def restored(self, snapshot: Snapshot, broken: Iterable[Ident]) -> tuple[Snapshot, frozenset[Ident]]:
        """The snapshot with the last good version instead of each broken object, and the objects that have such a version."""
        found: dict[Ident, Root] = {}
        for ident in broken:
            now: Root | None = find(snapshot, ident)
            good = self.good(ident, now) if now is not None else None
            if now is not None and good is not None:
                # Annotations and spec of the good version, but the current finalizers and status.
                metadata = replace(good.metadata, resource_version=now.metadata.resource_version, finalizers=now.metadata.finalizers)
                found[ident] = replace(good, metadata=metadata, status=now.status)
        return _laid(snapshot, found), frozenset(found)


def _laid(snapshot: Snapshot, found: dict[Ident, Root]) -> Snapshot:
    """The snapshot with other versions of some objects. The maps of the snapshot are not copied."""
    maps: dict[str, Any] = {}
    for kind in {ident.kind for ident in found}:
        own = {ident.key: noun for ident, noun in found.items() if ident.kind == kind}
        maps[KINDS[kind].field] = ChainMap(own, objects(snapshot, kind))  # type: ignore[arg-type]  # nobody writes into it
    return replace(snapshot, **maps)
