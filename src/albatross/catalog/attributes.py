"""Load balancer, listener and target group attributes: value, range, default, and the families that have them.

Source: elbv2 API reference, `LoadBalancerAttribute`, `ListenerAttribute` and `TargetGroupAttribute`
(https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, assert_never

Family = Literal["application", "network", "gateway"]
Kind = Literal["bool", "int", "choice", "text"]

BOTH: frozenset[Family] = frozenset({"application", "network"})
ALB: frozenset[Family] = frozenset({"application"})
NLB: frozenset[Family] = frozenset({"network"})
GWLB: frozenset[Family] = frozenset({"gateway"})
ALL: frozenset[Family] = frozenset({"application", "network", "gateway"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute. `low` and `high` are the range of an int; `words` are other valid values, or the choices; `default` is that of AWS."""

    name: str
    kind: Kind
    families: frozenset[Family]
    default: str = ""
    low: int | None = None
    high: int | None = None
    words: tuple[str, ...] = ()
    note: str = ""

    def takes(self, value: str) -> bool:
        """Whether AWS would accept the value by itself, whatever the other attributes say."""
        match self.kind:
            case "bool":
                return value in ("true", "false")
            case "choice":
                return value in self.words
            case "int":
                return value in self.words or (value.isascii() and value.isdigit() and self._inside(int(value)))
            case "text":
                return True
            case _:
                assert_never(self.kind)

    @property
    def expected(self) -> str:
        """The valid values, in words."""
        match self.kind:
            case "bool":
                return "true or false"
            case "choice":
                return "one of " + ", ".join(self.words)
            case "int":
                span = f"a whole number from {self.low} to {self.high}" if self.high is not None else f"a whole number from {self.low}"
                return " or ".join((*self.words, span))
            case "text":
                return "text"
            case _:
                assert_never(self.kind)

    def _inside(self, number: int) -> bool:
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)


def _bool(name: str, families: frozenset[Family], default: str = "false", note: str = "") -> Attribute:
    return Attribute(name=name, kind="bool", families=families, default=default, note=note)


def _text(name: str, families: frozenset[Family], default: str = "", note: str = "") -> Attribute:
    return Attribute(name=name, kind="text", families=families, default=default, note=note)


def _choice(name: str, families: frozenset[Family], default: str, *words: str) -> Attribute:
    return Attribute(name=name, kind="choice", families=families, default=default, words=words)


def _int(name: str, families: frozenset[Family], default: str, span: tuple[int, int | None], *words: str) -> Attribute:
    return Attribute(name=name, kind="int", families=families, default=default, low=span[0], high=span[1], words=words)


def _table(*rows: Attribute) -> Mapping[str, Attribute]:
    return {row.name: row for row in sorted(rows, key=lambda row: row.name)}


def _logs(stem: str, families: frozenset[Family]) -> tuple[Attribute, ...]:
    return (
        _bool(f"{stem}.s3.enabled", families),
        _text(f"{stem}.s3.bucket", families, note=f"required where {stem}.s3.enabled is true; in the load balancer's region"),
        _text(f"{stem}.s3.prefix", families),
    )


LOAD_BALANCER: Mapping[str, Attribute] = _table(
    *_logs("access_logs", BOTH),
    *_logs("connection_logs", ALB),
    *_logs("health_check_logs", ALB),
    _int("client_keep_alive.seconds", ALB, "3600", (60, 604800)),
    _bool("deletion_protection.enabled", ALL),
    _choice(
        "dns_record.client_routing_policy",
        NLB,
        "any_availability_zone",
        "any_availability_zone",
        "availability_zone_affinity",
        "partial_availability_zone_affinity",
    ),
    _int("idle_timeout.timeout_seconds", ALB, "60", (1, 4000)),
    _bool("ipv6.deny_all_igw_traffic", BOTH, note="true by default on internal load balancers"),
    _bool("load_balancing.cross_zone.enabled", ALL, note="always true on application load balancers; it can't be turned off there"),
    _choice("routing.http.desync_mitigation_mode", ALB, "defensive", "monitor", "defensive", "strictest"),
    _bool("routing.http.drop_invalid_header_fields.enabled", ALB),
    _bool("routing.http.preserve_host_header.enabled", ALB),
    _bool("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", ALB),
    _bool("routing.http.xff_client_port.enabled", ALB),
    _choice("routing.http.xff_header_processing.mode", ALB, "append", "append", "preserve", "remove"),
    _bool("routing.http2.enabled", ALB, "true"),
    _int("secondary_ips.auto_assigned.per_subnet", NLB, "0", (0, 7)),
    _bool("waf.fail_open.enabled", ALB),
    _bool("zonal_shift.config.enabled", BOTH),
)
"""Load balancer attributes by name."""

