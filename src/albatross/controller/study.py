"""What the index must know of a change. For a large object, another thread finds it out, before the event loop hears of the change."""

from dataclasses import dataclass

from albatross import frontend
from albatross.catalog import tenants
from albatross.frontend import READERS, Frontend
from albatross.kube.cache import Change
from albatross.model.ident import Ident
from albatross.model.snapshot import IngressClassParams

BINDING = "TargetGroupBinding"


@dataclass(frozen=True, slots=True)
class Study:
    """What the object mentions now, and whether the change can change a decision."""

    mentions: frozenset[Ident]
    matters: bool


def study(change: Change) -> Study:
    """Read both versions of an object. The time depends on the size of the object."""
    if isinstance(change.new, IngressClassParams) and (written := change.new.metadata.annotations.get(tenants.TENANTS)):
        tenants.parse(written)  # the result is kept there
    return Study(frontend.mentions(change.kind, change.new), _any_matters(change))


def mentions(change: Change) -> frozenset[Ident]:
    """The objects that the object mentions now."""
    found = change.study
    return found.mentions if isinstance(found, Study) else frontend.mentions(change.kind, change.new)


def matters(change: Change) -> bool:
    """Whether a change can change a decision."""
    return change.study.matters if isinstance(change.study, Study) else _any_matters(change)


def _any_matters(change: Change) -> bool:
    if change.kind == BINDING:
        return change.new is None  # a binding was deleted; the caller knows whether we deleted it
    return any(_matters(change, reader) for reader in READERS.get(change.kind, ()))


def _matters(change: Change, reader: Frontend) -> bool:
    if change.old is None or change.new is None:
        return change.new is not None or change.kind not in reader.ROOTS  # a root's last pass ran before its finalizer was removed
    return reader.essence(change.old) != reader.essence(change.new)
