"""Which tags a resource is to carry, and which of those that it has go."""

from collections.abc import Mapping

from albatross.catalog import tracking
from albatross.model.config import Config
from albatross.model.observed import Owned
from albatross.model.plan import Noun
from albatross.model.resources.ref import Pairs
from albatross.model.resources.stack import StackId
from albatross.planner.nouns import BY_CLASS


def wanted(resource: Noun, stack: StackId, config: Config) -> Mapping[str, str]:
    """All its tags. Tracking tags win over the user's: without them nobody would find the resource again."""
    if not _tagged(resource, config):
        return {}
    own = dict(getattr(resource, "tags", ()))
    return own | dict(tracking.tags(config, stack, resource.id))


def changes(resource: Noun, before: Owned[Noun], stack: StackId, config: Config) -> tuple[Pairs, Pairs]:
    """Tags to put and tags to remove. Tags that others manage, of the first controller and of AWS itself are let be."""
    if not _tagged(resource, config):
        return (), ()
    want, found = wanted(resource, stack, config), dict(before.tags)
    spared = config.external_managed_tags
    if BY_CLASS[type(resource)].legacy:
        spared = spared | tracking.legacy(config, stack)
    put = ((key, value) for key, value in want.items() if found.get(key) != value and key not in spared)
    gone = ((key, value) for key, value in found.items() if key not in want and key not in spared and not key.startswith("aws:"))
    return tuple(sorted(put)), tuple(sorted(gone))


def _tagged(resource: Noun, config: Config) -> bool:
    row = BY_CLASS[type(resource)]
    return row.tagged and (not row.gate or config.gate(row.gate))
