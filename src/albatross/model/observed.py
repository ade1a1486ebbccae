"""The current resources in AWS and the cluster, in the classes of the desired state, with AWS ids; `planner.link` makes them references."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from albatross.model.resources.addon import Protection, RegionalWebAclAssociation, WebAclAssociation
from albatross.model.resources.binding import Binding
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.record import Record
from albatross.model.resources.ref import Pairs
from albatross.model.resources.rule import Rule
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.target_group import TargetGroup
from albatross.model.target import Target

N = TypeVar("N", covariant=True)

UNREAD: Pairs = (("", ""),)
"""The tags of a resource, if they were not read. AWS has no tag with an empty key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned(Generic[N]):
    """An existing resource that we own.

    `arn` is the id for its API calls: an ARN, a security group's id, a binding's `namespace/name`, a protection's id, a record's own id.
    `tags` are all tags, including tracking tags (`tags` of the resource itself stay empty). `parent` is the ARN of a listener's load
    balancer or a rule's listener; the reference in the resource itself is not valid before it is linked.
    A listener's `certificates` are its default, then every entry of its SNI list (which may name the default again).
    """

    resource: N
    arn: str
    tags: Pairs = ()
    parent: str = ""
    dns_name: str = ""
    zone_id: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All resources with the tags of one stack.

    Every listener of an owned load balancer and every non-default rule of such a listener is ours, even without our tags.
    `registered` has the targets of `alb` target groups by ARN. `unidentified` are ARNs that carry the stack's tags but no resource id:
    they are reported, and never changed. `denied` are optional features that the account does not allow to read; they do not change.
    `healthy` are the target groups with a healthy target; they are only read while a load balancer replaces another one. `at`: when all
    of this was read, in seconds since 1970.
    """

    security_groups: tuple[Owned[SecurityGroup], ...] = ()
    certificates: tuple[Owned[Certificate], ...] = ()
    load_balancers: tuple[Owned[LoadBalancer], ...] = ()
    target_groups: tuple[Owned[TargetGroup], ...] = ()
    listeners: tuple[Owned[Listener], ...] = ()
    rules: tuple[Owned[Rule], ...] = ()
    bindings: tuple[Owned[Binding], ...] = ()
    web_acls: tuple[Owned[WebAclAssociation], ...] = ()
    regional_web_acls: tuple[Owned[RegionalWebAclAssociation], ...] = ()
    protections: tuple[Owned[Protection], ...] = ()
    records: tuple[Owned[Record], ...] = ()
    registered: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)
    unidentified: tuple[str, ...] = ()
    denied: frozenset[str] = frozenset()
    healthy: frozenset[str] = frozenset()
    at: float = 0.0
