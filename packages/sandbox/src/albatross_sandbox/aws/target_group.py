"""Target groups: create, describe, change, delete."""

import re
from typing import Any

from albatross_sandbox.aws import account, attribute, tag
from albatross_sandbox.aws.cloud import Cloud
from albatross_sandbox.aws.fault import Fault, invalid
from albatross_sandbox.aws.store import Request, Result, Store, TargetGroup, page, token

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
_WEB = ("HTTP", "HTTPS")
CHECK = (
    "HealthCheckEnabled",
    "HealthCheckProtocol",
    "HealthCheckPort",
    "HealthCheckPath",
    "HealthCheckIntervalSeconds",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "UnhealthyThresholdCount",
    "Matcher",
)


async def create(store: Store, cloud: Cloud, request: Request) -> Result:
    """CreateTargetGroup; the same request twice answers the same target group."""
    name = _name(request["Name"])
    tags = tag.read(request.get("Tags"))
    fresh = _read(store, name, request)
    fresh.tags = tags
    await _check_vpc(cloud, fresh)
    if same := next((group for group in store.target_groups.values() if group.name == name), None):
        if same.given != fresh.given or same.tags != tags:
            raise Fault("DuplicateTargetGroupName", f"A target group with the same name '{name}' exists, but with different settings")
        return {"TargetGroups": [shown(same)]}
    count = len(store.target_groups) + 1
    account.enforce(store, "target-groups", count, "TooManyTargetGroups", "The maximum number of target groups has been reached")
    store.target_groups[fresh.arn] = fresh
    return {"TargetGroups": [shown(fresh)]}


def _name(name: str) -> str:
    if len(name) > 32:
        raise invalid(f"Target group name '{name}' cannot be longer than '32' characters")
    if not _NAME.fullmatch(name):
        raise invalid(f"Target group name '{name}' can only contain characters that are alphanumeric characters and hyphens(-)")
    return name


def _read(store: Store, name: str, request: Request) -> TargetGroup:
    kind = request.get("TargetType", "instance")
    protocol = request.get("Protocol")
    version = request.get("ProtocolVersion") or ("HTTP1" if protocol in _WEB else None)
    _check_kind(kind, request)
    _check_version(protocol, version)
    check = {**_checks(kind, protocol, version, request), **{key: request[key] for key in CHECK if key in request}}
    _check_health(kind, protocol, version, check)
    return TargetGroup(
        arn=store.arn("targetgroup", f"{name}/{token()}"),
        name=name,
        kind=kind,
        protocol=protocol,
        version=version,
        port=request.get("Port"),
        vpc_id=request.get("VpcId"),
        ip_address_type=request.get("IpAddressType", "ipv4"),
        control_port=request.get("TargetControlPort"),
        check=check,
        attributes=attribute.for_target_group(kind, protocol),
        tags={},
        given={"TargetType": kind, **{key: value for key, value in request.items() if key != "Tags"}},
    )


def _check_kind(kind: str, request: Request) -> None:
    if kind == "lambda":
        for name in ("Protocol", "Port", "VpcId", "ProtocolVersion"):
            if name in request:
                raise invalid(f"{name} cannot be specified for target groups with target type 'lambda'")
        return
    for name, word in (("Protocol", "protocol"), ("Port", "port"), ("VpcId", "VPC ID")):
        if not request.get(name):
            raise invalid(f"A {word} must be specified")
    if kind == "alb" and request["Protocol"] != "TCP":
        raise Fault("InvalidConfigurationRequest", "Target groups with target type 'alb' must have protocol 'TCP'")
    if request.get("IpAddressType") == "ipv6" and kind == "alb":
        raise Fault("InvalidConfigurationRequest", "IP address type 'ipv6' is not supported for target type 'alb'")


def _check_version(protocol: str | None, version: str | None) -> None:
    if version and protocol not in _WEB:
        raise invalid(f"A protocol version cannot be specified for protocol '{protocol}'")
    if version not in (None, "HTTP1", "HTTP2", "GRPC"):
        raise invalid(f"Protocol version '{version}' must be one of 'HTTP1, HTTP2, GRPC'")


