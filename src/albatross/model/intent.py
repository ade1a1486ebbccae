"""What the user asked for, whatever kind of object said it: a group, its members in order, and only the settings that were written.

Every value has been parsed and typed; precedence within one member (class over annotation, Service over Ingress) has been applied; every
value knows its place. Defaults and the merging of members belong to the planner.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from albatross.model.ident import Ident
from albatross.model.problem import Origin
from albatross.model.resources.action import AuthenticateCognito, AuthenticateOidc, FixedResponse, JwtValidation, Redirect, Stickiness
from albatross.model.resources.listener import MutualAuthentication
from albatross.model.resources.rule import Condition, Transform
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import ServicePort

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value that was written, and where."""

    value: T
    origin: Origin


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
    """What one member says about the load balancer; None or empty means that it says nothing."""

    name: Setting[str] | None = None
    scheme: Setting[str] | None = None
    ip_address_type: Setting[str] | None = None
    subnets: Names | None = None
    subnet_selector: Setting[SubnetSelector] | None = None
    security_groups: Names | None = None
    manage_backend_rules: Setting[bool] | None = None
    customer_owned_ipv4_pool: Setting[str] | None = None
    ipv4_ipam_pool: Setting[str] | None = None
    attributes: Keyed = field(default_factory=dict)
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
class Listen:
    """A port one member listens on. Certificates are given, requested, or else discovered for `hosts`."""

    port: int
    protocol: str
    origin: Origin
    inbound_cidrs: Names | None = None
    prefix_lists: Names | None = None
    certificates: Names | None = None
    certificate_request: CertificateRequest | None = None
    hosts: tuple[Setting[str], ...] = ()
    ssl_policy: Setting[str] | None = None
    mutual_authentication: Setting[MutualAuthentication] | None = None
    attributes: Keyed = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroupSettings:
    """What was written about one target group. `health_check_port` is a number, `traffic-port` or the name of a port of the Service."""

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
class Backend:
    """A port of a Service that becomes a target group.

    `id` is the resource id; two backends with one id are one target group. `identity` is hashed into the generated name before the
    target group's own facts. `port` is the port as it was written.
    """

    id: str
    member: Ident
    namespace: str
    service: str
    uid: str
    port: int | str
    service_port: ServicePort
    ports: tuple[ServicePort, ...]
    service_type: str
    ip_families: tuple[str, ...]
    identity: tuple[str, ...]
    settings: TargetGroupSettings
    origin: Origin
    service_origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A target of a forward: a backend, a target group's ARN or its name, of which exactly one is set."""

    backend: Backend | None = None
    arn: str = ""
    name: str = ""
    weight: int | None = None
    origin: Origin


@dataclass(frozen=True, slots=True)
class ForwardTo:
    """A forward whose target groups are not made yet."""

    targets: tuple[Target, ...]
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
class HealthCheckSettings:
    """What was written about the health check of an application load balancer behind a network load balancer."""

    port: Setting[int | str] | None = None
    protocol: Setting[str] | None = None
    path: Setting[str] | None = None
    success_codes: Setting[str] | None = None
    interval: Setting[int] | None = None
    timeout: Setting[int] | None = None
    healthy_threshold: Setting[int] | None = None
    unhealthy_threshold: Setting[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontendSettings:
    """What one member says about the network load balancer in front. `ports` are (its port, the port behind it); empty means one to one."""

    scheme: Setting[str] | None = None
    subnets: Names | None = None
    security_groups: Names | None = None
    eip_allocations: Names | None = None
    ports: Setting[tuple[tuple[int, int], ...]] | None = None
    health_check: HealthCheckSettings = field(default_factory=HealthCheckSettings)
    attributes: Setting[tuple[tuple[str, str], ...]] | None = None
    tags: Setting[tuple[tuple[str, str], ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One object of the group.

    `faulty`: an error was found while it was read; what is here is what could be read all the same. `live`: it is being served already.
    """

    ident: Ident
    origin: Origin
    settings: LoadBalancerSettings = field(default_factory=LoadBalancerSettings)
    overrides: Overrides = field(default_factory=Overrides)
    tags: Keyed = field(default_factory=dict)
    listens: tuple[Listen, ...] = ()
    routes: tuple[Route, ...] = ()
    default: Route | None = None
    frontend_enabled: Setting[bool] | None = None
    frontend: FrontendSettings = field(default_factory=FrontendSettings)
    faulty: bool = False
    live: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A group: members in group order. `broken`: something is wrong that concerns the load balancer itself, so nothing may be built."""

    id: StackId
    members: tuple[Member, ...] = ()
    broken: bool = False
