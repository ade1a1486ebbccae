"""The rules that let load balancers reach the targets, on security groups that we do not manage."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from albatross.aws.session import errors
from albatross.aws.session.client import Session
from albatross.aws.session.effect import judged
from albatross.aws.wire.security_group import read_permissions, write
from albatross.model.facts import Tags
from albatross.model.resources.security_group import Permission

SECONDS = 600.0
"""How long a group's rules are cached; our own changes remove them from the cache at once."""


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """The current state of a security group."""

    id: str
    name: str
    tags: Tags
    permissions: tuple[Permission, ...]


async def groups(session: Session, ids: Iterable[str]) -> Mapping[str, FoundGroup]:
    """Security groups by id; a deleted one is missing from the result."""
    found = {i: await session.cache.get(("rules of", i), SECONDS, partial(_group, session, i)) for i in sorted(set(ids))}
    return {i: group for i, group in found.items() if group}


async def tagged(session: Session) -> tuple[str, ...]:
    """The ids of all security groups in the VPC with the cluster's tag, with any value: each of them may contain our rules."""
    tag = {"Name": "tag-key", "Values": [f"kubernetes.io/cluster/{session.config.cluster_name}"]}
    place = [{"Name": "vpc-id", "Values": [session.config.vpc_id]}] if session.config.vpc_id else []
    items = await session.pages("ec2", "DescribeSecurityGroups", "SecurityGroups", Filters=[*place, tag])
    for item in items:
        session.cache.put(("rules of", item["GroupId"]), _read(item))
    return tuple(sorted(item["GroupId"] for item in items))


async def _group(session: Session, identity: str) -> FoundGroup | None:
    try:
        items = await session.pages("ec2", "DescribeSecurityGroups", "SecurityGroups", GroupIds=[identity])
    except errors.NotFound:
        return None
    return _read(items[0]) if items else None


def _read(item: Mapping[str, Any]) -> FoundGroup:
    tags = {t["Key"]: t["Value"] for t in item.get("Tags", ())}
    return FoundGroup(item["GroupId"], item.get("GroupName", ""), tags, read_permissions(item.get("IpPermissions", ())))


async def open_ports(session: Session, group: str, grant: Iterable[Permission], revoke: Iterable[Permission]) -> None:
    """Grant, then revoke, one call each. No error if another controller has added or removed a rule meanwhile."""
    granted, revoked, same = list(grant), list(revoke), False
    try:
        with judged():
            if granted:
                await _each(session, "AuthorizeSecurityGroupIngress", group, granted)
            if revoked:
                await _each(session, "RevokeSecurityGroupIngress", group, revoked)
    except errors.Denied as error:
        same = error.harmless
        raise
    finally:
        if not same:
            session.cache.forget(("rules of", group))


async def _each(session: Session, operation: str, group: str, permissions: list[Permission]) -> None:
    """All rules in one call; if one of them exists or is deleted already, each rule has its own call."""
    try:
        await _change(session, operation, group, permissions)
    except (errors.Conflict, errors.NotFound):
        for permission in permissions:
            try:
                await _change(session, operation, group, [permission])
            except (errors.Conflict, errors.NotFound):
                continue


async def _change(session: Session, operation: str, group: str, permissions: list[Permission]) -> None:
    if operation == "AuthorizeSecurityGroupIngress":
        await session.call("ec2", "AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=write(permissions))
    else:
        await session.call("ec2", "RevokeSecurityGroupIngress", GroupId=group, IpPermissions=write(permissions))
