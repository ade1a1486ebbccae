"""The last version of each object that had no errors. With it, a wrong edit changes nothing in AWS until a user corrects it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from albatross.catalog import good
from albatross.catalog.good import Good
from albatross.catalog.kinds import find
from albatross.model.ident import Ident
from albatross.model.snapshot import Snapshot


class History:
    """Last good versions, in memory. While an object has errors, its version is also in an annotation on the object (`catalog.good`)."""

    def __init__(self) -> None:
        self._good: dict[Ident, Good] = {}

    def remember(self, snapshot: Snapshot, idents: Iterable[Ident]) -> None:
        """Remember these objects: they had no errors, and their plan is done."""
        for ident in idents:
            self._good[ident] = Good(find(snapshot, ident), "")

    def hold(self, goods: Mapping[Ident, Good]) -> None:
        """Remember the versions that are in use, with the times of the errors. After a restart they come from annotations."""
        self._good.update(goods)

    def forget(self, idents: Iterable[Ident]) -> None:
        """Forget these objects: they have left their group."""
        for ident in idents:
            self._good.pop(ident, None)

    def known(self, snapshot: Snapshot, idents: Iterable[Ident], now: str) -> Mapping[Ident, Good]:
        """The last good version of each object (same uid), if it says something else than the object; `now` is the time of new errors."""
        found: dict[Ident, Good] = {}
        for ident in idents:
            noun, version = find(snapshot, ident), self._good.get(ident)
            if noun is None or version is None or version.noun.metadata.uid != noun.metadata.uid:
                continue
            if version.noun is not noun and good.meaning(version.noun) != good.meaning(noun):
                found[ident] = replace(version, since=version.since or now)
        return found
