"""The user's request, independent of the kind of object: load balancers, and each member's settings for each of them.

It has only settings that the user wrote. Every value is parsed and typed and has its origin; precedence within one member (class over
annotation, backend over member) is already applied. The planner applies defaults and merges the members.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from albatross.model.ident import Ident
from albatross.model.problem import Origin
from albatross.model.resources.action import AuthenticateCognito, AuthenticateOidc, FixedResponse, JwtValidation, Redirect, Stickiness
from albatross.model.resources.listener import MutualAuthentication
from albatross.model.resources.ref import Given
from albatross.model.resources.rule import Condition, Transform
from albatross.model.resources.stack import StackId

T = TypeVar("T")

Family = Literal["application", "network"]
"""The type of a load balancer, in the words of AWS."""


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value that the user wrote, and its origin."""

    value: T
    origin: Origin


def given(setting: Setting[T] | None, default: T) -> T:
    """The value that the user wrote, else the default."""
    return setting.value if setting else default


Keyed = Mapping[str, Setting[str]]
"""Settings by key: tags, attributes."""

Names = Setting[tuple[str, ...]]
"""A list of names or ids."""


@dataclass(frozen=True, slots=True)
class SubnetSelector:
    """Subnets by id, or by tag filters (any of the values; no value matches nothing). Exactly one is set, but both may be empty."""

    ids: tuple[str, ...] = ()
    tags: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancerSettings:
    """The settings of one member for a load balancer; None or empty means not set.

    `enabled`: whether it is on, for a load balancer that is off by default. `addresses` are Elastic IP allocations, one per subnet.
    `without_groups`: it has no security groups. `source_ranges`, `prefix_lists` and `path_mtu` (allow ICMP for path MTU discovery) are for
    the `openings` of the share; empty `prefix_lists` also remove the default source ranges.
    `replace_grace` is in seconds.
    `attributes` is None if not written, and empty if the user wrote an empty list. `tags` are used instead of the tags of the group.
    """

    enabled: Setting[bool] | None = None
    name: Setting[str] | None = None
    scheme: Setting[str] | None = None
    ip_address_type: Setting[str] | None = None
    subnets: Names | None = None
    subnet_selector: Setting[SubnetSelector] | None = None
    security_groups: Names | None = None
    manage_backend_rules: Setting[bool] | None = None
    customer_owned_ipv4_pool: Setting[str] | None = None
    ipv4_ipam_pool: Setting[str] | None = None
    addresses: Names | None = None
    private_ipv4_addresses: Names | None = None
    ipv6_addresses: Names | None = None
    ipv6_source_nat: Setting[str] | None = None
    source_nat_prefixes: Names | None = None
    without_groups: Setting[bool] | None = None
    source_ranges: Names | None = None
    prefix_lists: Names | None = None
    path_mtu: Setting[bool] | None = None
    private_link_rules: Setting[str] | None = None
    attributes: Keyed | None = None
    tags: Setting[tuple[tuple[str, str], ...]] | None = None
    minimum_capacity: Setting[int] | None = None
    replace_grace: Setting[int] | None = None
    ssl_redirect: Setting[int] | None = None
    web_acl_arn: Setting[str] | None = None
    web_acl_name: Setting[str] | None = None
    web_acl_classic: Setting[str] | None = None
    shield: Setting[bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Settings that override all members of the group if this member is its first (or, for listeners, the first on the port)."""

    attributes: Keyed = field(default_factory=dict)
    minimum_capacity: Setting[int] | None = None
    ipv4_ipam_pool: Setting[str] | None = None
    listener_attributes: Mapping[tuple[str, int], Keyed] = field(default_factory=dict)
    """Attributes by (protocol, port)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRequest:
    """A certificate to request for `hosts` (sorted; the first is the domain name); `authority` is the ARN of a private CA, or empty."""

    id: str
    hosts: tuple[str, ...]
    authority: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroupSettings:
    """The settings of one target group. `health_check_port` is a number, `traffic-port` or the name of one of the targets' ports."""

    target_type: Setting[str] | None = None
    protocol: Setting[str] | None = None
    protocol_version: Setting[str] | None = None
    health_check_port: Setting[int | str] | None = None
    health_check_protocol: Setting[str] | None = None
    health_check_path: Setting[str] | None = None
    health_check_interval: Setting[int] | None = None
    health_check_timeout: Setting[int] | None = None
    healthy_threshold: Setting[int] | None = None
    unhealthy_threshold: Setting[int] | None = None
    success_codes: Setting[str] | None = None
    attributes: Keyed = field(default_factory=dict)
    tags: Keyed = field(default_factory=dict)
    node_labels: Keyed = field(default_factory=dict)
    control_port: Setting[int] | None = None
    multi_cluster: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPort:
    """A port of the targets: for `instance` a number (0: none), for `ip` a number or a name that each target resolves."""

    name: str
    instance: int | Given
    ip: int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A port of an object with endpoints; it becomes a target group.

    `id` is the resource id; backends with the same member, source and id are one target group. `source` is the object that has the
    endpoints, `source_type` how it exposes them (its own word, for messages). `port` is the port as the user wrote it, `serves` the port
    that it means, `ports` all ports of the object. `identity` is hashed into the generated name. `local_check` is the node port for the
    health checks of nodes, if only nodes with endpoints get traffic; None if all nodes get traffic.
    """

    id: str
    member: Ident
    source: Origin
    source_type: str
    port: int | str
    serves: TargetPort
    ports: tuple[TargetPort, ...]
    ip_families: tuple[str, ...]
    identity: tuple[str, ...]
    settings: TargetGroupSettings
    origin: Origin
    local_check: int | Given | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chained:
    """A listener of another load balancer of the group as a target: `id` is the target group's, `balancer` and `port` name the listener.

    `written`: the user chose the port. If not, it is one of the member's ports, and is silently left out if the group does not use it.
    """

    id: str
    balancer: str
    port: int
    settings: TargetGroupSettings
    origin: Origin
    written: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarding:
    """A target of a forward action: a backend, another load balancer, or the ARN or name of a target group. Exactly one is set."""

    backend: Backend | None = None
    chained: Chained | None = None
    arn: str = ""
    name: str = ""
    weight: int | None = None
    origin: Origin


@dataclass(frozen=True, slots=True)
class ForwardTo:
    """A forward action with target groups that do not exist yet."""

    targets: tuple[Forwarding, ...]
    stickiness: Stickiness | None = None


Answer = ForwardTo | FixedResponse | Redirect
"""The final action of a route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Requests that match all conditions get the answer. `guard` runs before it, on secure listeners only."""

    origin: Origin
    answer: Answer
    conditions: tuple[Condition, ...] = ()
    transforms: tuple[Transform, ...] = ()
    guard: AuthenticateCognito | AuthenticateOidc | JwtValidation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """A port of one member; `id` is the listener's resource id. Certificates are given, requested, or else discovered for `hosts`.

    A listener of an application load balancer has `routes` in the order of evaluation, and a `default`. A listener of a network load
    balancer has a `forward`.
    """

    id: str
    port: int
    protocol: str
    origin: Origin
    routes: tuple[Route, ...] = ()
    default: Route | None = None
    forward: ForwardTo | None = None
    inbound_cidrs: Names | None = None
    prefix_lists: Names | None = None
    certificates: Names | None = None
    certificate_request: CertificateRequest | None = None
    hosts: tuple[Setting[str], ...] = ()
    ssl_policy: Setting[str] | None = None
    alpn_policy: Setting[str] | None = None
    mutual_authentication: Setting[MutualAuthentication] | None = None
    attributes: Keyed = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One object of the group.

    `faulty`: it has an error; all parts without an error are still here. `live`: the load balancer of this group already serves it.
    `uid` is the id that the cluster gave to the object. `denied` are pairs of host and path that it may not have, or that belong to another
    namespace: their rules in AWS are removed. An empty host is every host, and path `*` every path. `partial`: it is faulty only because
    of them, and has other routes, which are served.
    """

    ident: Ident
    origin: Origin
    uid: str = ""
    faulty: bool = False
    live: bool = False
    denied: frozenset[tuple[str, str]] = frozenset()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """A port that the managed security group opens, with its protocol in the words of Kubernetes (TCP, UDP, SCTP)."""

    protocol: str
    port: int


Unread = Literal["ports", "redirect"]
"""The ports of the listeners, and the port that HTTP listeners redirect to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The settings of one member for one load balancer. `idle` are routes without a listener, because the member's ports are invalid.

    `names` are the hosts that must have a DNS record, sorted.
    `openings` are the ports to open; a share without openings opens the ports of its listeners. `unread` are settings
    with invalid values; what depends on them is not judged. Only their form is checked: `supposed`, the listener of a member with invalid
    ports, and `rehearsed`, the settings for backends that are not in the files.
    """

    member: Ident
    origin: Origin
    settings: LoadBalancerSettings = field(default_factory=LoadBalancerSettings)
    overrides: Overrides = field(default_factory=Overrides)
    tags: Keyed = field(default_factory=dict)
    listens: tuple[Listen, ...] = ()
    idle: tuple[Route, ...] = ()
    names: tuple[Setting[str], ...] = ()
    openings: tuple[Opening, ...] = ()
    unread: frozenset[Unread] = frozenset()
    supposed: Listen | None = None
    rehearsed: tuple[TargetGroupSettings, ...] = ()

    routes: tuple[Route, ...] = field(init=False, repr=False, compare=False)
    """Every route once: first the routes of listeners in order, then default routes, then idle routes."""
    forwards: tuple[ForwardTo, ...] = field(init=False, repr=False, compare=False)
    """Every forward action: first of the routes, then of the listeners."""

    def __post_init__(self) -> None:
        # Listeners of a share mostly have the same routes. They are compared by identity, because a comparison by value is slower.
        found = {id(route): route for listen in self.listens for route in listen.routes}
        found |= {id(listen.default): listen.default for listen in self.listens if listen.default}
        routes = (*found.values(), *self.idle)
        routed = [route.answer for route in routes if isinstance(route.answer, ForwardTo)]
        object.__setattr__(self, "routes", routes)
        object.__setattr__(self, "forwards", (*routed, *(listen.forward for listen in self.listens if listen.forward)))

    @property
    def formed(self) -> tuple[Listen, ...]:
        """Every listener to check the form of."""
        return self.listens if self.supposed is None else (*self.listens, self.supposed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balancer:
    """A load balancer of the group: `id` is its resource id, `shares` are the members' shares in group order.

    `family` is application or network. If it is `in_front_of` another (its id), it copies unset values from it: name, address type,
    security groups and tags. `switch` is the name of the setting that enables it; empty: it is always on. In messages, the names of its
    settings start with `words`. `lasting`: without a setting, an existing one keeps its scheme, and keeps to have no security groups.
    """

    id: str
    family: Family
    shares: tuple[Share, ...]
    in_front_of: str = ""
    switch: str = ""
    words: str = ""
    lasting: bool = False

    backends: tuple[Backend, ...] = field(init=False, repr=False, compare=False)
    """Every backend once, in order of appearance."""

    def __post_init__(self) -> None:
        found: dict[str, Backend] = {}
        for target in (target for share in self.shares for forward in share.forwards for target in forward.targets):
            if target.backend:
                found.setdefault(target.backend.id, target.backend)
        object.__setattr__(self, "backends", tuple(found.values()))

    @property
    def chained(self) -> tuple[Chained, ...]:
        """The other load balancers that it forwards to."""
        targets = (target for share in self.shares for forward in share.forwards for target in forward.targets)
        return tuple(target.chained for target in targets if target.chained)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A group: members in group order, and its load balancers. A load balancer in front of another one comes after it.

    `broken`: there is an error in the settings of a load balancer itself, so nothing may be built. `first_come`: a host with a path belongs
    to the namespace that had it first.
    """

    id: StackId
    members: tuple[Member, ...] = ()
    balancers: tuple[Balancer, ...] = ()
    broken: bool = False
    first_come: bool = False

    @property
    def shares(self) -> tuple[Share, ...]:
        """All shares of all members, for all load balancers."""
        return tuple(share for balancer in self.balancers for share in balancer.shares)
