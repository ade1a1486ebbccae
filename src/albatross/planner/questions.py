"""What has to be looked up in AWS before a group can be built: a set of questions, complete before the first is asked."""

from collections.abc import Iterator

from albatross.model.config import Config
from albatross.model.facts import (
    BackendSecurityGroup,
    Certificates,
    LoadBalancersOfStack,
    Question,
    RouteTables,
    SubnetsById,
    SubnetsOfVpc,
    TargetGroupByArn,
    TargetGroupByName,
    TrustStoreByName,
    WebAclByName,
    Zones,
)
from albatross.model.intent import ForwardTo, Intent, Member, Route, Target
from albatross.planner.builders import security_group, subnet


def questions(intent: Intent, config: Config) -> frozenset[Question]:
    """Every question that building the group may ask; none for a group without members."""
    if not intent.members:
        return frozenset()
    found = {question for member in intent.members for question in _member(member) if question is not None}
    found |= {SubnetsOfVpc(), Zones(), LoadBalancersOfStack(intent.id)}
    if config.gate("SubnetDiscoveryByReachability"):
        found.add(RouteTables())
    if config.enable_backend_security_group and not config.backend_security_group:
        found.add(BackendSecurityGroup())
    return frozenset(found)


def curious(intent: Intent) -> frozenset[Question]:
    """What would be good to know, though nothing is built from it: asked where somebody waits for the answer, not in every pass."""
    given = any(listen.certificates for member in intent.members for listen in member.listens)
    arns = {target.arn for member in intent.members for route in _routes(member) for target in _targets(route) if target.arn}
    return frozenset({TargetGroupByArn(arn) for arn in arns} | ({Certificates()} if given else set()))


def _routes(member: Member) -> tuple[Route, ...]:
    return (*member.routes, member.default) if member.default else member.routes


def _targets(route: Route) -> tuple[Target, ...]:
    return route.answer.targets if isinstance(route.answer, ForwardTo) else ()


def _member(member: Member) -> Iterator[Question | None]:
    settings, front = member.settings, member.frontend
    for names in (settings.subnets, front.subnets):
        yield subnet.by_id(names.value) if names else None
    if settings.subnet_selector and settings.subnet_selector.value.ids:
        yield SubnetsById(settings.subnet_selector.value.ids)
    for names in (settings.security_groups, front.security_groups):
        yield security_group.by_id(names.value) if names else None
        yield security_group.by_name(names.value) if names else None
    if settings.web_acl_name and settings.web_acl_name.value != "none":
        yield WebAclByName(settings.web_acl_name.value)
    for listen in member.listens:
        yield Certificates() if listen.hosts else None
        mutual = listen.mutual_authentication
        store = mutual.value.trust_store_arn if mutual else ""
        yield TrustStoreByName(store) if store and not store.startswith("arn:") else None
    for route in _routes(member):
        yield from (TargetGroupByName(target.name) for target in _targets(route) if target.name)
