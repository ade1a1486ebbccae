"""The last version of each object that was free of errors, so that a broken edit changes nothing until it is mended."""

from collections import ChainMap
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from albatross.catalog.kinds import KINDS, find, objects
from albatross.frontend.group import Root
from albatross.model.ident import Ident
from albatross.model.snapshot import Snapshot


class History:
    """Last good versions, in memory: after a restart there are none, and `planner.carry` keeps what stands in AWS instead."""

    def __init__(self) -> None:
        self._good: dict[Ident, Root] = {}

    def remember(self, snapshot: Snapshot, idents: Iterable[Ident]) -> None:
        """These were understood without an error, and carried out."""
        for ident in idents:
            self._good[ident] = find(snapshot, ident)

    def forget(self, idents: Iterable[Ident]) -> None:
        """These have left."""
        for ident in idents:
            self._good.pop(ident, None)

    def good(self, ident: Ident, now: Root) -> Root | None:
        """The last good version of the same object (by uid), which differs from this one; None when there is none."""
        found = self._good.get(ident)
        if found is None or found.metadata.uid != now.metadata.uid or found == now:
            return None
        return found

    def restored(self, snapshot: Snapshot, broken: Iterable[Ident]) -> tuple[Snapshot, frozenset[Ident]]:
        """The snapshot with the last good version of each broken object in its place, and those for which there was one."""
        found: dict[Ident, Root] = {}
        for ident in broken:
            now: Root | None = find(snapshot, ident)
            good = self.good(ident, now) if now is not None else None
            if now is not None and good is not None:
                # Its own annotations and spec, but today's finalizers and status.
                metadata = replace(good.metadata, resource_version=now.metadata.resource_version, finalizers=now.metadata.finalizers)
                found[ident] = replace(good, metadata=metadata, status=now.status)
        return _laid(snapshot, found), frozenset(found)


def _laid(snapshot: Snapshot, found: dict[Ident, Root]) -> Snapshot:
    """The snapshot with other versions of some objects; nothing is copied."""
    maps: dict[str, Any] = {}
    for kind in {ident.kind for ident in found}:
        own = {ident.key: noun for ident, noun in found.items() if ident.kind == kind}
        maps[KINDS[kind].field] = ChainMap(own, objects(snapshot, kind))  # type: ignore[arg-type]  # nobody writes into it
    return replace(snapshot, **maps)
