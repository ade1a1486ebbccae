"""A load balancer of either family: name, scheme, subnets, addresses, attributes and tags."""

from dataclasses import dataclass, replace

from albatross.catalog import tracking
from albatross.catalog.naming import FORMULAS, hashed
from albatross.model.intent import Balancer, Setting, given
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Pairs, Ref
from albatross.planner.builders import address, merge, name, port, security_group, subnet
from albatross.planner.builders.networking import Reach
from albatross.planner.builders.port import Port
from albatross.planner.builders.security_group import SecurityGroups
from albatross.planner.builders.target_group import TargetGroups
from albatross.planner.builders.task import Task

LONGEST_NAME = 32
"""Bytes; the controller reports a longer name before it calls AWS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A load balancer without its listeners: its ports, its security groups, and the target groups built for it.

    `grace`: for how many seconds the load balancer that it replaces stays.
    """

    balancer: Balancer
    ports: tuple[Port, ...]
    noun: LoadBalancer
    groups: SecurityGroups
    targets: TargetGroups
    grace: float = 0.0

    @property
    def ref(self) -> Ref:
        """The reference to the load balancer's ARN."""
        return Ref("LoadBalancer", self.balancer.id, "arn")


def build(balancer: Balancer, behind: Frame | None, task: Task) -> Frame | None:
    """The load balancer, without its listeners; None if it is optional and no member enables it.

    If it is in front of another, settings that no member gives are the settings of `behind`.
    """
    enabled = merge.harmless(merge.said(balancer, "enabled"), balancer.switch, task.ledger)
    if balancer.switch and not (enabled and enabled.value):
        return None
    ports = port.ports(balancer, task)
    scheme = merge.exclusive(merge.said(balancer, "scheme"), f"{balancer.words}scheme", task.ledger)
    family = merge.exclusive(merge.said(balancer, "ip_address_type"), f"{balancer.words}ip-address-type", task.ledger)
    pool = merge.harmless(merge.said(balancer, "customer_owned_ipv4_pool"), f"{balancer.words}customer-owned-ipv4-pool", task.ledger)
    tags = _tags(balancer, behind, task)
    attributes = _attributes(balancer, task)
    chosen = given(scheme, _standing_scheme(balancer, task) or task.config.default_load_balancer_scheme)
    kind = given(family, behind.noun.ip_address_type if behind else "ipv4")
    groups = security_group.in_front(balancer, behind.noun, task) if behind else security_group.groups(balancer, ports, kind, tags, task)
    place = next((each.origin for each in (scheme, family, enabled) if each), task.origin)
    demand = subnet.SubnetDemand(balancer.family, chosen, kind, place)
    subnets = _subnets(balancer, demand, task)
    link = merge.exclusive(merge.said(balancer, "private_link_rules"), f"{balancer.words}private-link", task.ledger)
    noun = LoadBalancer(
        id=balancer.id,
        name=_name(balancer, behind, chosen, task),
        type=balancer.family,
        scheme=chosen,
        ip_address_type=kind,
        subnet_mappings=address.mappings(balancer, subnets, demand, task),
        security_groups=groups.tokens,
        customer_owned_ipv4_pool=pool.value if pool else None,
        attributes=attributes,
        minimum_capacity=_capacity(balancer, task),
        tags=tags,
        ipv4_ipam_pool=_ipam_pool(balancer, task),
        ipv6_source_nat=address.source_nat(balancer, demand, task),
        private_link_rules=link.value if link else None,
    )
    reach = Reach(balancer, noun, groups.source, tuple(subnet.facts(subnets, task).values()))
    grace = _grace(balancer, behind, task)
    return Frame(balancer=balancer, ports=ports, noun=noun, groups=groups, targets=TargetGroups(reach, task), grace=grace)


def _grace(balancer: Balancer, behind: Frame | None, task: Task) -> float:
    if behind:
        return behind.grace
    said: Setting[int] | None = merge.harmless(merge.said(balancer, "replace_grace"), "replace-grace-seconds", task.ledger)
    return float(said.value) if said else task.config.replace_grace_seconds


