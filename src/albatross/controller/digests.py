"""What the leader before us left in place. With it, a new leader need not read all of AWS before it does what has changed.

After a pass that found a group or a target group in place, or put it in place, the leader keeps a digest of what was desired. All digests
are in one ConfigMap next to the Lease. The next leader computes its own: where both are equal, AWS is compared later (`controller.pace`);
everything else is compared at once. The digests are void if another process led in between, or if the settings or the version differ.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields

from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.resources.ref import BACKEND
from albatross.model.resources.stack import Stack
from albatross.planner.document import REDACTED, document, reference

SIZE = 6
"""Bytes of a digest (chosen by us): 20,000 of them are 160 kB of text, and a wrong one is accepted once in 10^10 starts."""
HEADER, LEADER, DIGESTS = "of", "leader", "digests"
"""The keys of the ConfigMap: the digest of settings and version, the number of the leader that wrote it, and the digests."""


Desired = Callable[[], str | None]
"""Makes the text of what is desired."""


@dataclass
class Digests:
    """The digests. `claims` are those of the leader before us, and `known` are ours, by the name of a group or of a target group.

    `pending` is what is in place, without a digest yet: a group with many members needs some milliseconds for it.
    """

    header: str = ""
    claims: frozenset[bytes] = frozenset()
    known: dict[str, bytes] = field(default_factory=dict)
    pending: dict[str, Desired] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)

    def open(self, name: str) -> bool:
        """Whether `holds` may say yes: there are claims, and it was not asked about this name yet."""
        return bool(self.claims) and name not in self._asked

    def holds(self, name: str, desired: str | None) -> bool:
        """Whether the leader before us left exactly this. It answers once for each name: the next pass reads AWS. None: unknown."""
        first, found = self.open(name), digest(name, desired)
        self._answer(name)
        return first and found is not None and found in self.claims

    def note(self, name: str, desired: str | None) -> None:
        """This is in place, compared with AWS; None: nothing is known any more, or it does not exist any more."""
        self._answer(name)
        self.pending.pop(name, None)
        self.known.pop(name, None)
        if (found := digest(name, desired)) is not None:
            self.known[name] = found

    def postpone(self, name: str, desired: Desired) -> None:
        """This is in place, compared with AWS; `desired` is called when the digest is needed."""
        self.note(name, None)
        self.pending[name] = desired

    def settle(self, texts: Mapping[str, str | None], asked: Mapping[str, Desired]) -> None:
        """The texts of what was `pending`, if it is still the same."""
        for name, text in texts.items():
            if self.pending.get(name) is asked[name]:
                self.note(name, text)

    def forget(self) -> None:
        """Nothing is certain any more."""
        self.known.clear()
        self.pending.clear()

    def close(self) -> None:
        """Everything had a pass: the digests of the leader before us are not needed any more."""
        self.claims = frozenset()
        self._asked.clear()

    def _answer(self, name: str) -> None:
        if self.claims:  # else the names of everything that ever existed would stay in memory
            self._asked.add(name)

    def text(self, leader: int) -> Mapping[str, str]:
        """The data of the ConfigMap; `leader` is the number of this leader."""
        written = base64.b64encode(b"".join(sorted(self.known.values()))).decode()
        return {HEADER: self.header, LEADER: str(leader), DIGESTS: written}

    def read(self, data: Mapping[str, str], leader: int) -> None:
        """Accept the data of the leader before this one. Anything else is ignored: then AWS is read at once."""
        self.claims = frozenset()
        if data.get(HEADER) != self.header or data.get(LEADER) != str(leader - 1):
            return
        try:
            found = base64.b64decode(data.get(DIGESTS, ""), validate=True)
        except ValueError:
            return
        self.claims = frozenset(found[at : at + SIZE] for at in range(0, len(found), SIZE))


def digest(name: str, desired: str | None) -> bytes | None:
    """The digest of what is desired under a name."""
    return None if desired is None else hashlib.blake2b(f"{name}\n{desired}".encode(), digest_size=SIZE).digest()


def header(config: Config, version: str) -> str:
    """The digest of everything that decides next to the cluster: the settings and the version."""
    told = json.dumps({each.name: _plain(getattr(config, each.name)) for each in fields(config)}, sort_keys=True)
    return hashlib.blake2b(f"{version}\n{told}".encode(), digest_size=16).hexdigest()


def described(desired: Stack, members: Iterable[Ident], backend: str = "") -> str | None:
    """What a group needs, as a text. None for a stack with secrets: no digest of a secret is kept.

    `backend` is the id of the shared security group, if the pass created it: later, the stack has this id.
    """
    text = json.dumps([document(desired), sorted(map(str, members))], sort_keys=True)
    if backend:
        text = text.replace(json.dumps(reference(BACKEND)), json.dumps(backend))
    return None if REDACTED in text else text


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return dict(value) if isinstance(value, Mapping) else value