_REQUEST_HEADERS = (
    "x_amzn_mtls_clientcert",
    "x_amzn_mtls_clientcert_issuer",
    "x_amzn_mtls_clientcert_leaf",
    "x_amzn_mtls_clientcert_serial_number",
    "x_amzn_mtls_clientcert_subject",
    "x_amzn_mtls_clientcert_validity",
    "x_amzn_tls_cipher_suite",
    "x_amzn_tls_version",
)
_RESPONSE_HEADERS = (
    "access_control_allow_headers",
    "access_control_allow_methods",
    "access_control_allow_origin",
    "access_control_expose_headers",
    "content_security_policy",
    "strict_transport_security",
)

LISTENER: Mapping[str, Attribute] = _table(
    _int("tcp.idle_timeout.seconds", frozenset({"network", "gateway"}), "350", (60, 6000)),
    _bool("send_tcp_reset.on_idle_timeout.enabled", GWLB),
    _bool("routing.http.response.server.enabled", ALB, "true"),
    _choice("routing.http.response.access_control_allow_credentials.header_value", ALB, "", "true"),
    _int("routing.http.response.access_control_max_age.header_value", ALB, "", (-1, 86400), "-1"),
    _choice("routing.http.response.x_content_type_options.header_value", ALB, "", "nosniff"),
    _choice("routing.http.response.x_frame_options.header_value", ALB, "", "DENY", "SAMEORIGIN"),
    *(
        _text(f"routing.http.request.{name}.header_name", ALB, "-".join(word.capitalize() for word in name.split("_")))
        for name in _REQUEST_HEADERS
    ),
    *(_text(f"routing.http.response.{name}.header_value", ALB) for name in _RESPONSE_HEADERS),
)
"""Listener attributes by name; those for request headers about TLS are for HTTPS listeners."""

SECURE_ONLY: frozenset[str] = frozenset(f"routing.http.request.{name}.header_name" for name in _REQUEST_HEADERS)
"""Listener attributes that AWS accepts for HTTPS listeners and refuses for HTTP listeners."""

TARGET_GROUP: Mapping[str, Attribute] = _table(
    _int("deregistration_delay.timeout_seconds", ALL, "300", (0, 3600)),
    _bool("deregistration_delay.connection_termination.enabled", NLB, note="true by default for UDP and TCP_UDP"),
    _bool("stickiness.enabled", ALL),
    _choice("stickiness.type", ALL, "lb_cookie", "lb_cookie", "app_cookie", "source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto"),
    _choice(
        "load_balancing.cross_zone.enabled",
        BOTH,
        "use_load_balancer_configuration",
        "true",
        "false",
        "use_load_balancer_configuration",
    ),
    _int("target_group_health.dns_failover.minimum_healthy_targets.count", BOTH, "1", (1, None), "off"),
    _int("target_group_health.dns_failover.minimum_healthy_targets.percentage", BOTH, "off", (1, 100), "off"),
    _int("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", BOTH, "1", (1, None)),
    _int("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", BOTH, "off", (1, 100), "off"),
    _choice("load_balancing.algorithm.type", ALB, "round_robin", "round_robin", "least_outstanding_requests", "weighted_random"),
    _choice("load_balancing.algorithm.anomaly_mitigation", ALB, "off", "on", "off"),
    _int("slow_start.duration_seconds", ALB, "0", (30, 900), "0"),
    _text("stickiness.app_cookie.cookie_name", ALB, note="must not start with AWSALB, AWSALBAPP or AWSALBTG"),
    _int("stickiness.app_cookie.duration_seconds", ALB, "86400", (1, 604800)),
    _int("stickiness.lb_cookie.duration_seconds", ALB, "86400", (1, 604800)),
    _bool("preserve_client_ip.enabled", NLB, "true", note="false by default for ip targets with TCP or TLS; can't be false for UDP"),
    _bool("proxy_protocol_v2.enabled", NLB),
    _bool("target_health_state.unhealthy.connection_termination.enabled", NLB, "true"),
    _int("target_health_state.unhealthy.draining_interval_seconds", NLB, "0", (0, 360000)),
    _choice("target_failover.on_deregistration", GWLB, "no_rebalance", "rebalance", "no_rebalance"),
    _choice("target_failover.on_unhealthy", GWLB, "no_rebalance", "rebalance", "no_rebalance"),
)
"""Target group attributes by name."""

STICKINESS: Mapping[Family, frozenset[str]] = {
    "application": frozenset({"lb_cookie", "app_cookie"}),
    "network": frozenset({"source_ip"}),
    "gateway": frozenset({"source_ip_dest_ip", "source_ip_dest_ip_proto"}),
}
"""`stickiness.type` values by the load balancer's family."""