async def _check_vpc(cloud: Cloud, group: TargetGroup) -> None:
    if group.vpc_id and group.vpc_id not in await cloud.vpcs():
        raise invalid(f"The VPC ID '{group.vpc_id}' is not found")


def _checks(kind: str, protocol: str | None, version: str | None, request: Request) -> dict[str, Any]:
    """The default health check (API reference, CreateTargetGroup)."""
    if kind == "lambda":
        return _web_check(False, None, None, 35, 30) | {"HealthCheckPath": "/", "Matcher": {"HttpCode": "200"}}
    if protocol in _WEB:
        path, matcher = ("/AWS.ALB/healthcheck", {"GrpcCode": "12"}) if version == "GRPC" else ("/", {"HttpCode": "200"})
        return _web_check(True, "HTTP", "traffic-port", 30, 5) | {"HealthCheckPath": path, "Matcher": matcher}
    if protocol == "GENEVE":
        out = _web_check(True, "TCP", "80", 10, 5)
    else:
        out = _web_check(True, "HTTP" if kind == "alb" else "TCP", "traffic-port", 30, 6 if kind == "alb" else 10)
    probed = request.get("HealthCheckProtocol") or out["HealthCheckProtocol"]
    if probed in _WEB:
        out |= {"HealthCheckPath": "/", "Matcher": {"HttpCode": "200-399"}, "HealthCheckTimeoutSeconds": 6 if probed == "HTTP" else 10}
    return out


def _web_check(enabled: bool, protocol: str | None, port: str | None, interval: int, timeout: int) -> dict[str, Any]:
    return {
        "HealthCheckEnabled": enabled,
        "HealthCheckProtocol": protocol,
        "HealthCheckPort": port,
        "HealthCheckIntervalSeconds": interval,
        "HealthCheckTimeoutSeconds": timeout,
        "HealthyThresholdCount": 5,
        "UnhealthyThresholdCount": 2,
    }


def _check_health(kind: str, protocol: str | None, version: str | None, check: dict[str, Any]) -> None:
    """Refuse a health check that AWS refuses; ranges are the model's and checked before."""
    if check["HealthCheckTimeoutSeconds"] >= check["HealthCheckIntervalSeconds"] and (protocol in _WEB or kind == "lambda"):
        raise invalid("Health check interval must be greater than the timeout.")
    if check["HealthCheckTimeoutSeconds"] > check["HealthCheckIntervalSeconds"]:
        raise invalid("Health check interval must not be smaller than the timeout.")
    probed = check["HealthCheckProtocol"]
    if probed and probed not in (*_WEB, *(() if protocol in _WEB else ("TCP",))):
        raise invalid(f"Health check protocol '{probed}' is not supported for target group protocol '{protocol}'")
    if not check["HealthCheckEnabled"] and kind != "lambda":
        raise Fault(
            "InvalidConfigurationRequest", "Health check enabled must be true for target groups with target type 'instance', 'ip' or 'alb'"
        )
    _check_port(check.get("HealthCheckPort"))
    path = check.get("HealthCheckPath")
    if path is not None and (not path.startswith("/") or (probed == "TCP")):
        raise invalid(f"Health check path '{path}' must start with '/' and is not supported for health check protocol 'TCP'")
    _check_matcher(protocol, version, probed, check)


def _check_port(port: str | None) -> None:
    if port in (None, "traffic-port"):
        return
    if not (port.isdigit() and 1 <= int(port) <= 65535):
        raise invalid(f"Health check port '{port}' must be in the range 1-65535 or 'traffic-port'")


