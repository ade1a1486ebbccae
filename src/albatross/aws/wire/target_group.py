"""Target groups: elbv2 `TargetGroup` ↔ model."""

from collections.abc import Mapping
from typing import Any

from albatross.aws.wire.action import given
from albatross.model.observed import Owned
from albatross.model.resources.ref import Pairs
from albatross.model.resources.target_group import HealthCheck, TargetGroup

Item = Mapping[str, Any]


def creation(group: TargetGroup, vpc_id: str) -> dict[str, Any]:
    """Model → CreateTargetGroup, without tags."""
    return given(
        Name=group.name,
        TargetType=group.target_type,
        Port=group.port,
        Protocol=group.protocol,
        ProtocolVersion=group.protocol_version,
        IpAddressType=group.ip_address_type if group.ip_address_type != "ipv4" else None,
        TargetControlPort=group.control_port,
        VpcId=vpc_id or None,
        **health_check(group.health_check),
    )


def health_check(check: HealthCheck) -> dict[str, Any]:
    """Model → the common parameters of CreateTargetGroup and ModifyTargetGroup: always the full set."""
    matcher = given(HttpCode=check.http_code, GrpcCode=check.grpc_code)
    return given(
        HealthCheckEnabled=True,
        HealthCheckPort=str(check.port),
        HealthCheckProtocol=check.protocol,
        HealthCheckPath=check.path,
        Matcher=matcher or None,
        HealthCheckIntervalSeconds=check.interval_seconds,
        HealthCheckTimeoutSeconds=check.timeout_seconds,
        HealthyThresholdCount=check.healthy_threshold_count,
        UnhealthyThresholdCount=check.unhealthy_threshold_count,
    )


def read(item: Item, tags: Pairs, resource: str, attributes: Pairs = ()) -> Owned[TargetGroup]:
    """Answer → model."""
    matcher = item.get("Matcher") or {}
    port = str(item.get("HealthCheckPort") or "traffic-port")
    group = TargetGroup(
        id=resource,
        name=item.get("TargetGroupName", ""),
        target_type=item.get("TargetType", ""),
        port=int(item.get("Port") or 0),
        protocol=item.get("Protocol", ""),
        protocol_version=item.get("ProtocolVersion") or None,
        ip_address_type=item.get("IpAddressType") or "ipv4",
        control_port=item.get("TargetControlPort"),
        attributes=attributes,
        health_check=HealthCheck(
            port=int(port) if port.isdigit() else port,
            protocol=item.get("HealthCheckProtocol", ""),
            path=item.get("HealthCheckPath"),
            http_code=matcher.get("HttpCode"),
            grpc_code=matcher.get("GrpcCode"),
            interval_seconds=int(item.get("HealthCheckIntervalSeconds") or 0),
            timeout_seconds=int(item.get("HealthCheckTimeoutSeconds") or 0),
            healthy_threshold_count=int(item.get("HealthyThresholdCount") or 0),
            unhealthy_threshold_count=int(item.get("UnhealthyThresholdCount") or 0),
        ),
    )
    return Owned(resource=group, arn=item["TargetGroupArn"], tags=tags)
