"""The questions to AWS before a group can be built. The set is complete before the first question is asked."""

from collections.abc import Iterator

from albatross.model.config import Config
from albatross.model.facts import (
    BackendSecurityGroup,
    Certificates,
    ClusterSecurityGroups,
    LoadBalancersOfStack,
    Question,
    RouteTables,
    SubnetsById,
    SubnetsOfVpc,
    TargetGroupByArn,
    TargetGroupByName,
    TrustStoreByName,
    Vpc,
    WebAclByName,
    Zones,
)
from albatross.model.intent import Intent, Share
from albatross.planner.builders import record, security_group, subnet


def questions(intent: Intent, config: Config) -> frozenset[Question]:
    """Every question that the build of the group can ask; empty for a group without members."""
    if not intent.members:
        return frozenset()
    found = {question for share in intent.shares for question in _share(share) if question is not None}
    found |= {SubnetsOfVpc(), Zones(), LoadBalancersOfStack(intent.id), *record.questions(intent)}
    # A load balancer without security groups lets the addresses of the VPC in, and only AWS knows whether it has security groups.
    if any(balancer.lasting for balancer in intent.balancers):
        found.add(Vpc())
    if config.gate("SubnetDiscoveryByReachability"):
        found.add(RouteTables())
    if config.enable_backend_security_group and not config.backend_security_group:
        found.add(BackendSecurityGroup())
    return frozenset(found)


def optional(intent: Intent) -> frozenset[Question]:
    """Questions that only improve messages; the controller does not ask them in every pass."""
    given = any(listen.certificates for share in intent.shares for listen in share.listens)
    arns = {target.arn for share in intent.shares for forward in share.forwards for target in forward.targets if target.arn}
    # The controller adds no rules for groups that the user gives.
    own = any(share.settings.security_groups for balancer in intent.balancers if not balancer.in_front_of for share in balancer.shares)
    found: set[Question] = {TargetGroupByArn(arn) for arn in arns}
    if given:
        found.add(Certificates())
    if own:
        found.add(ClusterSecurityGroups())
    return frozenset(found)


def _share(share: Share) -> Iterator[Question | None]:
    settings = share.settings
    if settings.subnets:
        yield subnet.by_id(settings.subnets.value)
    if settings.subnet_selector and settings.subnet_selector.value.ids:
        yield SubnetsById(settings.subnet_selector.value.ids)
    if settings.security_groups:
        yield security_group.by_id(settings.security_groups.value)
        yield security_group.by_name(settings.security_groups.value)
    if settings.web_acl_name and settings.web_acl_name.value != "none":
        yield WebAclByName(settings.web_acl_name.value)
    for listen in share.listens:
        yield Certificates() if listen.hosts else None
        mutual = listen.mutual_authentication
        store = mutual.value.trust_store_arn if mutual else ""
        yield TrustStoreByName(store) if store and not store.startswith("arn:") else None
    for forward in share.forwards:
        yield from (TargetGroupByName(target.name) for target in forward.targets if target.name)
