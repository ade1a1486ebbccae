"""Making, changing and deleting security groups."""

from collections.abc import Awaitable, Callable

from albatross.aws.perform import tag
from albatross.aws.perform.learn import Learnt
from albatross.aws.session.client import Session
from albatross.aws.session.errors import AwsError, NotFound, NotReady
from albatross.aws.session.retry import DEPENDENCY, again
from albatross.aws.wire import security_group as wire
from albatross.errors import AlbatrossError
from albatross.model.plan import Create, Delete, Update
from albatross.model.resources.ref import Pairs, Ref
from albatross.model.resources.security_group import Permission, SecurityGroup

Release = Callable[[str], Awaitable[None]]
"""Takes our rules that name a security group away, so that it can be deleted."""

SPREAD_WITHIN = 10.0
"""Seconds in which a group made a moment ago is known everywhere."""

HELD_SECONDS = 120.0
"""How long a group that is to be deleted may be held before that counts as an error (the other controller waits as long)."""

HELD_AGAIN = (1.0, 10.0)
"""The shortest and the longest time, in seconds, until the deletion of a held group is tried again."""

NOT_THERE_YET = frozenset({"InvalidGroup.NotFound", "InvalidGroupId.NotFound"})
"""Codes for a group that AWS has not spread yet."""

STALE = frozenset({"InvalidPermission.Duplicate", "InvalidPermission.NotFound", "RulesPerSecurityGroupLimitExceeded"})
"""Codes that say the group is not as we thought: read it anew and try once more."""


async def create(session: Session, made: Create, group: SecurityGroup) -> Learnt:
    """CreateSecurityGroup with tags, then its rules."""
    arn = await new(session, group, made.tags)
    if group.ingress:
        await _open(session, arn, group.ingress)
    session.inventory.touch("security_group", arn)
    return {Ref("SecurityGroup", group.id, "group_id"): arn}


async def _open(session: Session, arn: str, permissions: tuple[Permission, ...]) -> None:
    """A group made a moment ago may not be known everywhere."""

    async def call() -> object:
        return await session.call("ec2", "AuthorizeSecurityGroupIngress", GroupId=arn, IpPermissions=wire.write(permissions))

    await again(call, on=NOT_THERE_YET, clock=session.clock, within=SPREAD_WITHIN)


async def new(session: Session, group: SecurityGroup, tags: Pairs) -> str:
    """CreateSecurityGroup; its id."""
    specification = [{"ResourceType": "security-group", "Tags": tag.items(tags)}]
    answer = await session.call(
        "ec2",
        "CreateSecurityGroup",
        GroupName=group.name,
        Description=group.description,
        VpcId=session.config.vpc_id or None,
        TagSpecifications=specification if tags else None,
    )
    return str(answer["GroupId"])


async def update(session: Session, change: Update, group: SecurityGroup) -> None:
    """Tags, then rules: what is missing is granted before what is left over is revoked."""
    arn, before = change.before.arn, change.before.resource
    assert isinstance(before, SecurityGroup)
    await tag.computing(session, change)
    if "ingress" in change.changed:
        await ingress(session, arn, group.ingress, before.ingress)
    session.inventory.touch("security_group", arn)


async def ingress(session: Session, arn: str, desired: tuple[Permission, ...], current: tuple[Permission, ...]) -> None:
    """Bring a group's rules to the desired ones; where AWS knows better what is there, once more from a fresh reading."""
    try:
        await _apply(session, arn, desired, current)
    except AwsError as error:
        if error.code not in STALE:
            raise
        found = await session.call("ec2", "DescribeSecurityGroups", GroupIds=[arn])
        now = wire.read_permissions(found["SecurityGroups"][0].get("IpPermissions") or ())
        await _apply(session, arn, desired, now, revoke_first=error.code == "RulesPerSecurityGroupLimitExceeded")


async def _apply(
    session: Session,
    arn: str,
    desired: tuple[Permission, ...],
    current: tuple[Permission, ...],
    *,
    revoke_first: bool = False,
) -> None:
    missing = [each for each in desired if each not in set(current)]
    surplus = [each for each in current if each not in set(desired)]

    async def grant() -> None:
        if missing:
            await session.call("ec2", "AuthorizeSecurityGroupIngress", GroupId=arn, IpPermissions=wire.write(missing))

    async def revoke() -> None:
        if surplus:
            await session.call("ec2", "RevokeSecurityGroupIngress", GroupId=arn, IpPermissions=wire.write(surplus))

    for act in (revoke, grant) if revoke_first else (grant, revoke):
        await act()


async def delete(session: Session, gone: Delete, release: Release | None = None) -> None:
    """DeleteSecurityGroup; see `remove`."""
    await remove(session, gone.before.arn, release)


async def remove(session: Session, arn: str, release: Release | None = None) -> None:
    """Delete a group; `release`, if any, is called where it was held twice in a row, to take our rules that name it away.

    Errors: NotReady while something holds it (a deleted load balancer's network interfaces go some seconds after it), so that nobody
    waits here; after `HELD_SECONDS` of that, Busy.
    """
    try:
        await session.call("ec2", "DeleteSecurityGroup", GroupId=arn)
    except NotFound:
        pass
    except AwsError as error:
        if error.code not in DEPENDENCY:
            raise
        since, before = session.held.get(arn, (session.clock.now(), 0))
        session.held[arn] = (since, before + 1)
        if before == 1 and release:
            await release(arn)
        raise _held(arn, session.clock.now() - since, error) from error
    session.held.pop(arn, None)
    session.inventory.drop("security_group", arn)


def _held(arn: str, waited: float, error: AwsError) -> AlbatrossError:
    """When to come again: soon at first, ever later on; the error itself once that has gone on for too long."""
    soonest, latest = HELD_AGAIN
    if waited > HELD_SECONDS:
        return error
    return NotReady(f"security group {arn} is still held by something", min(latest, max(soonest, waited / 4)))
