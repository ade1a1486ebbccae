"""The tags that a resource must have, and the tags to remove from it."""

from collections.abc import Mapping

from albatross.catalog import tracking
from albatross.model.config import Config
from albatross.model.observed import UNREAD, Owned
from albatross.model.plan import Noun
from albatross.model.resources.ref import Pairs
from albatross.model.resources.stack import StackId
from albatross.planner.nouns import BY_CLASS


def wanted(resource: Noun, stack: StackId, config: Config) -> Mapping[str, str]:
    """All its tags. Tracking tags replace tags of the user with the same key: without them nobody could find the resource again."""
    if not _tagged(resource, config):
        return {}
    own = dict(getattr(resource, "tags", ()))
    return own | dict(tracking.tags(config, stack, resource.id))


def changes(resource: Noun, before: Owned[Noun], stack: StackId, config: Config) -> tuple[Pairs, Pairs]:
    """Tags to set and tags to remove. Not changed: tags that others manage, tags of version 1 of the AWS controller, and tags of AWS."""
    if not _tagged(resource, config) or before.tags == UNREAD:
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
