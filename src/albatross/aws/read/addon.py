"""The current web ACLs and Shield protection of load balancers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from albatross.aws.session.client import Session
from albatross.aws.session.errors import CODES_OF_PERMISSION, AwsError, Denied, NotFound
from albatross.model.config import Config
from albatross.model.observed import Observed, Owned
from albatross.model.resources.addon import Protection, RegionalWebAclAssociation, WebAclAssociation
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import Stack

SECONDS = 600.0
"""How long an association is cached; our own writes are stored at once."""
SUBSCRIPTION_SECONDS = 2 * 3600.0
"""How long the state of the account's Shield subscription is cached."""

PATIENCE_SECONDS = 10.0
"""How long a deletion waits for Shield (chosen by us): a cluster without a way to Shield must be able to delete load balancers too."""

PROTECTION = "managed by aws-load-balancer-controller"
"""The name of protections that we create: the same as the peer's, so that each controller finds the protections of the other."""
OURS = frozenset({PROTECTION, "managed by aws-alb-ingress-controller"})
"""Names of protections that may be deleted."""


W = TypeVar("W", WebAclAssociation, RegionalWebAclAssociation, Protection)


async def observed(session: Session, config: Config, stack: Stack | None, found: Observed) -> Observed:
    """`found` with the web ACLs and the protection of its load balancers, but only those that the stack sets.

    The protection of a load balancer that goes is read too: it does not go with it, and afterwards nothing would lead to it.
    """
    if stack is None:
        return found
    going = _going(stack, found)
    arns = {each.resource.id: each.arn for each in found.load_balancers if each not in going}
    denied: set[str] = set()
    acls, regional, shields, left = await asyncio.gather(
        _each(stack.web_acls if config.enable_wafv2 else (), arns, _unless(denied, "wafv2", partial(_web_acl, session))),
        _each(stack.regional_web_acls if config.enable_waf else (), arns, _unless(denied, "waf-regional", partial(_regional, session))),
        _each(stack.protections if config.enable_shield else (), arns, _unless(denied, "shield", partial(_protection, session))),
        asyncio.gather(*(_last(session, each) for each in going if config.enable_shield and each.resource.type == "application")),
    )
    protections = (*shields, *(each for each in left if each))
    return replace(found, web_acls=acls, regional_web_acls=regional, protections=protections, denied=frozenset(denied))


def _going(stack: Stack, found: Observed) -> list[Owned[LoadBalancer]]:
    """The load balancers that the stack does not have, or that another one with the same id replaces."""
    wanted = {(each.id, each.type, each.scheme) for each in stack.load_balancers}
    return [each for each in found.load_balancers if (each.resource.id, each.resource.type, each.resource.scheme) not in wanted]


Ask = Callable[[W, str], Awaitable[Owned[W] | None]]


def _unless(denied: set[str], feature: str, ask: Ask[W]) -> Ask[W]:
    """If AWS denies the question, the desired state is returned as the current one, so that it is not changed."""

    async def asked(want: W, arn: str) -> Owned[W] | None:
        try:
            return await ask(want, arn)
        except Denied as error:
            if error.code not in CODES_OF_PERMISSION:
                raise
            denied.add(feature)
            return Owned(resource=want, arn="")

    return asked


async def _each(wanted: Sequence[W], arns: Mapping[str, str], ask: Ask[W]) -> tuple[Owned[W], ...]:
    known = [(each, arns[each.resource.id]) for each in wanted if isinstance(each.resource, Ref) and each.resource.id in arns]
    answers = await asyncio.gather(*(ask(want, arn) for want, arn in known))
    return tuple(each for each in answers if each is not None)


async def _web_acl(session: Session, want: WebAclAssociation, arn: str) -> Owned[WebAclAssociation] | None:
    async def ask() -> str:
        found = await session.call("wafv2", "GetWebACLForResource", ResourceArn=arn)
        return str((found.get("WebACL") or {}).get("ARN") or "")

    current = await session.cache.get(("web acl", arn), SECONDS, ask)
    return Owned(resource=replace(want, resource=arn, web_acl_arn=current), arn=arn) if current else None


async def _regional(session: Session, want: RegionalWebAclAssociation, arn: str) -> Owned[RegionalWebAclAssociation] | None:
    async def ask() -> str:
        found = await session.call("waf-regional", "GetWebACLForResource", ResourceArn=arn)
        return str((found.get("WebACLSummary") or {}).get("WebACLId") or "")

    current = await session.cache.get(("regional web acl", arn), SECONDS, ask)
    return Owned(resource=replace(want, resource=arn, web_acl_id=current), arn=arn) if current else None


async def _protection(session: Session, want: Protection, arn: str) -> Owned[Protection] | None:
    """In an account without a Shield subscription, the desired state is returned as the current one: it could not be changed."""
    if not await subscribed(session):
        return Owned(resource=want, arn="")
    identity, name = await _described(session, arn)
    if not identity:
        return None
    return Owned(resource=replace(want, resource=arn, enabled=want.enabled or name in OURS), arn=identity)


async def _described(session: Session, arn: str) -> tuple[str, str]:
    """The id and the name of a load balancer's protection; both are empty if it has none."""

    async def ask() -> tuple[str, str]:
        try:
            found = (await session.call("shield", "DescribeProtection", ResourceArn=arn))["Protection"]
        except NotFound:
            return "", ""
        return str(found["Id"]), str(found.get("Name") or "")

    return await session.cache.get(("protection", arn), SECONDS, ask)


async def _last(session: Session, balancer: Owned[LoadBalancer]) -> Owned[Protection] | None:
    """Our protection of a load balancer that goes. If Shield may not be asked, or does not answer, the load balancer goes without it."""

    async def ask() -> bool:
        try:
            async with session.clock.timeout(PATIENCE_SECONDS):
                return await subscribed(session)
        except (TimeoutError, Denied):
            return False

    if not await session.cache.get("shield answers", SECONDS, ask):
        return None
    try:
        identity, name = await _described(session, balancer.arn)
    except Denied as error:
        if error.code not in CODES_OF_PERMISSION:
            raise
        return None
    protection = Protection(id=balancer.resource.id, resource=balancer.arn, enabled=True)
    return Owned(resource=protection, arn=identity) if name in OURS else None


async def subscribed(session: Session) -> bool:
    """Whether the account has Shield Advanced; False if the question fails. Errors: Denied if the permission for it is missing."""

    async def ask() -> bool:
        try:
            return (await session.call("shield", "GetSubscriptionState")).get("SubscriptionState") == "ACTIVE"
        except AwsError as error:
            if error.code in CODES_OF_PERMISSION:
                raise
            return False

    return await session.cache.get("shield subscription", SUBSCRIPTION_SECONDS, ask)
