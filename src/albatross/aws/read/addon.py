"""The current web ACLs and Shield protection of load balancers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from albatross.aws.read import shield
from albatross.aws.session.client import Session
from albatross.aws.session.errors import CODES_OF_PERMISSION, Denied
from albatross.model.config import Config
from albatross.model.observed import Observed, Owned
from albatross.model.resources.addon import Protection, RegionalWebAclAssociation, WebAclAssociation
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import Stack

SECONDS = 600.0
"""How long an association is cached; our own writes are stored at once."""

W = TypeVar("W", WebAclAssociation, RegionalWebAclAssociation, Protection)


async def observed(session: Session, config: Config, stack: Stack | None, found: Observed) -> Observed:
    """`found` with the web ACLs and the protection of its load balancers, but only those that the stack sets.

    The protection of a load balancer that goes is read too: it does not go with it, and afterwards nothing would lead to it.
    """
    if stack is None:
        return found
    going = shield.going(stack, found)
    arns = {each.resource.id: each.arn for each in found.load_balancers if each not in going}
    denied: set[str] = set()
    acls, regional, shields, left = await asyncio.gather(
        _each(stack.web_acls if config.enable_wafv2 else (), arns, _unless(denied, "wafv2", partial(_web_acl, session))),
        _each(stack.regional_web_acls if config.enable_waf else (), arns, _unless(denied, "waf-regional", partial(_regional, session))),
        _each(stack.protections if config.enable_shield else (), arns, _unless(denied, "shield", partial(shield.protection, session))),
        asyncio.gather(*(shield.last(session, each) for each in going if config.enable_shield and each.resource.type == "application")),
    )
    protections = (*shields, *(each for each in left if each))
    return replace(found, web_acls=acls, regional_web_acls=regional, protections=protections, denied=frozenset(denied))


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
