"""ELBv2's nouns as the account holds them, and the lookups every operation shares."""

import asyncio
import base64
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from albatross_sandbox.aws.clock import Clock
from albatross_sandbox.aws.fault import Fault, invalid

Request = dict[str, Any]
Result = dict[str, Any]
T = TypeVar("T")


@dataclass(slots=True)
class Placement:
    """A load balancer's foot in one subnet."""

    subnet_id: str
    zone: str
    allocation_id: str | None = None
    private_ip: str | None = None
    ipv6: str | None = None
    prefix: str | None = None
    public_ip: str | None = None


@dataclass(slots=True)
class Capacity:
    """A load balancer's reservation; units None is none."""

    units: int | None = None
    changed: float | None = None
    decreases: int = 2


@dataclass(slots=True)
class LoadBalancer:
    """A load balancer of any of the three types."""

    arn: str
    name: str
    kind: str
    scheme: str
    vpc_id: str
    dns_name: str
    zone_id: str
    created: float
    active_at: float
    ip_address_type: str
    placements: list[Placement]
    security_groups: list[str]
    attributes: dict[str, str]
    tags: dict[str, str]
    ipam_pool: str | None = None
    coip: str | None = None
    prefix_nat: str = "off"
    privatelink: str = "on"
    capacity: Capacity = field(default_factory=Capacity)
    listeners: dict[str, "Listener"] = field(default_factory=dict)

    @property
    def suffix(self) -> str:
        """The end of the ARN: `app/<name>/<id>`."""
        return self.arn.partition("loadbalancer/")[2]


@dataclass(slots=True)
class Listener:
    """A listener; its default actions are those of its default rule."""

    arn: str
    load_balancer: LoadBalancer
    port: int | None
    protocol: str | None
    certificate: str | None
    extra_certificates: list[str]
    ssl_policy: str | None
    alpn: list[str]
    mutual: dict[str, Any] | None
    attributes: dict[str, str]
    tags: dict[str, str]
    rules: dict[str, "Rule"] = field(default_factory=dict)

    @property
    def default(self) -> "Rule":
        """The default rule, last of all."""
        return next(rule for rule in self.rules.values() if rule.priority is None)


@dataclass(slots=True)
class Rule:
    """A rule; priority None is the listener's default rule."""

    arn: str
    listener: Listener
    priority: int | None
    conditions: list[dict[str, Any]]
    actions: list[dict[str, Any]]
    transforms: list[dict[str, Any]]
    tags: dict[str, str]


@dataclass(slots=True)
class Target:
    """A registered target and what its health checks have seen."""

    id: str
    port: int | None
    zone: str | None
    registered: float
    state: str = "initial"
    reason: str | None = "Elb.RegistrationInProgress"
    description: str | None = "Target registration is in progress"
    passed: int = 0
    failed: int = 0
    draining_until: float | None = None
    quic: str | None = None
    task: "asyncio.Task[None] | None" = None


@dataclass(slots=True)
class TargetGroup:
    """A target group; `check` holds the HealthCheck… members as AWS names them."""

    arn: str
    name: str
    kind: str
    protocol: str | None
    version: str | None
    port: int | None
    vpc_id: str | None
    ip_address_type: str
    control_port: int | None
    check: dict[str, Any]
    attributes: dict[str, str]
    tags: dict[str, str]
    given: Request
    rules: dict[str, Rule] = field(default_factory=dict)
    targets: dict[tuple[str, int | None], Target] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def load_balancers(self) -> list[str]:
        """ARNs of the load balancers that forward to it, without repeats."""
        return list(dict.fromkeys(rule.listener.load_balancer.arn for rule in self.rules.values()))

    def poke(self) -> None:
        """Wake what watches its targets: its use, its health check or its targets have changed."""
        self.changed.set()
        self.changed = asyncio.Event()


@dataclass(slots=True)
class TrustStore:
    """A trust store with its CA bundle and revocation lists."""

    arn: str
    name: str
    bundle: str
    tags: dict[str, str]
    revocations: dict[int, dict[str, Any]] = field(default_factory=dict)
    next_revocation: int = 1


