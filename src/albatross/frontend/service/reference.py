"""The names that a Service mentions, and the part of it that can change a decision."""

from dataclasses import replace

from albatross.catalog.annotations.service import ACTIONS, PREFIX
from albatross.catalog.texts import under
from albatross.model.ident import Ident
from albatross.model.snapshot import Metadata, Service


def mentions(noun: object) -> frozenset[Ident]:
    """The Services that its weighted targets name, whether they exist or not. An annotation that cannot be parsed mentions no object."""
    if not isinstance(noun, Service):
        return frozenset()
    written = (text for key, text in noun.metadata.annotations.items() if key.startswith(ACTIONS.stem))
    return frozenset(Ident("Service", noun.metadata.namespace, name) for text in written for name in under(text, "servicename"))


def names(noun: object) -> frozenset[Ident]:
    """Names under which others mention an object, in addition to its own name: none."""
    return frozenset()


def essence(noun: object) -> object:
    """The part of a Service that can change a decision: everything except status, finalizers, labels and annotations of others."""
    if not isinstance(noun, Service):
        return None
    own = noun.metadata
    written = {key: text for key, text in own.annotations.items() if key.startswith(PREFIX)}
    kept = Metadata(namespace=own.namespace, name=own.name, uid=own.uid, deletion_timestamp=own.deletion_timestamp, annotations=written)
    return replace(noun, metadata=kept, status=())
