"""What AWS and the cluster have now, in the nouns of the desired state and the ids of AWS; `planner.link` turns ids into references."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from albatross.model.resources.addon import Protection, RegionalWebAclAssociation, WebAclAssociation
from albatross.model.resources.binding import Binding
from albatross.model.resources.certificate import Certificate
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Pairs
from albatross.model.resources.rule import Rule
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.target_group import TargetGroup
from albatross.model.target import Target

N = TypeVar("N", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned(Generic[N]):
    """A resource that we own, as it is.

    `arn` is what its calls want: an ARN, a security group's id, a binding's `namespace/name`, a protection's id. `tags` are all its tags,
    tracking tags among them (the noun's own `tags` stay empty). `parent` is the ARN of a listener's load balancer or a rule's listener;
    the noun's own reference to it says nothing before it is linked.
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
    """All that carries one stack's tags.

    Every listener of an owned load balancer and every non-default rule of such a listener is ours, whatever its tags.
    `registered` holds the targets of `alb` target groups by ARN. `unidentified` are ARNs that carry the stack's tags but no resource id:
    they are reported, never changed.
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
    registered: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)
    unidentified: tuple[str, ...] = ()
