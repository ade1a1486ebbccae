"""Creates, changes, moves and deletes rules."""

from typing import Any

from albatross.aws.perform import tag
from albatross.aws.perform.learn import Learnt
from albatross.aws.session.client import Session
from albatross.aws.session.errors import Limit, NotFound
from albatross.aws.session.retry import LISTENER_NOT_FOUND, again
from albatross.aws.wire import action
from albatross.aws.wire import rule as wire
from albatross.model.plan import Create, Delete, SetRulePriorities, Update
from albatross.model.resources.ref import Ref
from albatross.model.resources.rule import Rule

SETTINGS = frozenset({"actions", "conditions", "transforms"})
"""Fields that ModifyRule changes."""
GONE_SECONDS = 600.0
"""How long a deleted rule is remembered (chosen by us: longer than a plan runs)."""


async def create(session: Session, made: Create, rule: Rule) -> Learnt:
    """CreateRule; if the listener is full, rules that will be deleted anyway are deleted first, one after the other."""
    try:
        item = await _create(session, made, rule)
    except Limit as error:
        if error.code != "TooManyRules" or not made.room:
            raise
        item = await _make_room(session, made, rule)
    arn = item["RuleArn"]
    session.inventory.retag(arn, dict(made.tags))
    _remember(session, arn, rule)
    return {Ref("Rule", rule.id, "arn"): arn}


async def _create(session: Session, made: Create, rule: Rule) -> dict[str, Any]:
    request = wire.settings(rule, session.config.gate("WeightedTargetGroups"))
    request |= {"ListenerArn": _listener(rule), "Priority": rule.priority, "Transforms": wire.transforms(rule) or None}

    async def call() -> dict[str, Any]:
        return await session.call("elbv2", "CreateRule", **request, Tags=tag.items(made.tags))

    answer = await again(call, on=LISTENER_NOT_FOUND, clock=session.clock)
    item: dict[str, Any] = answer["Rules"][0]
    return item


async def _make_room(session: Session, made: Create, rule: Rule) -> dict[str, Any]:
    """Only one rule of a listener at a time does this, so that two tasks do not use the same free place."""
    async with session.lock(f"rules {_listener(rule)}"):
        for arn in made.room:
            if not await _remove(session, arn):
                continue
            try:
                return await _create(session, made, rule)
            except Limit as error:
                if error.code != "TooManyRules":
                    raise
        return await _create(session, made, rule)


async def _remove(session: Session, arn: str) -> bool:
    """Delete the rule once; returns whether it still existed.

    A second DeleteRule would be denied: our policy allows it only for a rule with our tag, and a deleted rule has none.
    """
    removed = []

    async def call() -> None:
        await session.call("elbv2", "DeleteRule", RuleArn=arn)
        removed.append(arn)

    try:
        await session.cache.get(("rule deleted", arn), GONE_SECONDS, call)
    except NotFound:
        return False
    return bool(removed)


def _listener(rule: Rule) -> str:
    return action.literal(rule.listener)


async def update(session: Session, change: Update, rule: Rule) -> None:
    """ModifyRule if the settings differ, then tags."""
    if set(change.changed) & SETTINGS:
        rewrites = wire.transforms(rule)
        request = wire.settings(rule, session.config.gate("WeightedTargetGroups"))
        request |= {"Transforms": rewrites} if rewrites else {"ResetTransforms": True}
        await session.call("elbv2", "ModifyRule", RuleArn=change.before.arn, **request)
        _remember(session, change.before.arn, rule)
    await tag.balancing(session, change)


async def prioritize(session: Session, wish: SetRulePriorities) -> None:
    """SetRulePriorities in one call, because priorities can be exchanged."""
    pairs = [{"RuleArn": move.rule.arn, "Priority": move.priority} for move in wish.moves]
    await session.call("elbv2", "SetRulePriorities", RulePriorities=pairs)


async def delete(session: Session, gone: Delete) -> None:
    """DeleteRule; no error if the rule was deleted already, for example to make room."""
    await _remove(session, gone.before.arn)
    session.secrets.pop(gone.before.arn, None)


def _remember(session: Session, arn: str, rule: Rule) -> None:
    if secret := action.secret(rule.actions):
        session.secrets[arn] = secret
