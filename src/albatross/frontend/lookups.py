"""What the reading of one object looks up in the cluster, so that the result can be used again as long as the answers stay the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from albatross.frontend.near import hint
from albatross.frontend.stored import Offers
from albatross.model.ident import Ident
from albatross.model.snapshot import Key, Secret, Service, Snapshot

HINTS = 20
"""The most misspelled names of one object that get a hint (chosen by us), because each costs a millisecond."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to lookups by the name of the method and its argument; they do not keep the snapshot."""

    complete: bool
    found: Mapping[tuple[str, object], object]

    def hold(self, snapshot: Snapshot) -> bool:
        """Whether a snapshot gives the same answers. An object that was written again counts as another one."""
        again = Lookups(snapshot)
        same = (getattr(again, name)(key) is answer for (name, key), answer in self.found.items())
        return again.complete == self.complete and all(same)


@dataclass(frozen=True, slots=True)
class Lookups:
    """Looks up objects by name, and remembers each answer."""

    snapshot: Snapshot
    _found: dict[tuple[str, object], object] = field(default_factory=dict)
    _hints: dict[tuple[str, Key], str] = field(default_factory=dict)
    offers: Offers = field(default_factory=Offers)

    @property
    def complete(self) -> bool:
        """Whether the cluster has only these objects; False: these are files, and more objects may exist."""
        return self.snapshot.complete

    @property
    def answers(self) -> Answers:
        """All answers until now."""
        return Answers(self.complete, dict(self._found))

    def service(self, key: Key) -> Service | None:
        """The Service with this name."""
        answer = self._found["service", key] = self.snapshot.services.get(key)
        return answer

    def meant(self, kind: str, key: Key) -> str:
        """A hint with the Service or Secret that a misspelled name may mean.

        It does not belong to the answers: if only a hint changes, the result can be used again.
        """
        if (kind, key) not in self._hints:
            objects = self.snapshot.services if kind == "Service" else self.snapshot.secrets
            self._hints[kind, key] = hint(key, objects) if len(self._hints) < HINTS else ""
        return self._hints[kind, key]

    def secret(self, key: Key) -> Secret | None:
        """The Secret with this name."""
        answer = self._found["secret", key] = self.snapshot.secrets.get(key)
        return answer

    def denied(self, key: Key) -> bool:
        """Whether the API server does not let us read this Secret."""
        answer = self._found["denied", key] = key in self.snapshot.denied
        return answer

    def unread(self, ident: Ident) -> bool:
        """Whether a file has an object with this name that could not be read."""
        answer = self._found["unread", ident] = ident in self.snapshot.unread
        return answer
