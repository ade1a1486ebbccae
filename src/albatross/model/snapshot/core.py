"""Metadata that every object has, and objects that do not belong to another module."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Key = tuple[str, str]
"""(namespace, name); the namespace of a cluster-scoped object is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """`metadata` of any object. `deletion_timestamp` and `creation_timestamp` are RFC 3339 texts, empty if not set."""

    namespace: str = ""
    name: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: str = ""
    deletion_timestamp: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    finalizers: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """(namespace, name)."""
        return (self.namespace, self.name)

    @property
    def stored(self) -> bool:
        """Whether the API server has stored the object. An object in a file has no UID, and no other value that the server gives."""
        return bool(self.uid)

    @property
    def deleting(self) -> bool:
        """Whether the object is being deleted and waits for its finalizers."""
        return bool(self.deletion_timestamp)


@dataclass(frozen=True, slots=True)
class LabelRequirement:
    """One of `matchExpressions[]`."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelSelector:
    """metav1.LabelSelector; an empty selector matches everything."""

    match_labels: Mapping[str, str] = field(default_factory=dict)
    match_expressions: tuple[LabelRequirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """v1 Namespace."""

    metadata: Metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount:
    """v1 ServiceAccount."""

    metadata: Metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """v1 Secret, decoded; the values never appear in a repr."""

    metadata: Metadata
    data: Mapping[str, bytes] = field(default_factory=dict, repr=False)
