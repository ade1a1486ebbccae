"""What the user asked for, whatever kind of object said it: load balancers, what each member of the group says about each of them.

Only settings that were written are here. Every value has been parsed and typed; precedence within one member (class over annotation,
backend over member) has been applied; every value knows its place. Defaults and the merging of members belong to the planner.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from albatross.model.ident import Ident
from albatross.model.problem import Origin
from albatross.model.resources.action import AuthenticateCognito, AuthenticateOidc, FixedResponse, JwtValidation, Redirect, Stickiness
from albatross.model.resources.listener import MutualAuthentication
from albatross.model.resources.rule import Condition, Transform
from albatross.model.resources.stack import StackId

T = TypeVar("T")

Family = Literal["application", "network"]
"""The type of a load balancer, as AWS names it."""


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value that was written, and where."""

    value: T
    origin: Origin


def given(setting: Setting[T] | None, default: T) -> T:
    """What was written, else the default."""
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
    """What one member says about a load balancer; None or empty means that it says nothing.

    `enabled`: whether the load balancer is wanted, for one that nobody gets unasked. `addresses` are Elastic IP allocations, one a subnet.
    `attributes` is None where nothing is written, and empty where an empty list is. `tags` are its own, in place of everybody's.
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
    attributes: Keyed | None = None
    tags: Setting[tuple[tuple[str, str], ...]] | None = None
    minimum_capacity: Setting[int] | None = None
    ssl_redirect: Setting[int] | None = None
    web_acl_arn: Setting[str] | None = None
    web_acl_name: Setting[str] | None = None
    web_acl_classic: Setting[str] | None = None
    shield: Setting[bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What rules over every member of the group when this member is its first (or, for listeners, the first on the port)."""

    attributes: Keyed = field(default_factory=dict)
    minimum_capacity: Setting[int] | None = None
    ipv4_ipam_pool: Setting[str] | None = None
    listener_attributes: Mapping[tuple[str, int], Keyed] = field(default_factory=dict)
    """By (protocol, port)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRequest:
    """A certificate to be requested for `hosts` (sorted; the first names it); `authority` is a private CA's ARN or empty."""

    id: str
    hosts: tuple[str, ...]
    authority: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroupSettings:
    """What was written about one target group. `health_check_port` is a number, `traffic-port` or the name of one of the targets' ports."""

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
    """A port that targets serve: on an `instance` a number (0: none), on an `ip` a number or a name that each target resolves."""

    name: str
    instance: int
    ip: int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A port of some object's endpoints, which becomes a target group.

    `id` is the resource id; two backends of one member and source with one id are one target group. `source` is the object whose endpoints
    are the targets, `source_type` how it exposes them (in its own words, for messages). `port` is the port as it was written, `serves` what
    it stands for, `ports` all that the object offers. `identity` is hashed into the generated name before the target group's own facts.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Chained:
    """A listener of another load balancer of the group as a target: `id` is the target group's, `balancer` and `port` name the listener.

    `written`: somebody chose the port; else it is one of the member's own, and silently left out where the group did not take it.
    """

    id: str
    balancer: str
    port: int
    settings: TargetGroupSettings
    origin: Origin
    written: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarding:
    """A target of a forward: a backend, another load balancer, a target group's ARN or its name, of which exactly one is set."""

    backend: Backend | None = None
    chained: Chained | None = None
    arn: str = ""
    name: str = ""
    weight: int | None = None
    origin: Origin


@dataclass(frozen=True, slots=True)
class ForwardTo:
    """A forward whose target groups are not made yet."""

    targets: tuple[Forwarding, ...]
    stickiness: Stickiness | None = None


Answer = ForwardTo | FixedResponse | Redirect
"""What a route does with a request in the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Requests that match all conditions get the answer; `guard` comes first, on secure listeners only."""

    origin: Origin
    answer: Answer
    conditions: tuple[Condition, ...] = ()
    transforms: tuple[Transform, ...] = ()
    guard: AuthenticateCognito | AuthenticateOidc | JwtValidation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """A port one member listens on; `id` is the listener's resource id. Certificates are given, requested, or else discovered for `hosts`.

    A listener of an application load balancer has `routes` in the order in which they are tried, and a `default`; one of a network load
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
    mutual_authentication: Setting[MutualAuthentication] | None = None
    attributes: Keyed = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One object of the group.

    `faulty`: an error was found while it was read; what is here is what could be read all the same. `live`: it is being served already.
    """

    ident: Ident
    origin: Origin
    faulty: bool = False
    live: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one member says about one load balancer. `idle` are routes that no listener has, because the member's ports cannot be read."""

    member: Ident
    origin: Origin
    settings: LoadBalancerSettings = field(default_factory=LoadBalancerSettings)
    overrides: Overrides = field(default_factory=Overrides)
    tags: Keyed = field(default_factory=dict)
    listens: tuple[Listen, ...] = ()
    idle: tuple[Route, ...] = ()

    routes: tuple[Route, ...] = field(init=False, repr=False, compare=False)
    """Every route once: those of its listeners in their order, then the default ones, then the idle ones."""
    forwards: tuple[ForwardTo, ...] = field(init=False, repr=False, compare=False)
    """Every forward: of its routes, then of its listeners."""

    def __post_init__(self) -> None:
        # Listeners of one share mostly have the same routes; they are told apart by identity, since comparing them costs more.
        found = {id(route): route for listen in self.listens for route in listen.routes}
        found |= {id(listen.default): listen.default for listen in self.listens if listen.default}
        routes = (*found.values(), *self.idle)
        routed = [route.answer for route in routes if isinstance(route.answer, ForwardTo)]
        object.__setattr__(self, "routes", routes)
        object.__setattr__(self, "forwards", (*routed, *(listen.forward for listen in self.listens if listen.forward)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Balancer:
    """A load balancer that the group wants: `id` is its resource id, `shares` are its members' in group order.

    `family` is application or network. One `in_front_of` another (its id) takes from it what nobody says here: name, address type, security
    groups and tags. `switch` is the name of the setting that enables it; empty: it is always wanted. `words` begins the names of its
    settings in messages.
    """

    id: str
    family: Family
    shares: tuple[Share, ...]
    in_front_of: str = ""
    switch: str = ""
    words: str = ""

    backends: tuple[Backend, ...] = field(init=False, repr=False, compare=False)
    """Every backend once, in order of appearance."""

    def __post_init__(self) -> None:
        found: dict[str, Backend] = {}
        for target in (target for share in self.shares for forward in share.forwards for target in forward.targets):
            if target.backend:
                found.setdefault(target.backend.id, target.backend)
        object.__setattr__(self, "backends", tuple(found.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A group: members in group order, and its load balancers, one that stands in front of another after that.

    `broken`: something is wrong that concerns a load balancer itself, so nothing may be built.
    """

    id: StackId
    members: tuple[Member, ...] = ()
    balancers: tuple[Balancer, ...] = ()
    broken: bool = False

    @property
    def shares(self) -> tuple[Share, ...]:
        """What every member says about every load balancer."""
        return tuple(share for balancer in self.balancers for share in balancer.shares)
