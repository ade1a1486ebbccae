"""Targets: register, deregister, and their health as the probes left it."""

import ipaddress
from typing import Any

from albatross_sandbox.aws import account, load_balancer, quic
from albatross_sandbox.aws.cloud import Cloud, within
from albatross_sandbox.aws.fault import Fault, invalid
from albatross_sandbox.aws.store import Request, Result, Store, Target, TargetGroup

_OUTSIDE = [ipaddress.ip_network(cidr) for cidr in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")]
Key = tuple[str, int | None]
Health = dict[str, str | None]

NOT_IN_USE: Health = {
    "State": "unused",
    "Reason": "Target.NotInUse",
    "Description": "Target group is not configured to receive traffic from the load balancer",
}
_NOT_REGISTERED: Health = {
    "State": "unused",
    "Reason": "Target.NotRegistered",
    "Description": "Target is not registered to the target group",
}
_DRAINING: Health = {
    "State": "draining",
    "Reason": "Target.DeregistrationInProgress",
    "Description": "Target deregistration is in progress",
}
_UNCHECKED: Health = {
    "State": "unavailable",
    "Reason": "Target.HealthCheckDisabled",
    "Description": "Health checks are not enabled for this target",
}


async def register(store: Store, cloud: Cloud, request: Request) -> Result:
    """RegisterTargets; one that is there already stays as it is, a draining one comes back."""
    group = store.target_group(request["TargetGroupArn"])
    zones = [await _admit(store, cloud, group, row) for row in request["Targets"]]
    now = store.clock.now()
    settle(store, group)
    quic.check_targets(group, request["Targets"])
    wanted = {_key(group, row): (row, zone) for row, zone in zip(request["Targets"], zones, strict=True)}
    _check_number(store, group, {*group.targets, *wanted})
    for key, (row, zone) in wanted.items():
        held = group.targets.get(key)
        if held is None or held.draining_until is not None:
            if held is not None and held.task is not None:
                held.task.cancel()
            group.targets[key] = Target(*key, zone, now, quic=row.get("QuicServerId"))
    return {}


def _check_number(store: Store, group: TargetGroup, keys: set[Key]) -> None:
    if group.kind in ("lambda", "alb") and len(keys) > 1:
        raise Fault("TooManyTargets", f"A target group of type {group.kind} can have at most one target")
    said = f"The maximum number of targets for target group '{group.arn}' has been reached"
    account.enforce(store, "targets-per-target-group", len(keys), "TooManyTargets", said)


def _key(group: TargetGroup, row: dict[str, Any]) -> Key:
    return row["Id"], row.get("Port", group.port)


async def _admit(store: Store, cloud: Cloud, group: TargetGroup, row: dict[str, Any]) -> str | None:
    """The zone a target is in, if it has one; raises Fault(InvalidTarget) if it cannot be a target of the group."""
    if group.kind == "ip":
        return await _admit_address(cloud, group, row)
    if group.kind == "instance":
        return await _admit_instance(cloud, group, row)
    if group.kind == "alb":
        _admit_load_balancer(store, group, row)
    elif ":lambda:" not in row["Id"] or row.get("Port"):
        raise Fault("InvalidTarget", f"'{row['Id']}' is not a Lambda function")
    return None


async def _admit_address(cloud: Cloud, group: TargetGroup, row: dict[str, Any]) -> str | None:
    try:
        ip = ipaddress.ip_address(row["Id"])
    except ValueError:
        raise invalid(f"The IP address '{row['Id']}' is not a valid IPv4 address") from None
    if (ip.version == 6) != (group.ip_address_type == "ipv6"):
        raise invalid(f"The IP address '{row['Id']}' is not of the target group's IP address type '{group.ip_address_type}'")
    subnets = [subnet for subnet in (await cloud.subnets()).values() if subnet.vpc_id == group.vpc_id]
    zones = [subnet.zone for subnet in subnets if within(row["Id"], [subnet.cidr, *subnet.ipv6])]
    zone: str | None = row.get("AvailabilityZone")
    if zones:
        if zone not in (None, zones[0]):
            said = f"is within the VPC, and cannot have its Availability Zone overridden to '{zone}' from '{zones[0]}'"
            raise invalid(f"The IP address '{row['Id']}' {said}")
        return zones[0]
    cidrs = (await cloud.vpcs()).get(group.vpc_id or "", [])
    if not within(row["Id"], cidrs) and not any(ip in network for network in _OUTSIDE if network.version == ip.version):
        raise Fault("InvalidTarget", f"The IP address '{row['Id']}' is not within a valid range")
    if not zone:
        ask = "You must specify a valid Availability Zone or select 'all' for all enabled Availability zones"
        raise invalid(f"{ask}, since the IP address '{row['Id']}' is outside the VPC")
    return zone


async def _admit_instance(cloud: Cloud, group: TargetGroup, row: dict[str, Any]) -> str | None:
    found = (await cloud.instances()).get(row["Id"])
    if found is None:
        raise Fault("InvalidTarget", f"The following targets are not valid instances: '{row['Id']}'")
    if found.state != "running":
        raise Fault("InvalidTarget", f"The following targets are not in a running state and cannot be registered: '{row['Id']}'")
    if found.vpc_id != group.vpc_id:
        raise Fault("InvalidTarget", f"The following targets are not in the target group VPC '{group.vpc_id}': '{row['Id']}'")
    return None


def _admit_load_balancer(store: Store, group: TargetGroup, row: dict[str, Any]) -> None:
    lb = store.load_balancers.get(row["Id"])
    if lb is None or lb.kind != "application":
        raise Fault("InvalidTarget", f"'{row['Id']}' is not an Application Load Balancer")
    if load_balancer.state(store, lb) != "active":
        raise Fault("InvalidTarget", f"The load balancer '{lb.arn}' is not in an active state")
    if lb.vpc_id != group.vpc_id:
        raise Fault("InvalidTarget", f"The load balancer '{lb.arn}' is not in the target group VPC '{group.vpc_id}'")
    port = row.get("Port", group.port)
    if not any(listener.port == port for listener in lb.listeners.values()):
        raise Fault("InvalidTarget", f"The load balancer '{lb.arn}' must have a listener on port '{port}'")


def deregister(store: Store, request: Request) -> Result:
    """DeregisterTargets: drain where there is traffic to drain; one that is not there is no error."""
    group = store.target_group(request["TargetGroupArn"])
    settle(store, group)
    for row in request["Targets"]:
        for key in _matching(group, row):
            _leave(store, group, key)
    return {}


def _matching(group: TargetGroup, row: dict[str, Any]) -> list[Key]:
    if "Port" in row:
        return [key for key in [(row["Id"], row["Port"])] if key in group.targets]
    return [key for key in group.targets if key[0] == row["Id"]]


def _leave(store: Store, group: TargetGroup, key: Key) -> None:
    target = group.targets[key]
    if target.draining_until is not None:
        return
    if target.task is not None:
        target.task.cancel()
    delay = float(group.attributes.get("deregistration_delay.timeout_seconds", "0"))
    if not group.rules or not delay:
        del group.targets[key]
        return
    target.draining_until = store.clock.now() + delay


def settle(store: Store, group: TargetGroup) -> None:
    """Let go of targets that have drained."""
    now = store.clock.now()
    for key in [key for key, target in group.targets.items() if target.draining_until is not None and target.draining_until <= now]:
        del group.targets[key]


def health(group: TargetGroup, target: Target | None) -> Health:
    """A target's health as DescribeTargetHealth gives it."""
    if target is None:
        return _NOT_REGISTERED
    if target.draining_until is not None:
        return _DRAINING
    if not group.rules:
        return NOT_IN_USE
    if not group.check["HealthCheckEnabled"]:
        return _UNCHECKED
    return {"State": target.state, "Reason": target.reason, "Description": target.description}


def describe_health(store: Store, request: Request) -> Result:
    """DescribeTargetHealth."""
    group = store.target_group(request["TargetGroupArn"])
    settle(store, group)
    asked = request.get("Targets")
    keys: list[Key] = list(group.targets) if asked is None else [key for row in asked for key in _asked(group, row)]
    include = request.get("Include", [])
    return {"TargetHealthDescriptions": [_described(group, key, include) for key in keys]}


def _asked(group: TargetGroup, row: dict[str, Any]) -> list[Key]:
    return _matching(group, row) or [_key(group, row)]


def _described(group: TargetGroup, key: Key, include: list[str]) -> Result:
    target = group.targets.get(key)
    zone = target.zone if target is not None else None
    server_id = target.quic if target is not None else None
    named: Result = {"Id": key[0], "Port": key[1], "AvailabilityZone": zone, "QuicServerId": server_id}
    out: Result = {"Target": named, "TargetHealth": health(group, target)}
    if group.check["HealthCheckEnabled"]:
        port = group.check["HealthCheckPort"]
        out["HealthCheckPort"] = str(key[1]) if port == "traffic-port" else port
    if {"AnomalyDetection", "All"} & set(include) and group.protocol in ("HTTP", "HTTPS"):
        out["AnomalyDetection"] = {"Result": "normal", "MitigationInEffect": "no"}
    if "All" in include:
        said = "No override is currently active on target"
        out["AdministrativeOverride"] = {"State": "no_override", "Reason": "AdministrativeOverride.NoOverride", "Description": said}
    return out
