"""The policy of a group: annotation `albatross.dev/tenants` of the IngressClassParams that name the group.

It is an annotation and not a field of `spec`, because the API server removes fields that the other controller's definition of the kind
does not have, and then every namespace could join the group.
"""

import json
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from albatross.catalog import kinds
from albatross.catalog.annotations import albatross
from albatross.catalog.selector import matches
from albatross.catalog.shape import Cursor, Malformed
from albatross.catalog.webhooks import NAMESPACE_NAME
from albatross.model.snapshot import LabelSelector

TENANTS = albatross.PREFIX + "tenants"
EVERY = "*"
"""The pattern of every host. A rule without a host needs it."""
_ROW, _SELECTOR = frozenset({"namespaces", "hosts"}), frozenset({"matchLabels", "matchExpressions"})
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


@dataclass(frozen=True, slots=True)
class Tenant:
    """One row: the namespaces that may join the group, and the hosts that they may use; None means every host."""

    namespaces: LabelSelector
    hosts: tuple[str, ...] | None = None

    def selects(self, namespace: str, labels: Mapping[str, str] | None) -> bool:
        """Whether the row is for a namespace. With unknown labels (None), it is, unless the name of the namespace decides."""
        named = {NAMESPACE_NAME: namespace}
        if labels is not None:
            return matches(self.namespaces, ChainMap(named, labels))  # type: ignore[arg-type]  # nobody writes into it
        asked = {*self.namespaces.match_labels, *(each.key for each in self.namespaces.match_expressions)}
        return asked != {NAMESPACE_NAME} or matches(self.namespaces, named)


@lru_cache(64)  # each member of a group reads the same text
def parse(written: str) -> tuple[Tenant, ...] | str:
    """The rows of a policy, or why it cannot be read. A policy without rows admits no namespace."""
    try:
        return tuple(_row(each) for each in Cursor(json.loads(written)).items())
    except Malformed as error:
        return str(error)
    except (ValueError, RecursionError):
        return "it is not a JSON text"


def allows(pattern: str, host: str) -> bool:
    """Whether a pattern of a policy covers a host of a rule. `*.example.com` covers all hosts with that end, also those with wildcards."""
    if pattern == EVERY:
        return True
    host = host.lower()
    return host == pattern or (pattern.startswith("*.") and host.endswith(pattern[1:]) and host != pattern[1:])


def _row(at: Cursor) -> Tenant:
    _known(at, _ROW)
    selector = at["namespaces"]
    if not selector.present:
        raise selector.wrong("a label selector; {} selects every namespace")
    _known(selector, _SELECTOR)
    for each in selector["matchExpressions"].items():
        if each["operator"].text() not in _OPERATORS:
            raise each["operator"].wrong(" or ".join(_OPERATORS))
    return Tenant(kinds.selector(selector), tuple(_host(each) for each in at["hosts"].items()) if at["hosts"].present else None)


def _host(at: Cursor) -> str:
    host = at.required().lower()
    if host != EVERY and (not host or EVERY in host.removeprefix("*.")):
        raise at.wrong("a host, *.HOST, or *")
    return host


def _known(at: Cursor, names: frozenset[str]) -> None:
    """A wrong name must not open anything: without its hosts, a row is for every host."""
    if not isinstance(at.value, Mapping) or not names.issuperset(at.value):
        raise at.wrong("a map with only " + " and ".join(sorted(names)))
