"""What the data plane knows of the account: load balancers down to targets, as read from the Describe answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network


@dataclass(frozen=True, slots=True)
class Pair:
    """One query-string value: a key glob (or None for any key) and a value glob."""

    key: str | None
    value: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One rule condition; `values` are globs (or methods, or CIDRs), `regexes` replace them where AWS allows."""

    field: str
    values: tuple[str, ...] = ()
    regexes: tuple[str, ...] = ()
    header: str = ""
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A `host-header-rewrite` or `url-rewrite` transform with its one regex and replacement (`$1` names a group)."""

    kind: str
    regex: str
    replace: str


@dataclass(frozen=True, slots=True)
class Weighted:
    """A target group of a forward action and its weight, 0–999."""

    target_group: str
    weight: int


@dataclass(frozen=True, slots=True)
class Forward:
    """Forward to target groups; `sticky_seconds` is None without group-level stickiness."""

    groups: tuple[Weighted, ...]
    sticky_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """Redirect with `#{…}` placeholders still in every part; `status` is 301 or 302."""

    protocol: str
    host: str
    port: str
    path: str
    query: str
    status: int


@dataclass(frozen=True, slots=True)
class FixedResponse:
    """Answer from the load balancer itself."""

    status: int
    content_type: str
    body: str


@dataclass(frozen=True, slots=True)
class Authenticate:
    """An OIDC or Cognito step before the final action; `on_unauthenticated` is authenticate, allow or deny."""

    kind: str
    endpoint: str
    client_id: str
    scope: str
    on_unauthenticated: str
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """One additional claim of a JWT validation; the token must carry one of `values`."""

    format: str
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Jwt:
    """A JWT validation before the final action."""

    jwks: str
    issuer: str
    claims: tuple[Claim, ...] = ()


Step = Authenticate | Jwt
Final = Forward | Redirect | FixedResponse


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; the default rule has priority None. `final` is None when its action is one nobody here knows (`unknown` names it)."""

    arn: str
    priority: int | None
    conditions: tuple[Condition, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()
    steps: tuple[Step, ...] = ()
    final: Final | None = None
    unknown: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What warnings call this rule."""
        return "the default rule" if self.priority is None else f"rule {self.priority}"


@dataclass(frozen=True, slots=True)
class Listener:
    """One listener with its rules in order of evaluation, the default rule last; `certificates[0]` is the default one.

    `mutual` is off, passthrough or verify; the latter checks client certificates against `trust_store`. `clients` are those who may
    connect, by transport protocol (tcp, udp); everybody may where it says nothing.
    """

    arn: str
    port: int
    protocol: str
    certificates: tuple[str, ...] = ()
    ssl_policy: str = ""
    alpn: str = ""
    mutual: str = "off"
    trust_store: str = ""
    expired_allowed: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    clients: Mapping[str, tuple[IPv4Network, ...]] = field(default_factory=dict)

    @property
    def secure(self) -> bool:
        """Whether the load balancer ends TLS here."""
        return self.protocol in ("HTTPS", "TLS")

    @property
    def http(self) -> bool:
        """Whether the load balancer speaks HTTP here."""
        return self.protocol in ("HTTP", "HTTPS")


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone that a network load balancer is in; `address` is the private IPv4 address that was asked for, None: any."""

    name: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """One load balancer; `type` is application, network or gateway; only a network one has zones, sorted by name."""

    arn: str
    name: str
    dns_name: str
    scheme: str
    type: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    listeners: tuple[Listener, ...] = ()
    zones: tuple[Zone, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """One registered target: its id as registered, the address it has (None: not known), its port and health state.

    `zone` is empty for one that every zone reaches: an address outside the VPC, a load balancer. `clients` are those whose packets its
    security groups let through, by transport protocol; all are where it says nothing.
    """

    id: str
    address: str | None
    port: int
    state: str
    zone: str = ""
    clients: Mapping[str, tuple[IPv4Network, ...]] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether its security groups let anything through."""
        return not self.clients or any(self.clients.values())


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """One target group; `version` is HTTP1, HTTP2, GRPC or empty for layer 4."""

    arn: str
    name: str
    protocol: str
    version: str
    type: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    load_balancers: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()

    @property
    def preserves(self) -> bool:
        """Whether targets see the client's address: as the target group says, for datagrams always."""
        return self.protocol in ("UDP", "TCP_UDP", "QUIC", "TCP_QUIC") or self.attributes.get("preserve_client_ip.enabled") == "true"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A certificate with its private key, PEM; never printed."""

    certificate: str = field(repr=False)
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class State:
    """All of it: load balancers in order of their ARNs; target groups, certificates and trust stores' PEM bundles by ARN."""

    load_balancers: tuple[LoadBalancer, ...] = ()
    target_groups: Mapping[str, TargetGroup] = field(default_factory=dict)
    certificates: Mapping[str, KeyPair] = field(default_factory=dict)
    bundles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a load balancer is reached: its address, and the port really bound for each listener port.

    `zones` are the addresses of a network load balancer by zone; `address` is the first of them.
    """

    address: str
    ports: Mapping[int, int] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
