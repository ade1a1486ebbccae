"""Target groups → Envoy's clusters and endpoints; pure."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from albatross_sandbox.envoy import name, way
from albatross_sandbox.envoy.state import Place, Target, TargetGroup

Json = dict[str, Any]

# AWS gives up on a connection after 10 s: .../application/load-balancer-troubleshooting.html#http-504-issues
_CONNECT = "10s"
# Chosen by us: below the keep-alive of common servers (5 s), so that none closes a connection just as it is used.
_KEEP_ALIVE = "4s"
_SERVING = frozenset({"healthy", "unavailable"})
_LAST_RESORT = _SERVING | {"unhealthy", "initial"}
_MANY = 1_000_000
# Where a target that its security groups close is: nothing listens there. On AWS, connecting would take until a timeout.
_CLOSED = ("127.0.0.1", 1)
_THRESHOLDS = ("max_connections", "max_pending_requests", "max_requests", "max_retries")
_MINIMUM = "target_group_health.unhealthy_state_routing.minimum_healthy_targets."
PRESERVE_CASE: Json = {
    "stateful_formatter": {
        "name": "preserve_case",
        "typed_config": {
            "@type": name.extension("http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig"),
            "formatter_type_on_envoy_headers": "PROPER_CASE",
        },
    }
}


def cluster(group: TargetGroup, places: Mapping[str, Place], zone: str = "") -> Json:
    """The cluster of a target group with the targets that get requests now; with a zone, only those that it reaches."""
    built: Json = {
        "@type": name.CLUSTER,
        "name": name.zonal(group.arn, zone),
        "type": "STATIC",
        "load_assignment": endpoints(group, places, zone),
        "connect_timeout": _CONNECT,
        "lb_policy": _policy(group),
        "circuit_breakers": {"thresholds": [dict.fromkeys(_THRESHOLDS, _MANY)]},
    }
    if group.version:
        built["typed_extension_protocol_options"] = {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": _protocol(group)}
    if socket := _socket(group):
        built["transport_socket"] = socket
    if bind := _bind(group, places):
        built["upstream_bind_config"] = {"source_address": {"address": bind, "port_value": 0}}
    if (warm := int(group.attributes.get("slow_start.duration_seconds") or 0)) and built["lb_policy"] == "ROUND_ROBIN":
        built["round_robin_lb_config"] = {"slow_start_config": {"slow_start_window": f"{warm}s"}}
    return built


def relayed(group: TargetGroup, places: Mapping[str, Place], folder: str, zone: str = "") -> Json:
    """The same cluster for targets that see the client's address: by sockets of this machine, with the address in a header."""
    ways = [(each, way.way(folder, group, each)) for each in reached(group, zone)]
    sockets = [{"pipe": {"path": found.socket}} if found else _socket_address(*_CLOSED) for each, found in ways if each.address]
    listed = [{"endpoint": {"address": each}} for each in sockets]
    named = name.client(name.zonal(group.arn, zone))
    built = cluster(group, places, zone) | {
        "name": named,
        "load_assignment": {"cluster_name": named, "endpoints": [{"lb_endpoints": listed}] if listed else []},
        "transport_socket": _proxied(_secure(group)),
    }
    built.pop("upstream_bind_config", None)
    return built


def source(path: str) -> Json:
    """A configuration that Envoy reads from a file again each time another is moved over it."""
    return {"path_config_source": {"path": path}, "resource_api_version": "V3"}


def endpoints(group: TargetGroup, places: Mapping[str, Place], zone: str = "") -> Json:
    """Where those targets listen."""
    found = [where for each in reached(group, zone) if (where := address(each, group, places))]
    listed = [{"endpoint": {"address": _socket_address(*each)}} for each in found]
    return {"cluster_name": name.zonal(group.arn, zone), "endpoints": [{"lb_endpoints": listed}] if listed else []}


def _socket_address(host: str, port: int) -> Json:
    return {"socket_address": {"address": host, "port_value": port}}


