"""Listeners → Envoy's listeners; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from ipaddress import IPv4Address
from typing import Any

from albatross_sandbox.envoy import jwt, match, name, reach, route, sticky, tls, way, zone
from albatross_sandbox.envoy.cluster import PRESERVE_CASE, source
from albatross_sandbox.envoy.state import Forward, Listener, Place, State, TargetGroup

Json = dict[str, Any]

SERVER = "awselb/2.0"
STATISTICS = "http"
ROUTES = "rds.json"
# https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html#connection-idle-timeout
_TCP_IDLE_SECONDS = 350
_LOOPBACK = IPv4Address("127.0.0.1")
_NOBODY: Json = {"address_prefix": "255.255.255.255", "prefix_len": 32}
_KEEP_ALIVE_SECONDS = 3600  # client_keep_alive.seconds
_STREAMS = 128  # .../application/load-balancer-listeners.html: up to 128 parallel requests on an HTTP/2 connection

# Envoy's own failures in AWS's words: .../application/load-balancer-troubleshooting.html. Flags: Envoy's access log docs.
_FAILURES = (
    (("UF", "UC", "UR", "LR", "UPE", "URX"), 502, "502 Bad Gateway"),
    (("UT", "SI", "DT"), 504, "504 Gateway Time-out"),
    (("UH", "NC", "NR", "UO"), 503, "503 Service Temporarily Unavailable"),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A listener and all around it that its Envoy listener depends on; `fronts` are the addresses of load balancers in front of it."""

    site: route.Place
    place: Place
    state: State
    folder: str
    fronts: tuple[str, ...] = ()
    zone: str = ""

    @property
    def listener(self) -> Listener:
        """The listener itself."""
        return self.site.listener


def scenes(scene: Scene) -> list[Scene]:
    """The listener in each zone, at the zone's address; as it is where a load balancer has one address for all."""
    found = scene.place.zones.items()
    return [replace(scene, place=replace(scene.place, address=address), zone=each) for each, address in found] or [scene]


def listener(scene: Scene) -> tuple[list[Json], list[str]]:
    """Envoy's listeners for one listener (none, where it cannot be served), and what they do not say."""
    built, warnings = _built(scene)
    return built, [*warnings, *_kept_out(scene)]


def _built(scene: Scene) -> tuple[list[Json], list[str]]:
    protocol = scene.listener.protocol
    if protocol in ("HTTP", "HTTPS"):
        return _secured(scene, _http(scene))
    if protocol in ("TCP", "TLS"):
        return _secured(scene, _tcp(scene))
    if protocol == "UDP":  # see `datagram`
        return [], _untold(scene)
    if protocol == "TCP_UDP":
        tcp, warnings = _secured(scene, _tcp(scene))
        return tcp, [*warnings, *_untold(scene)]
    return [], [f"listener {scene.listener.port}: {protocol} is not carried here, so it does not listen"]


def _kept_out(scene: Scene) -> list[str]:
    """What to know of security groups: who gets in, if that is not the address from which everything on this machine connects."""
    port, said = scene.listener.port, []
    for transport, allowed in scene.listener.clients.items():
        if not allowed:
            said.append(f"listener {port}: security groups let nobody in by {transport}")
        elif not any(_LOOPBACK in each for each in allowed):
            ranges = ", ".join(map(str, allowed))
            said.append(f"listener {port}: security groups let in only {ranges} by {transport}; give curl one of these as --interface")
    final = scene.listener.rules[-1].final
    groups = [scene.site.groups.get(each.target_group) for each in final.groups] if isinstance(final, Forward) else []
    shut = [f"{each.address}:{each.port}" for group in groups if group for each in group.targets if not each.open]
    return [*said, f"listener {port}: security groups of targets do not let it in: {', '.join(shut)}"] if shut else said


def spoken(listener: Listener) -> bool:
    """Whether a listener of this protocol can listen at all."""
    return listener.protocol in ("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP")


