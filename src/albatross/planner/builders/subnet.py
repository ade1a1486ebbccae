"""Subnets: given by id, name or tags, kept from the existing load balancer, or discovered."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from albatross.catalog import tracking
from albatross.catalog.limits import SCALARS
from albatross.model.facts import (
    LoadBalancersOfStack,
    RouteTable,
    RouteTables,
    StackLoadBalancer,
    Subnet,
    SubnetsById,
    SubnetsOfVpc,
    Zone,
    Zones,
)
from albatross.model.intent import Names, Setting, SubnetSelector
from albatross.model.problem import Origin
from albatross.planner.builders.task import Task

ROLES = {"internal": "kubernetes.io/role/internal-elb", "internet-facing": "kubernetes.io/role/elb"}
FREE_ADDRESSES = SCALARS["free addresses per subnet"]
LEAST_ZONES = SCALARS["reachable zones of an application load balancer"]


@dataclass(frozen=True, slots=True)
class SubnetDemand:
    """The properties of the load balancer that the subnets are for."""

    kind: str
    scheme: str
    ip_address_type: str
    at: Origin

    @property
    def dualstack(self) -> bool:
        """Whether every subnet needs an IPv6 CIDR."""
        return dual(self.ip_address_type)


def dual(ip_address_type: str) -> bool:
    """Whether a load balancer has IPv6 addresses."""
    return ip_address_type.startswith("dualstack")


def by_id(names: Iterable[str]) -> SubnetsById | None:
    """The question for the names that are ids."""
    ids = tuple(name for name in names if name.startswith("subnet-"))
    return SubnetsById(ids) if ids else None


def selected(selector: Setting[SubnetSelector], demand: SubnetDemand, task: Task) -> tuple[str, ...] | None:
    """Subnets from the class: ids in AWS' order, or tag filters with one subnet per zone."""
    if selector.value.ids:
        wanted = SubnetsById(selector.value.ids)
        found = task.ask(wanted, Subnet, demand.at)
        if found is None or not _complete(wanted.ids, found, demand, task):
            return None
        return _validated(found, demand, task)
    subnets = task.ask(SubnetsOfVpc(), Subnet, demand.at)
    if subnets is None:
        return None
    return _chosen([subnet for subnet in subnets if _tagged(subnet, selector.value)], demand, task)


def _tagged(subnet: Subnet, selector: SubnetSelector) -> bool:
    return all(key in subnet.tags and (subnet.tags[key] in wanted or not wanted) for key, wanted in selector.tags)


def listed(names: Names, demand: SubnetDemand, task: Task) -> tuple[str, ...] | None:
    """By ids and Name tags, in their order; if several subnets share a name, each occurrence of the name uses the next one."""
    by_ids = by_id(names.value)
    found = task.ask(by_ids, Subnet, demand.at) if by_ids else ()
    named = [name for name in names.value if not name.startswith("subnet-")]
    subnets = task.ask(SubnetsOfVpc(), Subnet, demand.at) if named else ()
    if found is None or subnets is None or (by_ids and not _complete(by_ids.ids, found, demand, task)):
        return None
    pools: dict[str, list[Subnet]] = {}
    for subnet in sorted(subnets, key=lambda each: each.id, reverse=True):
        pools.setdefault(subnet.tags.get("Name", ""), []).append(subnet)
    ids = {subnet.id: subnet for subnet in found}
    resolved: list[Subnet] = []
    missing: list[str] = []
    for name in names.value:
        if name in ids:
            resolved.append(ids[name])
        elif pools.get(name):
            resolved.append(pools[name].pop())
        else:
            missing.append(name)
    for name in dict.fromkeys(missing):
        said = named.count(name)
        more = f" and is still free: the list has the name {said} times, but fewer subnets have it" if said > 1 else ""
        task.ledger.fail("LB302", demand.at, name=name, more=more, vpc=task.config.vpc_id)
    return None if missing else _validated(resolved, demand, task)


def _complete(ids: Sequence[str], found: Sequence[Subnet], demand: SubnetDemand, task: Task) -> bool:
    there = [subnet.id for subnet in found]
    wrong = [wanted for wanted in dict.fromkeys(ids) if wanted not in there]
    for wanted in wrong:
        task.ledger.fail("LB301", demand.at, id=wanted)
    twice = [wanted for wanted, count in Counter(ids).items() if count > 1]
    for wanted in twice:
        task.ledger.fail("LB318", demand.at, id=wanted)
    return not wrong and not twice


def _validated(subnets: Sequence[Subnet], demand: SubnetDemand, task: Task) -> tuple[str, ...] | None:
    before = task.ledger.errors
    if not subnets:
        task.ledger.fail("LB317", demand.at)
        return None
    zones: dict[str, list[str]] = {}
    for subnet in subnets:
        zones.setdefault(subnet.zone, []).append(subnet.id)
    for zone, ids in zones.items():
        if len(ids) > 1:
            task.ledger.fail("LB303", demand.at, zone=zone, subnets=", ".join(ids))
    _counted(subnets, demand, task)
    _dualstack(subnets, demand, task)
    return None if task.ledger.errors > before else tuple(subnet.id for subnet in subnets)


