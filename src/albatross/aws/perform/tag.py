"""Tags of elbv2 resources and security groups."""

from collections.abc import Mapping

from albatross.aws.session.client import Session
from albatross.model.plan import Update
from albatross.model.resources.ref import Pairs


def items(pairs: Pairs) -> list[dict[str, str]] | None:
    """The form of a request; None if there are no pairs."""
    return [{"Key": key, "Value": value} for key, value in pairs] or None


async def balancing(session: Session, change: Update) -> None:
    """Add, then remove, the tags of a load balancer, listener, rule or target group."""
    arn = change.before.arn
    if change.put_tags:
        await session.call("elbv2", "AddTags", ResourceArns=[arn], Tags=items(change.put_tags))
    if change.remove_tags:
        await session.call("elbv2", "RemoveTags", ResourceArns=[arn], TagKeys=[key for key, _ in change.remove_tags])
    if change.put_tags or change.remove_tags:
        session.inventory.retag(arn, left(change))


async def computing(session: Session, change: Update) -> None:
    """Add, then remove, the tags of a security group; a tag is removed with its value, so that a changed value of others is kept."""
    group = change.before.arn
    if change.put_tags:
        await session.call("ec2", "CreateTags", Resources=[group], Tags=items(change.put_tags))
    if change.remove_tags:
        await session.call("ec2", "DeleteTags", Resources=[group], Tags=items(change.remove_tags))


def left(change: Update) -> Mapping[str, str]:
    """The tags after the change."""
    gone = {key for key, _ in change.remove_tags}
    return {key: value for key, value in change.before.tags if key not in gone} | dict(change.put_tags)