def _standing_scheme(balancer: Balancer, task: Task) -> str:
    """The scheme of the existing load balancer, if it is kept without a setting; otherwise empty."""
    there = subnet.existing(task) if balancer.lasting else None
    return there.scheme if there else ""


def marked(frame: Frame, readable: bool) -> LoadBalancer:
    """The load balancer. If a member needs DNS records, it has the tag by which its records are found again when they must be deleted.

    If the hosted zones are not readable, no record is written, so there is no tag.
    """
    if not readable or not any(share.names for share in frame.balancer.shares):
        return frame.noun
    return replace(frame.noun, tags=tuple(sorted((*frame.noun.tags, (tracking.NAMED, "true")))))


def _tags(balancer: Balancer, behind: Frame | None, task: Task) -> Pairs:
    """Its own tags replace all other tags, including default tags."""
    own: Setting[Pairs] | None = merge.exclusive(merge.said(balancer, "tags"), f"{balancer.words}tags", task.ledger)
    if own:
        return own.value
    if behind:
        return behind.noun.tags
    return task.tags(merge.keyed(((share.member, share.tags) for share in balancer.shares), "tag", task.ledger))


def _attributes(balancer: Balancer, task: Task) -> Pairs:
    if balancer.in_front_of:
        # For a load balancer in front, all members must give the same attributes: the AWS controller compares whole lists there.
        return tuple((key, found.value) for key, found in merge.whole(balancer, f"{balancer.words}attributes", task.ledger).items())
    ruling = balancer.shares[0].overrides.attributes
    said = ((share.member, share.settings.attributes or {}) for share in balancer.shares)
    return merge.values(merge.keyed(said, "load-balancer-attributes", task.ledger, ruling))


def _name(balancer: Balancer, behind: Frame | None, scheme: str, task: Task) -> str:
    if behind:
        return name.frontend(behind.noun.name, task.config.cluster_name, task.intent.id, scheme)
    found = merge.harmless(merge.said(balancer, "name"), "load-balancer-name", task.ledger)
    if found is None:
        return name.load_balancer(
            task.intent.id, *hashed(FORMULAS[task.intent.id.owner].load_balancer, {**task.identity, "scheme": scheme})
        )
    if len(found.value.encode()) > LONGEST_NAME:
        task.ledger.fail("LB156", found.origin, name=found.value, length=str(len(found.value.encode())))
    return str(found.value)


def _subnets(balancer: Balancer, demand: subnet.SubnetDemand, task: Task) -> tuple[str, ...]:
    """In this order: from the class, from the annotation, the current subnets, or by discovery."""
    selector = merge.exclusive(merge.said(balancer, "subnet_selector"), f"{balancer.words}subnets", task.ledger)
    names = merge.exclusive(merge.said(balancer, "subnets"), f"{balancer.words}subnets", task.ledger, sorted)
    if selector and names:
        loser = next(each for each in balancer.shares if each.settings.subnets)
        task.ledger.withhold(loser.member, "LB161", names.origin, by=selector.origin.object)
    if selector:
        return subnet.selected(selector, replace(demand, at=selector.origin), task) or ()
    if names:
        return subnet.listed(names, replace(demand, at=names.origin), task) or ()
    stays = None if balancer.in_front_of else subnet.kept(demand, task)
    return stays or subnet.discovered(demand, task) or ()


def _capacity(balancer: Balancer, task: Task) -> int | None:
    """The value in the first member's class has priority over all annotations."""
    if not task.config.gate("LBCapacityReservation"):
        return None
    ruling = balancer.shares[0].overrides.minimum_capacity
    if ruling is not None:
        return ruling.value
    found = merge.harmless(merge.said(balancer, "minimum_capacity"), "minimum-load-balancer-capacity", task.ledger)
    return found.value if found else None


def _ipam_pool(balancer: Balancer, task: Task) -> str | None:
    """The value in the first member's class has priority, even if it is empty."""
    ruling = balancer.shares[0].overrides.ipv4_ipam_pool
    if ruling is not None:
        return ruling.value
    found = merge.harmless(merge.said(balancer, "ipv4_ipam_pool"), "ipam-ipv4-pool-id", task.ledger)
    return found.value if found else None
