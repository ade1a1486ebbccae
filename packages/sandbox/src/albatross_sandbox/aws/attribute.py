"""Every attribute of load balancers, listeners and target groups: its default and what it may hold."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from albatross_sandbox.aws.fault import Fault, invalid
from albatross_sandbox.aws.store import Listener, LoadBalancer, Request, Result, Store, TargetGroup

Valid = Callable[[str], bool]
Table = Mapping[str, tuple[str, Valid]]


def _one_of(*values: str) -> Valid:
    return lambda text: text in values


def _between(low: int, high: int, *others: str) -> Valid:
    return lambda text: text in others or (text.isdigit() and low <= int(text) <= high)


_flag = _one_of("true", "false")


def _any(_: str) -> bool:
    return True


def _header(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_-]{1,256}", text) is not None


def _cookie(text: str) -> bool:
    return not text.upper().startswith("AWSALB") and len(text) <= 256


def _logs(kind: str) -> dict[str, tuple[str, Valid]]:
    return {f"{kind}.s3.enabled": ("false", _flag), f"{kind}.s3.bucket": ("", _any), f"{kind}.s3.prefix": ("", _any)}


_PROTECTION: Table = {"deletion_protection.enabled": ("false", _flag)}
_SHARED: Table = {
    **_PROTECTION,
    **_logs("access_logs"),
    "ipv6.deny_all_igw_traffic": ("false", _flag),
    "zonal_shift.config.enabled": ("false", _flag),
}
# API reference, LoadBalancerAttribute.
LOAD_BALANCER: dict[str, Table] = {
    "application": {
        **_SHARED,
        **_logs("connection_logs"),
        **_logs("health_check_logs"),
        "client_keep_alive.seconds": ("3600", _between(60, 604800)),
        "idle_timeout.timeout_seconds": ("60", _between(1, 4000)),
        "load_balancing.cross_zone.enabled": ("true", _one_of("true")),
        "routing.http.desync_mitigation_mode": ("defensive", _one_of("monitor", "defensive", "strictest")),
        "routing.http.drop_invalid_header_fields.enabled": ("false", _flag),
        "routing.http.preserve_host_header.enabled": ("false", _flag),
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": ("false", _flag),
        "routing.http.xff_client_port.enabled": ("false", _flag),
        "routing.http.xff_header_processing.mode": ("append", _one_of("append", "preserve", "remove")),
        "routing.http2.enabled": ("true", _flag),
        "waf.fail_open.enabled": ("false", _flag),
    },
    "network": {
        **_SHARED,
        "load_balancing.cross_zone.enabled": ("false", _flag),
        "dns_record.client_routing_policy": (
            "any_availability_zone",
            _one_of("any_availability_zone", "partial_availability_zone_affinity", "availability_zone_affinity"),
        ),
        "secondary_ips.auto_assigned.per_subnet": ("0", _between(0, 7)),
    },
    "gateway": {**_PROTECTION, "load_balancing.cross_zone.enabled": ("false", _flag)},
}

_RESPONSE_HEADERS = (
    "strict_transport_security",
    "access_control_allow_origin",
    "access_control_allow_methods",
    "access_control_allow_headers",
    "access_control_allow_credentials",
    "access_control_expose_headers",
    "access_control_max_age",
    "content_security_policy",
    "x_content_type_options",
    "x_frame_options",
)
_REQUEST_HEADERS = (
    "X-Amzn-Mtls-Clientcert-Serial-Number",
    "X-Amzn-Mtls-Clientcert-Issuer",
    "X-Amzn-Mtls-Clientcert-Subject",
    "X-Amzn-Mtls-Clientcert-Validity",
    "X-Amzn-Mtls-Clientcert-Leaf",
    "X-Amzn-Mtls-Clientcert",
    "X-Amzn-Tls-Version",
    "X-Amzn-Tls-Cipher-Suite",
)
_HTTP: Table = {
    "routing.http.response.server.enabled": ("true", _flag),
    **{f"routing.http.response.{name}.header_value": ("", _any) for name in _RESPONSE_HEADERS},
}
_HTTPS: Table = {
    **_HTTP,
    **{f"routing.http.request.{name.lower().replace('-', '_')}.header_name": (name, _header) for name in _REQUEST_HEADERS},
}
_TCP: Table = {"tcp.idle_timeout.seconds": ("350", _between(60, 6000))}
# API reference, ListenerAttribute.
LISTENER: dict[str, Table] = {
    "HTTP": _HTTP,
    "HTTPS": _HTTPS,
    "TCP": _TCP,
    "TCP_UDP": _TCP,
    "GENEVE": {**_TCP, "send_tcp_reset.on_idle_timeout.enabled": ("false", _flag)},
}

_HEALTHY: Table = {
    "target_group_health.dns_failover.minimum_healthy_targets.count": ("1", _between(1, 1000, "off")),
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": ("off", _between(1, 100, "off")),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": ("1", _between(1, 1000)),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": ("off", _between(1, 100, "off")),
}
_CROSS_ZONE: Table = {
    "load_balancing.cross_zone.enabled": ("use_load_balancer_configuration", _one_of("true", "false", "use_load_balancer_configuration"))
}
_DELAY: Table = {"deregistration_delay.timeout_seconds": ("300", _between(0, 3600))}
_WEEK = _between(1, 604800)
_APPLICATION: Table = {
    **_DELAY,
    **_HEALTHY,
    **_CROSS_ZONE,
    "stickiness.enabled": ("false", _flag),
    "stickiness.type": ("lb_cookie", _one_of("lb_cookie", "app_cookie")),
    "stickiness.lb_cookie.duration_seconds": ("86400", _WEEK),
    "stickiness.app_cookie.cookie_name": ("", _cookie),
    "stickiness.app_cookie.duration_seconds": ("86400", _WEEK),
    "slow_start.duration_seconds": ("0", _between(30, 900, "0")),
    "load_balancing.algorithm.type": ("round_robin", _one_of("round_robin", "least_outstanding_requests", "weighted_random")),
    "load_balancing.algorithm.anomaly_mitigation": ("off", _one_of("on", "off")),
}
_LAMBDA: Table = {
    **_HEALTHY,
    **_CROSS_ZONE,
    "lambda.multi_value_headers.enabled": ("false", _flag),
    "stickiness.enabled": ("false", _flag),
    "stickiness.type": ("lb_cookie", _one_of("lb_cookie", "app_cookie")),
    "stickiness.lb_cookie.duration_seconds": ("86400", _WEEK),
    "stickiness.app_cookie.cookie_name": ("", _cookie),
    "stickiness.app_cookie.duration_seconds": ("86400", _WEEK),
}
_NETWORK: Table = {
    **_DELAY,
    **_HEALTHY,
    **_CROSS_ZONE,
    "deregistration_delay.connection_termination.enabled": ("false", _flag),
    "preserve_client_ip.enabled": ("true", _flag),
    "proxy_protocol_v2.enabled": ("false", _flag),
    "stickiness.enabled": ("false", _flag),
    "stickiness.type": ("source_ip", _one_of("source_ip")),
    "target_health_state.unhealthy.connection_termination.enabled": ("true", _flag),
    "target_health_state.unhealthy.draining_interval_seconds": ("0", _between(0, 360000)),
}
_GENEVE: Table = {
    **_DELAY,
    **_CROSS_ZONE,
    "stickiness.enabled": ("false", _flag),
    "stickiness.type": ("source_ip_dest_ip", _one_of("source_ip_dest_ip", "source_ip_dest_ip_proto")),
    "target_failover.on_deregistration": ("no_rebalance", _one_of("rebalance", "no_rebalance")),
    "target_failover.on_unhealthy": ("no_rebalance", _one_of("rebalance", "no_rebalance")),
    "send_tcp_reset.on_unhealthy.enabled": ("false", _flag),
    "send_tcp_reset.on_deregistration.enabled": ("false", _flag),
}


def target_group_table(kind: str, protocol: str | None) -> Table:
    """The attributes of a target group of that target type and protocol (API reference, TargetGroupAttribute)."""
    if kind == "lambda":
        return _LAMBDA
    if protocol in ("HTTP", "HTTPS"):
        return _APPLICATION
    return _GENEVE if protocol == "GENEVE" else _NETWORK


def for_load_balancer(kind: str, scheme: str) -> dict[str, str]:
    """Attributes of a new load balancer."""
    fresh = _defaults(LOAD_BALANCER[kind])
    if "ipv6.deny_all_igw_traffic" in fresh and scheme == "internal":
        fresh["ipv6.deny_all_igw_traffic"] = "true"
    return fresh


def for_listener(protocol: str | None) -> dict[str, str]:
    """Attributes of a new listener."""
    return _defaults(LISTENER.get(protocol or "GENEVE", {}))


def for_target_group(kind: str, protocol: str | None) -> dict[str, str]:
    """Attributes of a new target group."""
    fresh = _defaults(target_group_table(kind, protocol))
    if kind == "ip" and protocol in ("TCP", "TLS"):
        fresh["preserve_client_ip.enabled"] = "false"
    if protocol in ("UDP", "TCP_UDP"):
        fresh["deregistration_delay.connection_termination.enabled"] = "true"
        fresh["target_health_state.unhealthy.connection_termination.enabled"] = "false"
    return fresh


def _defaults(table: Table) -> dict[str, str]:
    return {key: default for key, (default, _) in table.items()}


def _checked(rows: list[dict[str, Any]], table: Table, owner: str) -> dict[str, str]:
    """The changes asked for; raises Fault(ValidationError) on a key or value that the table does not have."""
    changes: dict[str, str] = {}
    for row in rows:
        key, value = row.get("Key", ""), row.get("Value", "")
        if key not in table:
            raise invalid(f"{owner} attribute key '{key}' is not recognized")
        if key in changes:
            raise invalid(f"{owner} attribute key '{key}' was specified more than once")
        if not table[key][1](value):
            raise invalid(f"{owner} attribute value '{value}' for key '{key}' is not valid")
        changes[key] = value
    return changes


def rows(attributes: Mapping[str, str]) -> list[dict[str, str]]:
    """Attributes as AWS lists them."""
    return [{"Key": key, "Value": value} for key, value in attributes.items()]


def describe_load_balancer(store: Store, request: Request) -> Result:
    """DescribeLoadBalancerAttributes."""
    return {"Attributes": rows(store.load_balancer(request["LoadBalancerArn"]).attributes)}


def modify_load_balancer(store: Store, request: Request) -> Result:
    """ModifyLoadBalancerAttributes."""
    lb = store.load_balancer(request["LoadBalancerArn"])
    changes = _checked(request["Attributes"], LOAD_BALANCER[lb.kind], "Load balancer")
    _need_bucket(lb, changes)
    lb.attributes.update(changes)
    return {"Attributes": rows(lb.attributes)}


def _need_bucket(lb: LoadBalancer, changes: Mapping[str, str]) -> None:
    after = {**lb.attributes, **changes}
    for kind in ("access_logs", "connection_logs", "health_check_logs"):
        if after.get(f"{kind}.s3.enabled") == "true" and not after.get(f"{kind}.s3.bucket"):
            raise Fault("InvalidConfigurationRequest", f"The value of '{kind}.s3.bucket' cannot be empty if logs are enabled")


def describe_listener(store: Store, request: Request) -> Result:
    """DescribeListenerAttributes."""
    return {"Attributes": rows(store.listener(request["ListenerArn"]).attributes)}


def modify_listener(store: Store, request: Request) -> Result:
    """ModifyListenerAttributes."""
    listener: Listener = store.listener(request["ListenerArn"])
    listener.attributes.update(_checked(request["Attributes"], LISTENER.get(listener.protocol or "GENEVE", {}), "Listener"))
    return {"Attributes": rows(listener.attributes)}


def describe_target_group(store: Store, request: Request) -> Result:
    """DescribeTargetGroupAttributes."""
    return {"Attributes": rows(store.target_group(request["TargetGroupArn"]).attributes)}


def modify_target_group(store: Store, request: Request) -> Result:
    """ModifyTargetGroupAttributes."""
    group = store.target_group(request["TargetGroupArn"])
    changes = _checked(request["Attributes"], target_group_table(group.kind, group.protocol), "Target group")
    _consistent(group, {**group.attributes, **changes})
    group.attributes.update(changes)
    return {"Attributes": rows(group.attributes)}


def _consistent(group: TargetGroup, after: Mapping[str, str]) -> None:
    """Refuse what AWS refuses across attributes."""
    algorithm = after.get("load_balancing.algorithm.type")
    if algorithm not in (None, "round_robin") and after.get("slow_start.duration_seconds", "0") != "0":
        raise Fault("InvalidConfigurationRequest", f"You cannot enable slow start with load balancing algorithm '{algorithm}'")
    if after.get("load_balancing.algorithm.anomaly_mitigation") == "on" and algorithm != "weighted_random":
        raise Fault("InvalidConfigurationRequest", "Anomaly mitigation requires load balancing algorithm 'weighted_random'")
    app_cookie = after.get("stickiness.enabled") == "true" and after.get("stickiness.type") == "app_cookie"
    if app_cookie and not after.get("stickiness.app_cookie.cookie_name"):
        raise invalid("You must specify 'stickiness.app_cookie.cookie_name' for stickiness type 'app_cookie'")
    if group.protocol in ("UDP", "TCP_UDP") and after.get("preserve_client_ip.enabled") == "false":
        raise Fault("InvalidConfigurationRequest", "Client IP preservation cannot be disabled for UDP and TCP_UDP target groups")
    if after.get("target_failover.on_deregistration") != after.get("target_failover.on_unhealthy"):
        raise Fault("InvalidConfigurationRequest", "target_failover.on_deregistration and target_failover.on_unhealthy must be the same")
