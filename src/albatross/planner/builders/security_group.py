"""Security groups: managed, given by the user, and the shared one for traffic to the targets."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from albatross.catalog.naming import FORMULAS, hashed
from albatross.model.facts import BackendSecurityGroup, SecurityGroupsById, SecurityGroupsByName
from albatross.model.facts import SecurityGroupFact as Found
from albatross.model.intent import Balancer, LoadBalancerSettings, Names, Share, given
from albatross.model.problem import Origin
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import BACKEND, Pairs, Ref, Token
from albatross.model.resources.security_group import Permission, SecurityGroup
from albatross.planner.builders import merge, name
from albatross.planner.builders.port import EVERYONE, Port
from albatross.planner.builders.subnet import dual, existing
from albatross.planner.builders.task import Task

MANAGED = "ManagedLBSecurityGroup"
DESCRIPTION = "[k8s] Managed SecurityGroup for LoadBalancer"
PATH_MTU = Permission(protocol="icmp", from_port=3, to_port=4)
"""ICMP type 3 (destination unreachable) with code 4 (fragmentation needed): EC2 writes the type and the code as the two ports."""
PATH_MTU_6 = Permission(protocol="icmpv6", from_port=2, to_port=0)
"""ICMPv6 type 2 (packet too big) with code 0."""


@dataclass(frozen=True, slots=True)
class SecurityGroups:
    """The load balancer's groups; `source` is the source group of traffic to the targets, None if we do not manage the targets' rules."""

    tokens: tuple[Token, ...]
    managed: SecurityGroup | None = None
    source: Token | None = None
    backend_needed: bool = False


def by_id(names: Iterable[str]) -> SecurityGroupsById | None:
    """The question for the names that are ids."""
    ids = tuple(each for each in names if each.startswith("sg-"))
    return SecurityGroupsById(ids) if ids else None


def by_name(names: Iterable[str]) -> SecurityGroupsByName | None:
    """The question for the names that are Name tags."""
    found = tuple(dict.fromkeys(each for each in names if not each.startswith("sg-")))
    return SecurityGroupsByName(found) if found else None


def groups(balancer: Balancer, ports: Iterable[Port], ip_address_type: str, tags: Pairs, task: Task) -> SecurityGroups:
    """The groups of a load balancer that is not in front of another."""
    if _without(balancer, task):
        return SecurityGroups(())
    chosen: Names | None = merge.exclusive(merge.said(balancer, "security_groups"), f"{balancer.words}security-groups", task.ledger)
    if chosen is None or not chosen.value:
        return _managed(tuple(_permissions(balancer, ports, ip_address_type, task)), tags, task)
    manage = merge.exclusive(merge.said(balancer, "manage_backend_rules"), "manage-backend-security-group-rules", task.ledger)
    tokens = resolved(chosen, task)
    if not given(manage, task.config.enable_manage_backend_security_group_rules):
        return SecurityGroups(tokens)
    if not task.config.enable_backend_security_group:
        task.ledger.fail("LB169", manage.origin if manage else chosen.origin)
        return SecurityGroups(tokens)
    backend = _backend(chosen.origin, task)
    return SecurityGroups((*tokens, backend), source=backend, backend_needed=True)


def _without(balancer: Balancer, task: Task) -> bool:
    """Whether the load balancer has no security groups: by a setting, or because it was created without, which is final in AWS."""
    if not balancer.lasting:
        return False
    off = merge.exclusive(merge.said(balancer, "without_groups"), f"{balancer.words}disable-nlb-sg", task.ledger)
    wanted = given(off, False) or not task.config.gate("NLBSecurityGroup")
    there = existing(task)
    if there and not there.security_groups:
        if not wanted:
            task.ledger.add("LB343", task.origin)
        return True
    if there and wanted:
        task.ledger.fail("LB341", off.origin if off else task.origin, groups=", ".join(there.security_groups))
    return wanted


def in_front(balancer: Balancer, behind: LoadBalancer, task: Task) -> SecurityGroups:
    """The groups of a load balancer in front of another: the given ones, or the groups of the other. It opens no ports at targets."""
    chosen: Names | None = merge.exclusive(merge.said(balancer, "security_groups"), f"{balancer.words}security-groups", task.ledger)
    return SecurityGroups(resolved(chosen, task) if chosen and chosen.value else behind.security_groups)


def _managed(ingress: tuple[Permission, ...], tags: Pairs, task: Task) -> SecurityGroups:
    group = SecurityGroup(
        id=MANAGED,
        name=name.security_group(task.intent.id, *hashed(FORMULAS[task.intent.id.owner].security_group, task.identity)),
        description=DESCRIPTION,
        tags=tags,
        ingress=ingress,
    )
    own = Ref("SecurityGroup", MANAGED, "group_id")
    if not task.config.enable_backend_security_group:
        return SecurityGroups((own,), group, own)
    backend = _backend(task.origin, task)
    return SecurityGroups((own, backend), group, backend, backend_needed=True)


def _permissions(balancer: Balancer, ports: Iterable[Port], ip_address_type: str, task: Task) -> Iterable[Permission]:
    """The rules of the managed group: for the listeners, or for the openings of the members that say them."""
    if not any(share.openings for share in balancer.shares):
        yield from _listened(ports, dual(ip_address_type))
    for share in balancer.shares:
        yield from _opened(share, ip_address_type, task)


def _opened(share: Share, ip_address_type: str, task: Task) -> Iterable[Permission]:
    """For each port, its sources in order; each CIDR can have an additional rule for path MTU discovery."""
    settings = share.settings
    lists = settings.prefix_lists.value if settings.prefix_lists else ()
    cidrs = _sources(settings, ip_address_type, task) if share.openings else ()
    for opening in share.openings:
        port = Permission(protocol=opening.protocol.lower(), from_port=opening.port, to_port=opening.port)
        for cidr in cidrs:
            yield replace(port, cidr6=cidr) if ":" in cidr else replace(port, cidr=cidr)
            if given(settings.path_mtu, False):
                yield replace(PATH_MTU_6, cidr6=cidr) if ":" in cidr else replace(PATH_MTU, cidr=cidr)
        for listed in lists:
            yield replace(port, prefix_list=listed)


def _sources(settings: LoadBalancerSettings, ip_address_type: str, task: Task) -> tuple[str, ...]:
    """The CIDRs in the order of the user; without any, everyone, unless prefix lists are set."""
    ranges = settings.source_ranges
    if ranges is None or not ranges.value:
        everyone = EVERYONE if dual(ip_address_type) else EVERYONE[:1]
        return () if settings.prefix_lists else everyone
    for cidr in ranges.value:
        if ":" in cidr and not dual(ip_address_type):
            task.ledger.fail("LB165", ranges.origin, what=f"source range {cidr}", needed="a dualstack load balancer", found=ip_address_type)
    return ranges.value


def _listened(ports: Iterable[Port], dualstack: bool) -> Iterable[Permission]:
    for port in ports:
        for cidr in port.cidrs:
            if ":" not in cidr:
                yield Permission(from_port=port.number, to_port=port.number, cidr=cidr)
            elif dualstack:
                yield Permission(from_port=port.number, to_port=port.number, cidr6=cidr)
        for listed in port.prefix_lists:
            yield Permission(from_port=port.number, to_port=port.number, prefix_list=listed)


def _backend(at: Origin, task: Task) -> Token:
    if task.config.backend_security_group:
        return task.config.backend_security_group
    found = task.ask(BackendSecurityGroup(), Found, at)
    return found[0].id if found else BACKEND


def resolved(names: Names, task: Task) -> tuple[Token, ...]:
    """First the ids, then the groups with these names, each in AWS' order; unknown ones unchanged."""
    return (*_ids(names, task), *_names(names, task))


def _ids(names: Names, task: Task) -> tuple[Token, ...]:
    wanted = by_id(names.value)
    found = task.ask(wanted, Found, names.origin) if wanted else ()
    if wanted is None or found is None:
        return wanted.ids if wanted else ()
    there = {group.id for group in found}
    for missing in [each for each in dict.fromkeys(wanted.ids) if each not in there]:
        task.ledger.fail("LB308", names.origin, group=missing)
    for twice in [each for each, count in Counter(wanted.ids).items() if count > 1]:
        task.ledger.fail("LB318", names.origin, id=twice)
    return tuple(group.id for group in found)


def _names(names: Names, task: Task) -> tuple[Token, ...]:
    wanted = by_name(names.value)
    found = task.ask(wanted, Found, names.origin) if wanted else ()
    if wanted is None or found is None:
        return tuple(Ref("SecurityGroupByName", each, "group_id") for each in wanted.names) if wanted else ()
    there = {group.tags.get("Name", "") for group in found}
    for missing in [each for each in wanted.names if each not in there]:
        task.ledger.fail("LB308", names.origin, group=missing)
    return tuple(group.id for group in found)
