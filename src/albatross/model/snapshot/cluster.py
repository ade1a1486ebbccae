"""All objects at one moment."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from albatross.model.ident import Ident
from albatross.model.snapshot.core import Key, Namespace, Secret, ServiceAccount
from albatross.model.snapshot.custom import IngressClassParams, TargetGroupBinding
from albatross.model.snapshot.ingress import Ingress, IngressClass
from albatross.model.snapshot.service import EndpointSlice, Service
from albatross.model.snapshot.workload import Node, Pod, Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The cluster at one moment. The key of a map is (namespace, name); for cluster-scoped objects ("", name)."""

    ingresses: Mapping[Key, Ingress] = field(default_factory=dict)
    services: Mapping[Key, Service] = field(default_factory=dict)
    ingress_classes: Mapping[Key, IngressClass] = field(default_factory=dict)
    ingress_class_params: Mapping[Key, IngressClassParams] = field(default_factory=dict)
    namespaces: Mapping[Key, Namespace] = field(default_factory=dict)
    secrets: Mapping[Key, Secret] = field(default_factory=dict)
    nodes: Mapping[Key, Node] = field(default_factory=dict)
    pods: Mapping[Key, Pod] = field(default_factory=dict)
    endpoint_slices: Mapping[Key, EndpointSlice] = field(default_factory=dict)
    bindings: Mapping[Key, TargetGroupBinding] = field(default_factory=dict)
    service_accounts: Mapping[Key, ServiceAccount] = field(default_factory=dict)
    denied: Set[Key] = frozenset()
    """Secrets that the cluster does not let the controller read; whether they exist is unknown."""
    complete: bool = True
    """True (a cluster): an object that is not here does not exist. False (a few files): a missing Service is only unknown."""
    unread: frozenset[Ident] = frozenset()
    """Objects in files that cannot be read. They exist, but nothing else is known about them."""
    workloads: tuple[Workload, ...] = ()
    """What makes pods, as far as files say it; the controller does not read these objects."""