def _secured(scene: Scene, chain: tuple[Json, list[str]]) -> tuple[list[Json], list[str]]:
    network, warnings = chain
    built: Json = {
        "@type": name.LISTENER,
        "name": name.zonal(scene.listener.arn, scene.zone),
        "address": _address(scene),
        "enable_reuse_port": False,
        "filter_chains": [_chain(scene, network)],
    }
    if scene.fronts:
        proxy = {"@type": name.extension("filters.listener.proxy_protocol.v3.ProxyProtocol"), "allow_requests_without_proxy_protocol": True}
        built["listener_filters"] = [{"name": "envoy.filters.listener.proxy_protocol", "typed_config": proxy}]
    if scene.listener.secure:
        socket, lacks = tls.socket(scene.listener, scene.state, scene.site.true("routing.http2.enabled", "true"))
        warnings = [*warnings, *lacks]
        if socket is None:
            return [], warnings
        built["filter_chains"][0]["transport_socket"] = socket
    return [built], warnings


def _chain(scene: Scene, network: Json) -> Json:
    """The filters, for the clients that may connect; connections of others are closed at once."""
    allowed = scene.listener.clients.get("tcp")
    if allowed is None:
        return {"filters": [network]}
    health = [f"{each}/32" for each in scene.fronts]  # their health checks; clients behind them have their own addresses
    return {"filters": [network], "filter_chain_match": {"source_prefix_ranges": _ranges([*map(str, allowed), *health]) or [_NOBODY]}}


def _ranges(cidrs: Iterable[str]) -> list[Json]:
    return [{"address_prefix": address, "prefix_len": int(size)} for address, _, size in (each.partition("/") for each in cidrs)]


def _address(scene: Scene) -> Json:
    return {"socket_address": {"address": scene.place.address, "port_value": scene.place.ports[scene.listener.port]}}


def _http(scene: Scene) -> tuple[Json, list[str]]:
    """The HTTP connection manager; routes are in a file of their own, so that they change without it."""
    idle = scene.site.idle_seconds
    keep = int(scene.site.balancer.attributes.get("client_keep_alive.seconds") or _KEEP_ALIVE_SECONDS)
    manager: Json = {
        "@type": name.extension("filters.network.http_connection_manager.v3.HttpConnectionManager"),
        "stat_prefix": STATISTICS,
        "codec_type": "AUTO" if scene.listener.secure else "HTTP1",
        "rds": {"route_config_name": route.ROUTES, "config_source": source(f"{scene.folder}/{ROUTES}")},
        "server_name": SERVER,
        "server_header_transformation": "PASS_THROUGH" if _serverless(scene.listener) else "APPEND_IF_ABSENT",
        "use_remote_address": True,
        "skip_xff_append": True,
        "generate_request_id": False,
        "normalize_path": True,
        "stream_idle_timeout": f"{idle + 5}s",
        "common_http_protocol_options": {"idle_timeout": f"{idle}s", "max_connection_duration": f"{keep}s"},
        "http_protocol_options": {"accept_http_10": True, "header_key_format": PRESERVE_CASE},
        "http2_protocol_options": {"max_concurrent_streams": _STREAMS},
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "early_header_mutation_extensions": [_early(scene.listener)],
        "local_reply_config": {"mappers": [_failure(*each) for each in _FAILURES]},
        "http_filters": _filters(scene),
    }
    return {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}, []


def _serverless(found: Listener) -> bool:
    return found.attributes.get("routing.http.response.server.enabled") == "false"


def _filters(scene: Scene) -> list[Json]:
    lua: Json = {"@type": name.extension("filters.http.lua.v3.Lua"), "clear_route_cache": False}
    script = resources.files("albatross_sandbox.envoy").joinpath("filter.lua").read_text("utf-8")
    lua["default_source_code"] = {"inline_string": script}
    filters: list[tuple[str, Json | None]] = [
        (jwt.FILTER, jwt.config(scene.listener.rules)),
        (route.TO_METADATA, {"@type": name.extension("filters.http.header_to_metadata.v3.Config")}),
        (route.LUA, lua),
        (sticky.FILTER, {"@type": name.extension("filters.http.stateful_session.v3.StatefulSession")}),
        ("envoy.filters.http.router", {"@type": name.extension("filters.http.router.v3.Router"), "suppress_envoy_headers": True}),
    ]
    return [{"name": each, "typed_config": config} for each, config in filters if config is not None]


