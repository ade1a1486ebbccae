"""The current resources of one stack in AWS, with as few calls as possible.

Load balancers, target groups, security groups and all tags come from the session's shared inventory. Per load balancer: its listeners; per
listener: its rules, and its certificates if it uses TLS. Attributes, capacity, web ACLs and Shield are read only if the desired stack
sets them (or if no stack is given).
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from albatross.aws.read import addon, capacity, standby, zone
from albatross.aws.session.client import Session
from albatross.aws.session.errors import Denied, NotFound
from albatross.aws.session.inventory import Kind
from albatross.aws.wire import certificate, listener, load_balancer, rule, security_group, target_group
from albatross.catalog import tracking
from albatross.model.config import Config
from albatross.model.facts import Tags
from albatross.model.observed import UNREAD, Observed, Owned
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.record import Record
from albatross.model.resources.ref import Pairs
from albatross.model.resources.rule import Rule
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.stack import Stack, StackId
from albatross.model.resources.target_group import TargetGroup
from albatross.model.target import Target

log = structlog.get_logger("observe")

Item = Mapping[str, Any]


async def observe(session: Session, stack_id: StackId, config: Config, stack: Stack | None = None, lean: bool = False) -> Observed:
    """The stack's resources, without bindings, which are in the cluster. If a load balancer is deleted meanwhile, all is read once more.

    `lean`: do not read the tags of listeners and rules, which are half of all tags; they are `UNREAD`.
    """
    scope = _Scope(session, stack_id, config, stack)
    try:
        found = await _observe(scope)
    except NotFound:
        session.inventory.relist()
        found = await _observe(scope)
    return found if lean else await tagged(session, stack_id, config, found)


async def tagged(session: Session, stack_id: StackId, config: Config, found: Observed) -> Observed:
    """The same resources, with the tags of listeners and rules, and with the ids in these tags."""
    tags: Mapping[str, Tags] = {}
    if config.gate("ListenerRulesTagging"):
        tags = await session.inventory.tags(each.arn for each in (*found.listeners, *found.rules))
    scope = _Scope(session, stack_id, config, None)
    listeners = tuple(_tagged_listener(scope, each, tags.get(each.arn, {})) for each in found.listeners)
    rules = tuple(_tagged_rule(scope, each, tags.get(each.arn, {})) for each in found.rules)
    return replace(found, listeners=listeners, rules=rules)


@dataclass(frozen=True, slots=True)
class _Scope:
    session: Session
    stack_id: StackId
    config: Config
    stack: Stack | None

    def owns(self, tags: Tags) -> bool:
        return tracking.owns(tags, self.config, self.stack_id)

    def resource(self, tags: Tags) -> str:
        return tracking.resource(tags, self.stack_id)

    def balancer(self, resource: str) -> LoadBalancer | None:
        """The desired load balancer with this id."""
        return next((each for each in self.stack.load_balancers if each.id == resource), None) if self.stack else None

    def attributes(self, wanted: Iterable[tuple[str, Pairs]], key: str) -> bool:
        """Whether the attributes of the resource `key` must be read."""
        return self.stack is None or any(own == key and pairs for own, pairs in wanted)


async def _observe(scope: _Scope) -> Observed:
    kinds: tuple[Kind, ...] = ("load_balancer", "target_group", "security_group")
    lists = await asyncio.gather(*(scope.session.inventory.tagged(kind, scope.stack_id) for kind in kinds))
    ours, own_groups, own_firewalls = ([row for row in rows if scope.owns(row[1])] for rows in lists)
    (lbs, tgs, (listeners, rules), certificates) = await asyncio.gather(
        _load_balancers(scope, _identified(scope, ours)),
        _target_groups(scope, _identified(scope, own_groups)),
        _listeners(scope, _identified(scope, ours)),
        certificate.owned(scope.session, scope.stack_id, scope.config),
    )
    found = Observed(
        load_balancers=lbs,
        target_groups=tgs,
        listeners=listeners,
        rules=rules,
        certificates=certificates,
        records=await _records(scope, lbs),
        security_groups=_security_groups(scope, _identified(scope, own_firewalls)),
        registered=await _registered(scope, tgs),
        unidentified=tuple(_arn(item) for item, tags in (*ours, *own_groups, *own_firewalls) if not scope.resource(tags)),
    )
    found = await standby.checked(scope.session, scope.stack, found)
    return await addon.observed(scope.session, scope.config, scope.stack, found)


async def _records(scope: _Scope, balancers: Sequence[Owned[LoadBalancer]]) -> tuple[Owned[Record], ...]:
    """DNS records. Makes no call unless the stack needs records, or its load balancer has the tag of one that had some."""
    stack = scope.stack
    if stack is not None and not stack.records_known:
        return ()
    wanted = frozenset(each.zone for each in stack.records) if stack else frozenset()
    named = any(key == tracking.NAMED for each in balancers for key, _ in each.tags)
    if not (wanted or scope.config.enable_dns or named):
        return ()
    try:
        return await zone.owned(scope.session, scope.stack_id, scope.config, wanted)
    except Denied as error:
        if wanted or named:
            raise
        # A load balancer without the tag never had records, so this must not prevent its deletion.
        log.info("records not read", group=str(scope.stack_id), error=str(error))
        return ()


def _arn(item: Item) -> str:
    return str(item.get("LoadBalancerArn") or item.get("TargetGroupArn") or item.get("GroupId"))


def _identified(scope: _Scope, found: Sequence[tuple[Item, Tags]]) -> list[tuple[Item, Tags]]:
    return [(item, tags) for item, tags in found if scope.resource(tags)]


def _pairs(tags: Mapping[str, str]) -> Pairs:
    return tuple(sorted(tags.items()))


def _attributes(found: Mapping[str, Any]) -> Pairs:
    return tuple(sorted((each["Key"], each.get("Value") or "") for each in found.get("Attributes") or ()))


async def _load_balancers(scope: _Scope, found: Sequence[tuple[Item, Tags]]) -> tuple[Owned[LoadBalancer], ...]:
    return tuple(await asyncio.gather(*(_load_balancer(scope, item, tags) for item, tags in found)))


async def _load_balancer(scope: _Scope, item: Item, tags: Tags) -> Owned[LoadBalancer]:
    arn, resource = item["LoadBalancerArn"], scope.resource(tags)
    attributes: Pairs = ()
    want = scope.balancer(resource)
    # Also for a load balancer that will be deleted: its deletion protection is reported before it is switched off.
    goes = want is None or (want.type, want.scheme) != (item.get("Type"), item.get("Scheme"))
    if goes or (want and want.attributes):
        attributes = _attributes(await scope.session.call("elbv2", "DescribeLoadBalancerAttributes", LoadBalancerArn=arn))
    units: int | None = None
    if want and want.minimum_capacity is not None and scope.config.gate("LBCapacityReservation"):
        units = await capacity.reserved(scope.session, arn)
    return load_balancer.read(item, _pairs(tags), resource, attributes, units)


async def _target_groups(scope: _Scope, found: Sequence[tuple[Item, Tags]]) -> tuple[Owned[TargetGroup], ...]:
    return tuple(await asyncio.gather(*(_target_group(scope, item, tags) for item, tags in found)))


async def _target_group(scope: _Scope, item: Item, tags: Tags) -> Owned[TargetGroup]:
    arn, resource = item["TargetGroupArn"], scope.resource(tags)
    attributes: Pairs = ()
    if scope.attributes(((each.id, each.attributes) for each in scope.stack.target_groups) if scope.stack else (), resource):
        attributes = _attributes(await scope.session.call("elbv2", "DescribeTargetGroupAttributes", TargetGroupArn=arn))
    return target_group.read(item, _pairs(tags), resource, attributes)


def _security_groups(scope: _Scope, found: Sequence[tuple[Item, Tags]]) -> tuple[Owned[SecurityGroup], ...]:
    return tuple(security_group.read(item, _pairs(tags), scope.resource(tags)) for item, tags in found)


async def _registered(scope: _Scope, groups: Sequence[Owned[TargetGroup]]) -> Mapping[str, tuple[Target, ...]]:
    """Targets of `alb` target groups; the targets loop manages those of other groups."""
    arns = [each.arn for each in groups if each.resource.target_type == "alb"]
    answers = await asyncio.gather(*(scope.session.call("elbv2", "DescribeTargetHealth", TargetGroupArn=arn) for arn in arns))
    return {arn: _targets(found) for arn, found in zip(arns, answers, strict=True)}


def _targets(found: Mapping[str, Any]) -> tuple[Target, ...]:
    targets = (
        each["Target"]
        for each in found.get("TargetHealthDescriptions") or ()
        if (each.get("TargetHealth") or {}).get("State") not in ("draining", "unhealthy.draining")
    )
    return tuple(Target(id=each["Id"], port=each.get("Port")) for each in targets)


# Listeners and their rules -----------------------------------------------------------------------------------------

Listeners = tuple[tuple[Owned[Listener], ...], tuple[Owned[Rule], ...]]


async def _listeners(scope: _Scope, balancers: Sequence[tuple[Item, Tags]]) -> Listeners:
    found = await asyncio.gather(*(_listeners_of(scope, item, scope.resource(tags)) for item, tags in balancers))
    rows = [row for rows in found for row in rows]
    rules = [_rule(scope, item, owned) for owned, items in rows for item in items if not item.get("IsDefault")]
    return tuple(replace(owned, tags=UNREAD) for owned, _ in rows), tuple(rules)


async def _listeners_of(scope: _Scope, balancer: Item, resource: str) -> list[tuple[Owned[Listener], list[dict[str, Any]]]]:
    arn = balancer["LoadBalancerArn"]
    items = await scope.session.pages("elbv2", "DescribeListeners", "Listeners", LoadBalancerArn=arn)
    return list(await asyncio.gather(*(_listener(scope, item, resource) for item in items)))


async def _listener(scope: _Scope, item: Item, balancer: str) -> tuple[Owned[Listener], list[dict[str, Any]]]:
    session, arn = scope.session, item["ListenerArn"]
    rules, sni, attributes = await asyncio.gather(
        session.pages("elbv2", "DescribeRules", "Rules", ListenerArn=arn),
        session.pages("elbv2", "DescribeListenerCertificates", "Certificates", ListenerArn=arn) if item.get("SslPolicy") else _none(),
        _listener_attributes(scope, item, balancer),
    )
    return listener.own(listener.read(item, sni, attributes, session.secrets.get(arn, "")), item, ()), rules


async def _none() -> list[dict[str, Any]]:
    return []


async def _listener_attributes(scope: _Scope, item: Item, balancer: str) -> Pairs:
    """The attributes of a listener, if the stack sets some. TLS listeners have no relevant ones."""
    port = item.get("Port")
    wanted = scope.stack is None or any(
        each.attributes and each.port == port and each.load_balancer.id == balancer for each in scope.stack.listeners
    )
    if not wanted or item.get("Protocol") == "TLS":
        return ()
    return _attributes(await scope.session.call("elbv2", "DescribeListenerAttributes", ListenerArn=item["ListenerArn"]))


def _tagged_listener(scope: _Scope, owned: Owned[Listener], tags: Tags) -> Owned[Listener]:
    resource = scope.resource(tags) or guess(owned.resource)
    return replace(owned, resource=replace(owned.resource, id=resource), tags=_pairs(tags))


def guess(found: Listener) -> str:
    """The id of a listener if it has no tag with the id.

    On an application load balancer it is the port. On a network load balancer TCP and UDP can share a port, so it includes the protocol.
    """
    return str(found.port) if found.protocol in ("HTTP", "HTTPS") else f"{found.protocol}-{found.port}"


def _rule(scope: _Scope, item: Item, owned: Owned[Listener]) -> Owned[Rule]:
    return rule.read(item, owned.arn, UNREAD, "", scope.session.secrets.get(item["RuleArn"], ""))


def _tagged_rule(scope: _Scope, owned: Owned[Rule], tags: Tags) -> Owned[Rule]:
    return replace(owned, resource=replace(owned.resource, id=scope.resource(tags)), tags=_pairs(tags))
