"""The last version of each Ingress that was free of errors, so that a broken edit changes nothing until it is mended."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from albatross.model.snapshot import Ingress, Key, Snapshot


class History:
    """Last good versions, in memory: after a restart there are none, and `planner.carry` keeps what stands in AWS instead."""

    def __init__(self) -> None:
        self._good: dict[Key, Ingress] = {}

    def remember(self, ingresses: Iterable[Ingress]) -> None:
        """These were understood without an error, and carried out."""
        for ingress in ingresses:
            self._good[ingress.metadata.key] = ingress

    def forget(self, keys: Iterable[Key]) -> None:
        """These have left."""
        for key in keys:
            self._good.pop(key, None)

    def good(self, ingress: Ingress) -> Ingress | None:
        """The last good version of the same object (by uid), which differs from this one; None when there is none."""
        found = self._good.get(ingress.metadata.key)
        if found is None or found.metadata.uid != ingress.metadata.uid or found == ingress:
            return None
        return found

    def restored(self, snapshot: Snapshot, broken: Iterable[Key]) -> tuple[Snapshot, frozenset[Key]]:
        """The snapshot with the last good version of each broken Ingress in its place, and the keys for which there was one."""
        found: dict[Key, Ingress] = {}
        for key in broken:
            ingress = snapshot.ingresses.get(key)
            good = self.good(ingress) if ingress is not None else None
            if ingress is not None and good is not None:
                # Its own annotations and spec, but today's finalizers and status.
                now = ingress.metadata
                metadata = replace(good.metadata, resource_version=now.resource_version, finalizers=now.finalizers)
                found[key] = replace(good, metadata=metadata, status=ingress.status)
        if not found:
            return snapshot, frozenset()
        ingresses: Mapping[Key, Ingress] = {**snapshot.ingresses, **found}
        return replace(snapshot, ingresses=ingresses), frozenset(found)