def _early(found: Listener) -> Json:
    """Headers that routes are chosen by, written over whatever a client sends."""
    headers = {match.SOURCE: "%DOWNSTREAM_REMOTE_ADDRESS%", match.LISTENER: name.resource(found.arn)}
    mutations = [
        {"append": {"header": {"key": key, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}}
        for key, value in headers.items()
    ]
    message = name.extension("http.early_header_mutation.header_mutation.v3.HeaderMutation")
    return {"name": "envoy.http.early_header_mutation.header_mutation", "typed_config": {"@type": message, "mutations": mutations}}


def _failure(flags: tuple[str, ...], status: int, title: str) -> Json:
    return {
        "filter": {"response_flag_filter": {"flags": list(flags)}},
        "status_code": status,
        "body": {"inline_string": route.PAGE.format(title)},
        "body_format_override": {"text_format_source": {"inline_string": "%LOCAL_REPLY_BODY%"}, "content_type": "text/html"},
    }


def _tcp(scene: Scene) -> tuple[Json, list[str]]:
    """A TCP proxy to the target groups of the default action."""
    groups, warnings = _groups(scene)
    idle = int(scene.listener.attributes.get("tcp.idle_timeout.seconds") or _TCP_IDLE_SECONDS)
    proxy: Json = {
        "@type": name.extension("filters.network.tcp_proxy.v3.TcpProxy"),
        "stat_prefix": name.resource(scene.listener.arn),
        "idle_timeout": f"{idle}s",
        "hash_policy": [{"source_ip": {}}],
    }
    if len(groups) == 1:
        proxy["cluster"] = groups[0][0]
    else:
        proxy["weighted_clusters"] = {"clusters": [{"name": each, "weight": weight} for each, weight in groups]}
    return {"name": "envoy.filters.network.tcp_proxy", "typed_config": proxy}, warnings


def _groups(scene: Scene) -> tuple[list[tuple[str, int]], list[str]]:
    final = scene.listener.rules[-1].final
    if not isinstance(final, Forward) or not final.groups:
        return [("none", 1)], [f"listener {scene.listener.port}: its default action forwards nowhere: connections are closed"]
    missing = [name.resource(each.target_group) for each in final.groups if each.target_group not in scene.site.groups]
    warnings = [f"listener {scene.listener.port}: target group {each} does not exist" for each in missing]
    weighted = [(each.target_group, each.weight) for each in final.groups if each.weight > 0] or [(final.groups[0].target_group, 1)]
    return [(_cluster(scene, arn), weight) for arn, weight in weighted], warnings


def _cluster(scene: Scene, arn: str) -> str:
    group = scene.site.groups.get(arn)
    found = zone.cluster(scene.site.balancer, group, arn, scene.zone)
    return name.client(found) if group is not None and way.used(group) else found


def _untold(scene: Scene) -> list[str]:
    """What the UDP proxy does not do of what a listener and its target groups say."""
    final = scene.listener.rules[-1].final
    chosen = [each for each in final.groups if each.weight > 0] if isinstance(final, Forward) else []
    found = [group for each in chosen if (group := scene.site.groups.get(each.target_group))]
    if any(group.attributes.get("proxy_protocol_v2.enabled") == "true" for group in found):
        return [f"listener {scene.listener.port}: datagrams carry no PROXY protocol header"]
    return []


def fronts(groups: Mapping[str, TargetGroup], places: Mapping[str, Place]) -> dict[str, tuple[str, ...]]:
    """By ARN, load balancers that are targets of others, with the addresses of those."""
    return {arn: tuple(places[each].address for each in found if each in places) for arn, found in reach.fronts(groups).items()}