def _dualstack(subnets: Iterable[Subnet], demand: SubnetDemand, task: Task) -> None:
    lacking = [subnet.id for subnet in subnets if demand.dualstack and not subnet.ipv6_associated]
    if lacking:
        task.ledger.fail("LB306", demand.at, subnets=", ".join(lacking), type=demand.ip_address_type)


def _counted(subnets: Sequence[Subnet], demand: SubnetDemand, task: Task) -> None:
    """All subnets must be in the same kind of location, and there must be enough of them."""
    zones = {zone.id: zone.type for zone in task.ask(Zones(), Zone, demand.at) or ()}
    locales = {"outpost" if subnet.outpost_arn else zones.get(subnet.zone_id, "availability-zone") for subnet in subnets}
    if len(locales) > 1:
        task.ledger.fail("LB304", demand.at, locales=", ".join(sorted(locales)))
        return
    single = demand.kind != "application" or task.config.gate("ALBSingleSubnet") or locales != {"availability-zone"}
    if not single and len(subnets) < LEAST_ZONES:
        task.ledger.fail("LB305", demand.at, count=str(len(subnets)), least=str(LEAST_ZONES))


def existing(task: Task) -> StackLoadBalancer | None:
    """The first load balancer of the group in AWS that no other one has replaced; None if there is none, or if it is unknown."""
    found = task.facts.answers.get(LoadBalancersOfStack(task.intent.id))
    balancers = [each for each in found if isinstance(each, StackLoadBalancer)] if isinstance(found, tuple) else []
    return min(balancers, key=lambda each: tracking.REPLACED in each.tags, default=None)


def facts(ids: Iterable[str], task: Task) -> Mapping[str, Subnet]:
    """What is known of these subnets, by id."""
    answers = (each for each in task.facts.answers.values() if isinstance(each, tuple))
    known = {subnet.id: subnet for answer in answers for subnet in answer if isinstance(subnet, Subnet)}
    return {each: known[each] for each in ids if each in known}


def kept(demand: SubnetDemand, task: Task) -> tuple[str, ...] | None:
    """The subnets of the existing load balancer of the same type, unless its scheme changes."""
    balancers = task.ask(LoadBalancersOfStack(task.intent.id), StackLoadBalancer, demand.at)
    # A load balancer that is being replaced has the other scheme.
    found = next((each.subnet_ids for each in balancers or () if (each.type, each.scheme) == (demand.kind, demand.scheme)), None)
    if found is not None:
        known = facts(found, task).values()
        _dualstack(known, demand, task)
    return found


def discovered(demand: SubnetDemand, task: Task) -> tuple[str, ...] | None:
    """By role tag, otherwise by reachability; one per zone."""
    subnets = task.ask(SubnetsOfVpc(), Subnet, demand.at)
    if subnets is None:
        return None
    candidates = [subnet for subnet in subnets if subnet.tags.get(ROLES[demand.scheme]) in ("", "1")]
    if not candidates and task.config.gate("SubnetDiscoveryByReachability"):
        tables = task.ask(RouteTables(), RouteTable, demand.at)
        if tables is None:
            return None
        candidates = _reachable(subnets, tables, demand.scheme == "internet-facing")
    return _chosen(candidates, demand, task)


def _reachable(subnets: Iterable[Subnet], tables: Iterable[RouteTable], public: bool) -> list[Subnet]:
    own = {subnet_id: table.public for table in tables for subnet_id in table.subnet_ids}
    main = any(table.public for table in tables if table.main)
    return [subnet for subnet in subnets if own.get(subnet.id, main) == public]


def _chosen(candidates: Sequence[Subnet], demand: SubnetDemand, task: Task) -> tuple[str, ...] | None:
    mine = f"kubernetes.io/cluster/{task.config.cluster_name}"
    foreign = [subnet for subnet in candidates if task.config.gate("SubnetsClusterTagCheck") and _foreign(subnet, mine)]
    rest = [subnet for subnet in candidates if subnet not in foreign]
    full = [subnet for subnet in rest if subnet.available_ips < FREE_ADDRESSES]
    rest = [subnet for subnet in rest if subnet not in full]
    lacking = [subnet for subnet in rest if demand.dualstack and not subnet.ipv6_associated]
    rest = [subnet for subnet in rest if subnet not in lacking]
    zones: dict[str, Subnet] = {}
    for subnet in sorted(rest, key=lambda each: (mine not in each.tags, each.id)):
        zones.setdefault(subnet.zone, subnet)
    chosen = sorted(zones.values(), key=lambda each: each.id)
    if not chosen:
        counts = {"total": candidates, "foreign": foreign, "full": full, "lacking": lacking}
        words = {name: str(len(found)) for name, found in counts.items()}
        task.ledger.fail("LB307", demand.at, role=ROLES[demand.scheme], scheme=demand.scheme, type=demand.ip_address_type, **words)
        return None
    before = task.ledger.errors
    _counted(chosen, demand, task)
    return None if task.ledger.errors > before else tuple(subnet.id for subnet in chosen)


def _foreign(subnet: Subnet, mine: str) -> bool:
    return mine not in subnet.tags and any(key.startswith("kubernetes.io/cluster") for key in subnet.tags)
