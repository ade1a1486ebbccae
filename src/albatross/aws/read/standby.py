"""What is read only while a load balancer replaces another one: the state of both, and the health of their targets."""

import asyncio
from collections import defaultdict
from dataclasses import replace

from albatross.aws.session.client import Session
from albatross.aws.session.errors import NotFound
from albatross.aws.targets import health
from albatross.catalog import tracking
from albatross.model.observed import Observed, Owned
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.stack import Stack
from albatross.token import literals

Balancer = Owned[LoadBalancer]


async def checked(session: Session, stack: Stack | None, found: Observed) -> Observed:
    """The resources with the time of the reading, and with what a replacement waits for. Without one, it makes no call."""
    timed = replace(found, at=session.clock.utc().timestamp())
    pairs = _pairs(found)
    if not pairs:
        return timed
    groups = _used(found, {each.arn for pair in pairs if _moving(stack, pair) for each in pair})
    states, healthy = await asyncio.gather(
        asyncio.gather(*(_current(session, each) for pair in pairs for each in pair)),
        asyncio.gather(*(_healthy(session, each) for each in groups)),
    )
    fresh = {each.arn: each for each in states}
    return replace(
        timed,
        load_balancers=tuple(fresh.get(each.arn, each) for each in found.load_balancers),
        healthy=frozenset(arn for arn, well in zip(groups, healthy, strict=True) if well),
    )


def _pairs(found: Observed) -> list[list[Balancer]]:
    """The load balancers with the same id: one of them replaces the others."""
    same = defaultdict[str, list[Balancer]](list)
    for each in found.load_balancers:
        same[each.resource.id].append(each)
    return [pair for pair in same.values() if len(pair) > 1]


def _moving(stack: Stack | None, pair: list[Balancer]) -> bool:
    """Whether the address may still have to move to one of them. If it is not known what the objects ask for, it may."""
    wanted = {each.id: (each.type, each.scheme) for each in stack.load_balancers} if stack else {}
    old = [each for each in pair if (each.resource.type, each.resource.scheme) != wanted.get(each.resource.id)]
    return any(tracking.moved(each.tags) is None for each in old)


def _used(found: Observed, balancers: set[str]) -> list[str]:
    listeners = [each for each in found.listeners if each.parent in balancers]
    parents = {each.arn for each in listeners}
    texts = {text for each in (*listeners, *(one for one in found.rules if one.parent in parents)) for text in literals(each.resource)}
    return sorted(each.arn for each in found.target_groups if each.arn in texts)


async def _current(session: Session, owned: Balancer) -> Balancer:
    """The load balancer with its state of now: what is known of it can be older."""
    if owned.state != "provisioning":
        return owned
    answer = await session.call("elbv2", "DescribeLoadBalancers", LoadBalancerArns=[owned.arn])
    session.inventory.put("load_balancer", answer["LoadBalancers"][0])
    return replace(owned, state=(answer["LoadBalancers"][0].get("State") or {}).get("Code", ""))


async def _healthy(session: Session, group: str) -> bool:
    try:
        return any(each.state == "healthy" for each in await health.registered(session, group))
    except NotFound:
        return False
