"""The application load balancer."""

from dataclasses import replace

from albatross.model.resources.load_balancer import LoadBalancer, SubnetMapping
from albatross.planner.builders import merge, name, subnet
from albatross.planner.builders.port import Port
from albatross.planner.builders.security_group import Groups, groups
from albatross.planner.builders.task import Task, given

ID = "LoadBalancer"
LONGEST_NAME = 32
"""Bytes; what is longer is refused before AWS sees it."""


def build(ports: tuple[Port, ...], task: Task) -> tuple[LoadBalancer, Groups]:
    """The load balancer and its security groups."""
    members, ledger = task.intent.members, task.ledger
    scheme = merge.exclusive(((each.ident, each.settings.scheme) for each in members), "scheme", ledger)
    family = merge.exclusive(((each.ident, each.settings.ip_address_type) for each in members), "ip-address-type", ledger)
    pool = merge.harmless(((each.ident, each.settings.customer_owned_ipv4_pool) for each in members), "customer-owned-ipv4-pool", ledger)
    tags = merge.keyed(((each.ident, each.tags) for each in members), "tag", ledger)
    ruling = members[0].overrides
    attributes = merge.keyed(
        ((each.ident, each.settings.attributes) for each in members), "load-balancer-attributes", ledger, ruling.attributes
    )
    chosen = given(scheme, task.config.default_load_balancer_scheme)
    kind = given(family, "ipv4")
    at = scheme.origin if scheme else family.origin if family else task.origin
    group = groups(ports, kind, tags, task)
    balancer = LoadBalancer(
        id=ID,
        name=_name(chosen, task),
        type="application",
        scheme=chosen,
        ip_address_type=kind,
        subnet_mappings=tuple(SubnetMapping(subnet_id=each) for each in _subnets(subnet.Demand("application", chosen, kind, at), task)),
        security_groups=group.tokens,
        customer_owned_ipv4_pool=pool.value if pool else None,
        attributes=merge.values(attributes),
        minimum_capacity=_capacity(task),
        tags=task.tags(tags),
        ipv4_ipam_pool=_ipam_pool(task),
    )
    return balancer, group


def _name(scheme: str, task: Task) -> str:
    found = merge.harmless(((each.ident, each.settings.name) for each in task.intent.members), "load-balancer-name", task.ledger)
    if found is None:
        return name.load_balancer(task.config.cluster_name, task.intent.id, scheme)
    if len(found.value.encode()) > LONGEST_NAME:
        task.ledger.fail("LB156", found.origin, name=found.value, length=str(len(found.value.encode())))
    return found.value


def _subnets(demand: subnet.Demand, task: Task) -> tuple[str, ...]:
    """By class, by annotation, as they are, or discovered."""
    members, ledger = task.intent.members, task.ledger
    selector = merge.exclusive(((each.ident, each.settings.subnet_selector) for each in members), "subnets", ledger)
    names = merge.exclusive(((each.ident, each.settings.subnets) for each in members), "subnets", ledger, sorted)
    if selector and names:
        loser = next(each for each in members if each.settings.subnets)
        ledger.withhold(loser.ident, "LB161", names.origin, by=selector.origin.object)
    if selector:
        found = subnet.selected(selector, replace(demand, at=selector.origin), task)
    elif names:
        found = subnet.listed(names, replace(demand, at=names.origin), task)
    else:
        found = subnet.kept(demand, task) or subnet.discovered(demand, task)
    return found or ()


def _capacity(task: Task) -> int | None:
    """The first member's class rules over all annotations."""
    if not task.config.gate("LBCapacityReservation"):
        return None
    ruling = task.intent.members[0].overrides.minimum_capacity
    if ruling is not None:
        return ruling.value
    what = "minimum-load-balancer-capacity"
    found = merge.harmless(((each.ident, each.settings.minimum_capacity) for each in task.intent.members), what, task.ledger)
    return found.value if found else None


def _ipam_pool(task: Task) -> str | None:
    """The first member's class rules, even with an empty value."""
    ruling = task.intent.members[0].overrides.ipv4_ipam_pool
    if ruling is not None:
        return ruling.value
    found = merge.harmless(((each.ident, each.settings.ipv4_ipam_pool) for each in task.intent.members), "ipam-ipv4-pool-id", task.ledger)
    return found.value if found else None
