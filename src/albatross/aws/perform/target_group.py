"""Creates, changes and deletes target groups."""

from albatross.aws.perform import attribute, tag
from albatross.aws.perform.learn import Learnt
from albatross.aws.session.client import Session
from albatross.aws.session.errors import NotFound
from albatross.aws.session.retry import IN_USE, again, known
from albatross.aws.wire import target_group as wire
from albatross.model.plan import Create, Delete, Update
from albatross.model.resources.ref import Pairs, Ref
from albatross.model.resources.target_group import TargetGroup


async def create(session: Session, made: Create, group: TargetGroup) -> Learnt:
    """CreateTargetGroup, then its attributes."""
    request = wire.creation(group, session.config.vpc_id)
    item = (await session.call("elbv2", "CreateTargetGroup", **request, Tags=tag.items(made.tags)))["TargetGroups"][0]
    session.inventory.put("target_group", item, dict(made.tags))
    arn = item["TargetGroupArn"]
    if not item.get("LoadBalancerArns"):  # AWS answers with the existing one if it has the same name and settings
        session.fresh.add(arn)
    if group.attributes:
        now = await known(lambda: session.call("elbv2", "DescribeTargetGroupAttributes", TargetGroupArn=arn), session.clock)
        await _attributes(session, arn, group.attributes, attribute.pairs(now))
    return {Ref("TargetGroup", group.id, "arn"): arn}


async def update(session: Session, change: Update, group: TargetGroup) -> None:
    """Tags, health check, attributes."""
    arn, before = change.before.arn, change.before.resource
    await tag.balancing(session, change)
    if "health_check" in change.changed:
        answer = await session.call("elbv2", "ModifyTargetGroup", TargetGroupArn=arn, **wire.health_check(group.health_check))
        session.inventory.put("target_group", answer["TargetGroups"][0])
    if "attributes" in change.changed and isinstance(before, TargetGroup):
        await _attributes(session, arn, group.attributes, before.attributes)


async def _attributes(session: Session, arn: str, desired: Pairs, current: Pairs) -> None:
    if changes := attribute.differing(desired, current):
        await session.call("elbv2", "ModifyTargetGroupAttributes", TargetGroupArn=arn, Attributes=changes)


async def delete(session: Session, gone: Delete) -> None:
    """DeleteTargetGroup; rules that were deleted a moment ago can still use it for some seconds."""
    arn = gone.before.arn
    try:
        await again(lambda: session.call("elbv2", "DeleteTargetGroup", TargetGroupArn=arn), on=IN_USE, clock=session.clock)
    except NotFound:
        pass
    session.born(arn)
    session.inventory.drop("target_group", arn)
