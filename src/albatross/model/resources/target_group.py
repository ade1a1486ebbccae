"""AWS::ElasticLoadBalancingV2::TargetGroup."""

from dataclasses import dataclass, field

from albatross.model.ident import Ident
from albatross.model.resources.ref import Given, Pairs

NAMED_PORT = 1
"""The port of a target group if its targets can have different ports; no traffic uses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """The health checks of AWS. `port` is a number or `traffic-port`; the codes are HTTP or gRPC codes, by the protocol version."""

    port: int | str
    protocol: str
    path: str | None = None
    http_code: str | None = None
    grpc_code: str | None = None
    interval_seconds: int
    timeout_seconds: int
    healthy_threshold_count: int
    unhealthy_threshold_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroup:
    """A target group; `target_type` is instance, ip or alb. `member` is the object that it comes from."""

    id: str
    name: str = field(metadata={"diff": "ignore"})
    target_type: str = field(metadata={"diff": "replace"})
    port: int | Given = field(metadata={"diff": "ignore"})
    protocol: str = field(metadata={"diff": "replace"})
    protocol_version: str | None = field(default=None, metadata={"diff": "replace"})
    ip_address_type: str = field(metadata={"diff": "ignore"})
    health_check: HealthCheck
    attributes: Pairs = ()
    tags: Pairs = ()
    control_port: int | None = field(default=None, metadata={"diff": "replace"})
    member: Ident | None = field(default=None, compare=False, repr=False, metadata={"diff": "ignore"})
