"""The last version of each Ingress that was free of errors, so that a broken edit changes nothing until it is mended."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from albatross.model.ident import Ident
from albatross.model.snapshot import Ingress, Key, Snapshot


class History:
    """Last good versions, in memory: after a restart there are none, and `planner.carry` keeps what stands in AWS instead."""

    def __init__(self) -> None:
        self._good: dict[Ident, Ingress] = {}

    def remember(self, ingresses: Iterable[Ingress]) -> None:
        """These were understood without an error, and carried out."""
        for ingress in ingresses:
            self._good[_ident(ingress)] = ingress

    def forget(self, idents: Iterable[Ident]) -> None:
        """These have left."""
        for ident in idents:
            self._good.pop(ident, None)

    def good(self, ingress: Ingress) -> Ingress | None:
        """The last good version of the same object (by uid), which differs from this one; None when there is none."""
        found = self._good.get(_ident(ingress))
        if found is None or found.metadata.uid != ingress.metadata.uid or found == ingress:
            return None
        return found

    def restored(self, snapshot: Snapshot, broken: Iterable[Ident]) -> tuple[Snapshot, frozenset[Ident]]:
        """The snapshot with the last good version of each broken Ingress in its place, and those for which there was one."""
        found: dict[Ident, Ingress] = {}
        for ident in broken:
            ingress = snapshot.ingresses.get(ident.key)
            good = self.good(ingress) if ingress is not None else None
            if ingress is not None and good is not None:
                # Its own annotations and spec, but today's finalizers and status.
                now = ingress.metadata
                metadata = replace(good.metadata, resource_version=now.resource_version, finalizers=now.finalizers)
                found[ident] = replace(good, metadata=metadata, status=ingress.status)
        if not found:
            return snapshot, frozenset()
        ingresses: Mapping[Key, Ingress] = {**snapshot.ingresses, **{ident.key: good for ident, good in found.items()}}
        return replace(snapshot, ingresses=ingresses), frozenset(found)


def _ident(ingress: Ingress) -> Ident:
    return Ident("Ingress", *ingress.metadata.key)