def _check_matcher(protocol: str | None, version: str | None, probed: str | None, check: dict[str, Any]) -> None:
    matcher = check.get("Matcher")
    if matcher is None:
        return
    if probed == "TCP":
        raise Fault("InvalidConfigurationRequest", "Matcher is not supported for health check protocol 'TCP'")
    kind, low, high = ("GrpcCode", 0, 99) if version == "GRPC" else ("HttpCode", 200, 499 if protocol in _WEB else 599)
    if set(matcher) != {kind}:
        raise invalid(f"Health check matcher must have '{kind}' only for protocol version '{version}'")
    for first, last in codes(matcher[kind]):
        if not low <= first <= last <= high:
            raise invalid(f"Health check matcher code '{matcher[kind]}' must be within '{low}-{high}' inclusive")


def codes(text: str) -> list[tuple[int, int]]:
    """A matcher's ranges: `200`, `200,202` or `200-299`; raises Fault(ValidationError) on anything else."""
    ranges = []
    for part in text.split(","):
        found = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", part)
        if not found:
            raise invalid(f"Health check matcher code '{text}' is not valid")
        ranges.append((int(found.group(1)), int(found.group(2) or found.group(1))))
    return ranges


def shown(group: TargetGroup) -> Result:
    """A target group as Describe shows it."""
    return {
        "TargetGroupArn": group.arn,
        "TargetGroupName": group.name,
        "Protocol": group.protocol,
        "Port": group.port,
        "VpcId": group.vpc_id,
        **group.check,
        "LoadBalancerArns": group.load_balancers,
        "TargetType": group.kind,
        "ProtocolVersion": group.version,
        "IpAddressType": group.ip_address_type if group.kind != "lambda" else None,
        "TargetControlPort": group.control_port,
    }


def describe(store: Store, request: Request) -> Result:
    """DescribeTargetGroups."""
    arns, names, owner = request.get("TargetGroupArns"), request.get("Names"), request.get("LoadBalancerArn")
    if sum(map(bool, (arns, names, owner))) > 1:
        raise invalid("Target group names, target group ARNs, and a load balancer ARN cannot be specified at the same time")
    if arns:
        if missing := [arn for arn in arns if arn not in store.target_groups]:
            raise Fault("TargetGroupNotFound", f"Target groups '{', '.join(missing)}' not found")
        return {"TargetGroups": [shown(store.target_groups[arn]) for arn in dict.fromkeys(arns)]}
    if names:
        by_name = {group.name: group for group in store.target_groups.values()}
        if missing := [name for name in names if name not in by_name]:
            raise Fault("TargetGroupNotFound", f"One or more target groups not found: '{', '.join(missing)}'")
        return {"TargetGroups": [shown(by_name[name]) for name in dict.fromkeys(names)]}
    held = [group for group in store.target_groups.values() if not owner or store.load_balancer(owner).arn in group.load_balancers]
    rows, marker = page(request, held, lambda group: group.arn)
    return {"TargetGroups": [shown(group) for group in rows], "NextMarker": marker}


def modify(store: Store, request: Request) -> Result:
    """ModifyTargetGroup: the health check only."""
    group = store.target_group(request["TargetGroupArn"])
    given = {key: request[key] for key in CHECK if key in request}
    check = {**group.check, **given}
    if given.get("HealthCheckProtocol") == "TCP":
        check = {key: value for key, value in check.items() if key not in ("HealthCheckPath", "Matcher") or key in given}
    elif given.get("HealthCheckProtocol") in _WEB and "HealthCheckPath" not in check:
        check |= {"HealthCheckPath": "/", "Matcher": check.get("Matcher") or {"HttpCode": "200-399"}}
    _check_health(group.kind, group.protocol, group.version, check)
    if check != group.check:
        group.check = check
        group.poke()
    return {"TargetGroups": [shown(group)]}


def delete(store: Store, request: Request) -> Result:
    """DeleteTargetGroup; one that is not there is no error."""
    group = store.target_groups.get(request["TargetGroupArn"])
    if group is None:
        return {}
    if group.rules:
        raise Fault("ResourceInUse", f"Target group '{group.arn}' is currently in use by a listener or a rule")
    for target in group.targets.values():
        if target.task is not None:
            target.task.cancel()
    del store.target_groups[group.arn]
    return {}
