"""Creates, changes and deletes security groups."""

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
"""Removes our rules that name a security group, so that it can be deleted."""

SPREAD_WITHIN = 10.0
"""Seconds until all parts of AWS know a new group."""

HELD_SECONDS = 120.0
"""How long a group may stay in use after the request to delete it, before this is an error (the AWS controller waits as long)."""

HELD_AGAIN = (1.0, 10.0)
"""The shortest and the longest time, in seconds, until the next try to delete a group in use."""

NOT_THERE_YET = frozenset({"InvalidGroup.NotFound", "InvalidGroupId.NotFound"})
"""Codes for a new group that this part of AWS does not know yet."""

STALE = frozenset({"InvalidPermission.Duplicate", "InvalidPermission.NotFound", "RulesPerSecurityGroupLimitExceeded"})
"""Codes that mean that the group is not in the state that we know: read it again and retry once."""


async def create(session: Session, made: Create, group: SecurityGroup) -> Learnt:
    """CreateSecurityGroup with tags, then add its rules."""
    arn = await new(session, group, made.tags)
    try:
        if group.ingress:
            await _open(session, arn, tuple(dict.fromkeys(group.ingress)))
    finally:
        session.inventory.touch("security_group", arn)
    return {Ref("SecurityGroup", group.id, "group_id"): arn}


async def _open(session: Session, arn: str, permissions: tuple[Permission, ...]) -> None:
    """This part of AWS may not know a new group yet."""

    async def call() -> object:
        return await session.call("ec2", "AuthorizeSecurityGroupIngress", GroupId=arn, IpPermissions=wire.write(permissions))

    await again(call, on=NOT_THERE_YET, clock=session.clock, within=SPREAD_WITHIN)


async def new(session: Session, group: SecurityGroup, tags: Pairs) -> str:
    """CreateSecurityGroup; returns its id."""
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
    """Tags, then rules: missing rules are granted before surplus rules are revoked."""
    arn, before = change.before.arn, change.before.resource
    assert isinstance(before, SecurityGroup)
    try:
        await tag.computing(session, change)
        if "ingress" in change.changed:
            await ingress(session, arn, group.ingress, before.ingress)
    finally:
        session.inventory.touch("security_group", arn)


async def ingress(session: Session, arn: str, desired: tuple[Permission, ...], current: tuple[Permission, ...]) -> None:
    """Change a group's rules to the desired ones; if AWS has other rules than we know, read them again and retry once."""
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
    # A model can have a rule several times, but EC2 refuses a call with the same rule twice.
    missing = [each for each in dict.fromkeys(desired) if each not in set(current)]
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
    """Delete a group; if it is in use twice in a row, `release` is called to remove our rules that name it.

    Errors: NotReady while the group is in use (the network interfaces of a deleted load balancer exist for some more seconds), so that no
    worker waits here; after `HELD_SECONDS`, Busy.
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
    """NotReady with the time until the next try: short at first, then longer and longer; after the limit, the error itself."""
    soonest, latest = HELD_AGAIN
    if waited > HELD_SECONDS:
        return error
    return NotReady(f"security group {arn} is still held by something", min(latest, max(soonest, waited / 4)))