def serving(group: TargetGroup) -> tuple[Target, ...]:
    """Healthy targets; where fewer than the group's minimum are, all that are not leaving (AWS calls it failing open)."""
    last = tuple(each for each in group.targets if each.state in _LAST_RESORT)
    healthy = tuple(each for each in last if each.state in _SERVING)
    return healthy if len(healthy) >= _minimum(group, len(last)) else last


def reached(group: TargetGroup, zone: str) -> tuple[Target, ...]:
    """Those of them that a zone reaches without crossing into another; all without a zone."""
    return tuple(each for each in serving(group) if not zone or each.zone in ("", zone))


def _minimum(group: TargetGroup, registered: int) -> float:
    count = int(group.attributes.get(_MINIMUM + "count") or 1)
    percentage = group.attributes.get(_MINIMUM + "percentage", "off")
    return max(count, registered * int(percentage) / 100 if percentage.isdigit() else 0)


def address(target: Target, group: TargetGroup, places: Mapping[str, Place]) -> tuple[str, int] | None:
    """Where a target listens; a load balancer as a target listens at its own place, on the port really bound."""
    if group.type == "alb":
        place = places.get(target.id)
        return (place.address, place.ports.get(target.port, target.port)) if place else None
    if not target.open:
        return _CLOSED
    return (target.address, target.port) if target.address else None


def sticky(group: TargetGroup) -> bool:
    """Whether a client, by its address, stays with its target."""
    return group.attributes.get("stickiness.type") == "source_ip" and group.attributes.get("stickiness.enabled") == "true"


def _policy(group: TargetGroup) -> str:
    if sticky(group):
        return "MAGLEV"
    algorithm = group.attributes.get("load_balancing.algorithm.type")
    return {"least_outstanding_requests": "LEAST_REQUEST", "weighted_random": "RANDOM"}.get(algorithm or "", "ROUND_ROBIN")


def _protocol(group: TargetGroup) -> Json:
    explicit: Json = {"http2_protocol_options": {}}
    if group.version == "HTTP1":
        explicit = {"http_protocol_options": {"header_key_format": PRESERVE_CASE}}
    return {
        "@type": name.extension("upstreams.http.v3.HttpProtocolOptions"),
        "explicit_http_config": explicit,
        "common_http_protocol_options": {"idle_timeout": _KEEP_ALIVE},
    }


def _socket(group: TargetGroup) -> Json | None:
    """TLS to the targets, and the PROXY protocol where it is on."""
    socket = _secure(group)
    proxied = group.attributes.get("proxy_protocol_v2.enabled") == "true" or group.type == "alb"
    return _proxied(socket) if proxied else socket


def _secure(group: TargetGroup) -> Json | None:
    """TLS to the targets, with certificates that AWS does not verify."""
    if group.protocol not in ("HTTPS", "TLS"):
        return None
    common: Json = {"alpn_protocols": ["h2"]} if group.version in ("HTTP2", "GRPC") else {}
    context = {"@type": name.extension("transport_sockets.tls.v3.UpstreamTlsContext"), "common_tls_context": common}
    return {"name": "envoy.transport_sockets.tls", "typed_config": context}


def _proxied(socket: Json | None) -> Json:
    """The PROXY protocol around another transport."""
    message = name.extension("transport_sockets.raw_buffer.v3.RawBuffer")
    raw = {"name": "envoy.transport_sockets.raw_buffer", "typed_config": {"@type": message}}
    proxy = {
        "@type": name.extension("transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport"),
        "config": {"version": "V2"},
        "transport_socket": socket or raw,
    }
    return {"name": "envoy.transport_sockets.upstream_proxy_protocol", "typed_config": proxy}


def _bind(group: TargetGroup, places: Mapping[str, Place]) -> str | None:
    """The load balancer's own address, which targets see as their peer; not where a target has an IPv6 address."""
    six = any(each.address and ipaddress.ip_address(each.address).version == 6 for each in group.targets)
    place = next((places[arn] for arn in group.load_balancers if arn in places), None)
    return place.address if place and not six else None