@dataclass(slots=True)
class Timing:
    """Seconds that AWS takes for things, and whether it checks targets (else all are healthy); the control API changes them."""

    provisioning: float = 1.0
    eni_release: float = 0.5
    health_checks: bool = True


class Store:
    """Every ELBv2 resource of one account in one region."""

    def __init__(self, account: str, region: str, clock: Clock) -> None:
        self.account = account
        self.region = region
        self.clock = clock
        self.timing = Timing()
        self.limits: dict[str, int] = {}
        self.load_balancers: dict[str, LoadBalancer] = {}
        self.listeners: dict[str, Listener] = {}
        self.rules: dict[str, Rule] = {}
        self.target_groups: dict[str, TargetGroup] = {}
        self.trust_stores: dict[str, TrustStore] = {}
        self.endpoint = ""
        self.addresses: dict[str, str] = {}  # load balancer ARN -> address of its data plane, as the data plane reports it
        self.released: list[tuple[float, list[str]]] = []  # (until, security groups) of interfaces that AWS has not let go of yet

    @property
    def partition(self) -> str:
        """The ARN partition of the region."""
        return partition(self.region)

    def arn(self, kind: str, rest: str) -> str:
        """An ELBv2 ARN, `…:<kind>/<rest>`."""
        return f"arn:{self.partition}:elasticloadbalancing:{self.region}:{self.account}:{kind}/{rest}"

    def load_balancer(self, arn: str) -> LoadBalancer:
        """The load balancer, or Fault(LoadBalancerNotFound)."""
        return _found(self.load_balancers, arn, "LoadBalancerNotFound", "Load balancer '{}' not found")

    def listener(self, arn: str) -> Listener:
        """The listener, or Fault(ListenerNotFound)."""
        return _found(self.listeners, arn, "ListenerNotFound", "Listener '{}' not found")

    def rule(self, arn: str) -> Rule:
        """The rule, or Fault(RuleNotFound)."""
        return _found(self.rules, arn, "RuleNotFound", "Rule '{}' not found")

    def target_group(self, arn: str) -> TargetGroup:
        """The target group, or Fault(TargetGroupNotFound)."""
        return _found(self.target_groups, arn, "TargetGroupNotFound", "Target groups '{}' not found")

    def trust_store(self, arn: str) -> TrustStore:
        """The trust store, or Fault(TrustStoreNotFound)."""
        return _found(self.trust_stores, arn, "TrustStoreNotFound", "Trust store '{}' not found")

    def holders(self, group_id: str) -> list[LoadBalancer]:
        """Load balancers that carry the security group."""
        return [lb for lb in self.load_balancers.values() if group_id in lb.security_groups]

    def lingers(self, group_id: str) -> bool:
        """Whether an interface of a deleted load balancer still holds the security group."""
        now = self.clock.now()
        self.released = [row for row in self.released if row[0] > now]
        return any(group_id in groups for _, groups in self.released)


def partition(region: str) -> str:
    """The ARN partition of a region."""
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _found(table: dict[str, T], arn: str, code: str, message: str) -> T:
    found = table.get(arn)
    if found is None:
        raise Fault(code, message.format(arn))
    return found


def token() -> str:
    """Sixteen random hex digits, as ARNs end in."""
    return secrets.token_hex(8)


def page(request: Request, items: Iterable[T], key: Callable[[T], str], size: int = 400) -> tuple[list[T], str | None]:
    """One page of items by Marker and PageSize, and the next marker; raises Fault(ValidationError) on a marker of nobody."""
    rows = list(items)
    start = 0
    if marker := request.get("Marker"):
        last = _unmark(marker)
        at = [index for index, item in enumerate(rows) if key(item) == last]
        if not at:
            raise invalid("Invalid marker")
        start = at[0] + 1
    chunk = rows[start : start + min(int(request.get("PageSize", size)), 400)]
    more = start + len(chunk) < len(rows)
    return chunk, _mark(key(chunk[-1])) if more and chunk else None


def _mark(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _unmark(marker: str) -> str:
    try:
        return base64.urlsafe_b64decode(marker.encode()).decode()
    except ValueError:
        raise invalid("Invalid marker") from None
