"""Every attribute of load balancers, listeners and target groups: its default and what it may hold."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from albatross_sandbox.aws.fault import Fault, invalid
from albatross_sandbox.aws.store import Listener, LoadBalancer, Request, Result, Store, TargetGroup


@dataclass(frozen=True, slots=True)
class Attribute:
    """What an attribute is by default, and what it may be: one of the values, a number in the range, or text of the pattern."""

    default: str
    values: tuple[str, ...] = ()
    between: tuple[int, int] | None = None
    pattern: str = ""

    def takes(self, text: str) -> bool:
        """Whether it may be that; anything, where nothing is said."""
        if self.pattern:
            return re.fullmatch(self.pattern, text) is not None
        if self.between:
            low, high = self.between
            return text in self.values or (text.isdigit() and low <= int(text) <= high)
        return text in self.values if self.values else True


Table = Mapping[str, Attribute]


def _load() -> dict[str, dict[str, Table]]:
    """The tables of `attribute.json`; one that is `like` shared ones has their rows before its own."""
    groups: dict[str, dict[str, Any]] = orjson.loads(Path(__file__).with_name("attribute.json").read_bytes())
    shared = groups.pop("shared")

    def table(raw: Mapping[str, Any]) -> dict[str, Attribute]:
        rows = {key: row for name in raw.get("like", ()) for key, row in table(shared[name]).items()}
        return {**rows, **{key: _attribute(**row) for key, row in raw.get("own", {}).items()}}

    return {group: {name: table(raw) for name, raw in tables.items()} for group, tables in groups.items()}


def _attribute(default: str, values: Iterable[str] = (), between: Sequence[int] = (), pattern: str = "") -> Attribute:
    return Attribute(default, tuple(values), (between[0], between[1]) if between else None, pattern)


# API reference: LoadBalancerAttribute, ListenerAttribute, TargetGroupAttribute.
_TABLES = _load()
LOAD_BALANCER, LISTENER, TARGET_GROUP = _TABLES["load balancer"], _TABLES["listener"], _TABLES["target group"]


def target_group_table(kind: str, protocol: str | None) -> Table:
    """The attributes of a target group of that target type and protocol."""
    if kind == "lambda":
        return TARGET_GROUP["lambda"]
    if protocol in ("HTTP", "HTTPS"):
        return TARGET_GROUP["application"]
    return TARGET_GROUP["gateway" if protocol == "GENEVE" else "network"]


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
    return {key: row.default for key, row in table.items()}


def _checked(rows: list[dict[str, Any]], table: Table, owner: str) -> dict[str, str]:
    """The changes asked for; raises Fault(ValidationError) on a key or value that the table does not have."""
    changes: dict[str, str] = {}
    for row in rows:
        key, value = row.get("Key", ""), row.get("Value", "")
        if key not in table:
            raise invalid(f"{owner} attribute key '{key}' is not recognized")
        if key in changes:
            raise invalid(f"{owner} attribute key '{key}' was specified more than once")
        if not table[key].takes(value):
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
