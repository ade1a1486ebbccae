"""Targets of a target group: the registered ones with their health, registration and deregistration."""

from collections.abc import Iterable, Sequence
from typing import Any

from albatross.aws.session.client import Session
from albatross.aws.wire.action import given, literal
from albatross.model.target import Registered, Target

CHUNK = 200
"""Targets per RegisterTargets or DeregisterTargets call (elbv2 limit)."""

VPC_SECONDS = 600.0
"""How long the address ranges of a VPC are cached."""


async def registered(session: Session, arn: str, targets: Iterable[Target] | None = None) -> tuple[Registered, ...]:
    """Every registered target of the group, or only those in `targets`. Errors: NotFound if the group does not exist."""
    asked = [_write(each) for each in targets] if targets is not None else None
    if asked == []:
        return ()
    answer = await session.call("elbv2", "DescribeTargetHealth", TargetGroupArn=arn, Targets=asked)
    found = (_read(each) for each in answer.get("TargetHealthDescriptions") or ())
    return tuple(each for each in found if each.reason != "Target.NotRegistered")


async def group(session: Session, arn: str, name: str = "") -> dict[str, Any]:
    """A target group as elbv2 describes it, by its ARN or otherwise by its name. Errors: NotFound."""
    if arn:
        answer = await session.call("elbv2", "DescribeTargetGroups", TargetGroupArns=[arn])
    else:
        answer = await session.call("elbv2", "DescribeTargetGroups", Names=[name])
    found: dict[str, Any] = answer["TargetGroups"][0]
    return found


async def cidrs(session: Session, vpc_id: str) -> tuple[str, ...]:
    """The associated address ranges of a VPC, cached for ten minutes. Errors: AwsError (NotFound: the VPC does not exist)."""
    return await session.cache.get(("cidrs", vpc_id), VPC_SECONDS, lambda: _cidrs(session, vpc_id))


async def _cidrs(session: Session, vpc_id: str) -> tuple[str, ...]:
    vpcs = await session.pages("ec2", "DescribeVpcs", "Vpcs", VpcIds=[vpc_id])
    return tuple(
        entry[block]
        for vpc in vpcs
        for sets, block, state in (
            ("CidrBlockAssociationSet", "CidrBlock", "CidrBlockState"),
            ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"),
        )
        for entry in vpc.get(sets) or ()
        if entry.get(state, {}).get("State") == "associated"
    )


def _read(item: dict[str, Any]) -> Registered:
    target, health = item["Target"], item.get("TargetHealth") or {}
    return Registered(
        target=Target(target["Id"], target.get("Port"), target.get("AvailabilityZone") or "", target.get("QuicServerId") or ""),
        state=health.get("State", ""),
        reason=health.get("Reason") or "",
        description=health.get("Description") or "",
    )


def _write(target: Target) -> dict[str, Any]:
    return given(Id=literal(target.id), Port=target.port, AvailabilityZone=target.zone or None, QuicServerId=target.server_id or None)


async def register(session: Session, arn: str, targets: Sequence[Target]) -> None:
    """Register targets. Errors: AwsError."""
    await _change(session, "RegisterTargets", arn, targets)


async def deregister(session: Session, arn: str, targets: Sequence[Target]) -> None:
    """Deregister targets. Errors: AwsError."""
    await _change(session, "DeregisterTargets", arn, targets)


async def _change(session: Session, operation: str, arn: str, targets: Sequence[Target]) -> None:
    items = [_write(each) for each in targets]
    for start in range(0, len(items), CHUNK):
        chunk = items[start : start + CHUNK]
        if operation == "RegisterTargets":
            await session.call("elbv2", "RegisterTargets", TargetGroupArn=arn, Targets=chunk)
        else:
            await session.call("elbv2", "DeregisterTargets", TargetGroupArn=arn, Targets=chunk)
