"""Creates, changes and deletes load balancers."""

from collections.abc import Iterable
from typing import Any

from albatross.aws.perform import attribute, tag
from albatross.aws.perform.learn import Learnt
from albatross.aws.read import capacity as reservation
from albatross.aws.session.client import Session
from albatross.aws.session.errors import Invalid, NotFound, NotReady
from albatross.aws.session.retry import IN_USE, again, known
from albatross.aws.wire import load_balancer as wire
from albatross.aws.wire.action import literal
from albatross.catalog import tracking
from albatross.model.plan import Create, Delete, Retire, SetCapacity, Update
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Pairs
from albatross.model.target import Target

ACTIVE_SECONDS = 10.0
"""Seconds until a load balancer is checked again that must be active to be a target (chosen by us: AWS needs one to three minutes)."""
STABLE_SECONDS = 120.0
"""How long until a load balancer that is being provisioned is checked again (`--lb-stabilization-monitor-interval`)."""

UNPROTECTED = [{"Key": "deletion_protection.enabled", "Value": "false"}]


async def create(session: Session, made: Create, balancer: LoadBalancer) -> Learnt:
    """CreateLoadBalancer, then its attributes."""
    answer = await session.call("elbv2", "CreateLoadBalancer", **wire.creation(balancer), Tags=tag.items(made.tags))
    item: dict[str, Any] = answer["LoadBalancers"][0]
    session.inventory.put("load_balancer", item, dict(made.tags))
    arn = item["LoadBalancerArn"]
    if balancer.attributes:
        now = await known(lambda: session.call("elbv2", "DescribeLoadBalancerAttributes", LoadBalancerArn=arn), session.clock)
        await _attributes(session, arn, balancer.attributes, attribute.pairs(now))
    if balancer.private_link_rules and balancer.security_groups:
        await _security_groups(session, arn, balancer)
        session.inventory.touch("load_balancer", arn)
    return wire.learnt(balancer.id, item)


async def update(session: Session, change: Update, balancer: LoadBalancer) -> None:
    """In the order that AWS needs: a pool is removed before the change of the address type, and added after it."""
    arn, fields = change.before.arn, change.changed
    before = change.before.resource
    if "ipv4_ipam_pool" in fields and not balancer.ipv4_ipam_pool:
        await session.call("elbv2", "ModifyIpPools", LoadBalancerArn=arn, RemoveIpamPools=["ipv4"])
    await tag.balancing(session, change)
    if {"security_groups", "private_link_rules"} & set(fields):
        await _security_groups(session, arn, balancer)
    if {"subnet_mappings", "ipv6_source_nat"} & set(fields):
        request = {"SubnetMappings": wire.mappings(balancer), "EnablePrefixForIpv6SourceNat": balancer.ipv6_source_nat}
        await session.call("elbv2", "SetSubnets", LoadBalancerArn=arn, **request)
    if "ip_address_type" in fields:
        await session.call("elbv2", "SetIpAddressType", LoadBalancerArn=arn, IpAddressType=balancer.ip_address_type)
    if "attributes" in fields and isinstance(before, LoadBalancer):
        await _attributes(session, arn, balancer.attributes, before.attributes)
    if "ipv4_ipam_pool" in fields and balancer.ipv4_ipam_pool:
        await session.call("elbv2", "ModifyIpPools", LoadBalancerArn=arn, IpamPools={"Ipv4IpamPoolId": balancer.ipv4_ipam_pool})
    if set(fields) - {"tags", "attributes"}:  # a description does not contain these
        session.inventory.touch("load_balancer", arn)


async def _security_groups(session: Session, arn: str, balancer: LoadBalancer) -> None:
    """The groups, and whether their rules apply to traffic through PrivateLink; the latter stays as it is without a setting."""
    request = {"SecurityGroups": [literal(each) for each in balancer.security_groups]}
    rules = balancer.private_link_rules
    await session.call(
        "elbv2", "SetSecurityGroups", LoadBalancerArn=arn, **request, EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic=rules
    )


async def _attributes(session: Session, arn: str, desired: Pairs, current: Pairs) -> None:
    if changes := attribute.differing(desired, current):
        await session.call("elbv2", "ModifyLoadBalancerAttributes", LoadBalancerArn=arn, Attributes=changes)


async def retire(session: Session, old: Retire) -> None:
    """AddTags: the time from which the load balancer only serves clients that still know its name."""
    arn, tags = old.before.arn, {tracking.REPLACED: tracking.stamp(session.clock.utc())}
    await session.call("elbv2", "AddTags", ResourceArns=[arn], Tags=tag.items(tuple(tags.items())))
    session.inventory.retag(arn, dict(old.before.tags) | tags)


async def delete(session: Session, gone: Delete) -> None:
    """DeleteLoadBalancer, with all its listeners. If AWS refuses it, deletion protection is switched off first, as the plan reported."""
    arn = gone.before.arn
    try:
        await _delete(session, arn)
    except NotFound:
        pass
    except Invalid as error:
        if error.code != "OperationNotPermitted":
            raise
        await _unprotect(session, arn)
        await _delete(session, arn)
    session.inventory.drop("load_balancer", arn)


async def _delete(session: Session, arn: str) -> None:
    """A load balancer that was a target until a moment ago can still be in use for some seconds."""
    await again(lambda: session.call("elbv2", "DeleteLoadBalancer", LoadBalancerArn=arn), on=IN_USE, clock=session.clock)


async def _unprotect(session: Session, arn: str) -> None:
    await session.call("elbv2", "ModifyLoadBalancerAttributes", LoadBalancerArn=arn, Attributes=UNPROTECTED)


async def awaited(session: Session, targets: Iterable[Target]) -> None:
    """Call it after AWS refused targets. Errors: NotReady if one is a load balancer that is being provisioned: it can be a target later."""
    for arn in (literal(each.id) for each in targets):
        if not arn.startswith("arn:"):
            continue
        found = (await session.call("elbv2", "DescribeLoadBalancers", LoadBalancerArns=[arn]))["LoadBalancers"]
        if found and (found[0].get("State") or {}).get("Code") == "provisioning":
            name = found[0].get("LoadBalancerName", arn)
            raise NotReady(f"load balancer {name} is being provisioned; it becomes a target after that", ACTIVE_SECONDS)


async def capacity(session: Session, wish: SetCapacity, arn: str) -> None:
    """Reserve capacity, or reset it if `units` is 0. Errors: NotReady while the load balancer is being provisioned."""
    found = await session.call("elbv2", "DescribeLoadBalancers", LoadBalancerArns=[arn])
    if ((found["LoadBalancers"][0].get("State") or {}).get("Code")) == "provisioning":
        raise NotReady(f"load balancer {wish.load_balancer.id} is being provisioned; its capacity is set after that", STABLE_SECONDS)
    if await reservation.reserved(session, arn) == wish.units:
        return
    if wish.units:
        units = {"CapacityUnits": wish.units}
        await session.call("elbv2", "ModifyCapacityReservation", LoadBalancerArn=arn, MinimumLoadBalancerCapacity=units)
    else:
        await session.call("elbv2", "ModifyCapacityReservation", LoadBalancerArn=arn, ResetCapacityReservation=True)
