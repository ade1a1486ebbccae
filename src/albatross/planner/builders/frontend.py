"""A network load balancer in front of the application load balancer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from albatross.model.ident import Ident
from albatross.model.intent import FrontendSettings, HealthCheckSettings, Member, Setting
from albatross.model.resources.action import Forward, WeightedTargetGroup
from albatross.model.resources.listener import Listener
from albatross.model.resources.load_balancer import LoadBalancer, SubnetMapping
from albatross.model.resources.ref import Pairs, Ref, Token
from albatross.model.resources.registration import Registration
from albatross.model.resources.target_group import HealthCheck, TargetGroup
from albatross.planner.builders import merge, name, security_group, subnet
from albatross.planner.builders.listener import LOAD_BALANCER
from albatross.planner.builders.port import Port
from albatross.planner.builders.task import Task, given

ID = "FrontendNlb"
T = TypeVar("T")

Mapped = tuple[Member, int]
"""A member, and the application port it wants behind a front port."""


@dataclass(slots=True)
class Front:
    """Everything in front; empty where nobody enables it."""

    load_balancers: list[LoadBalancer] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    target_groups: list[TargetGroup] = field(default_factory=list)
    targets: list[Registration] = field(default_factory=list)


def build(behind: LoadBalancer, ports: tuple[Port, ...], task: Task) -> Front:
    """The network load balancer, its listeners and the target groups that hold the application load balancer."""
    front = Front()
    members = task.intent.members
    enabled = merge.harmless(((each.ident, each.frontend_enabled) for each in members), "enable-frontend-nlb", task.ledger)
    if enabled is None or not enabled.value:
        return front
    tags = _tags(behind, task)
    front.load_balancers.append(_load_balancer(behind, tags, enabled, task))
    for port, mapped in sorted(_mapped(ports, task).items()):
        _listener(front, port, mapped, tags, task)
    return front


def _agreed(task: Task, what: str, settings: Iterable[Setting[T] | None]) -> Setting[T] | None:
    idents = (member.ident for member in task.intent.members)
    return merge.exclusive(zip(idents, settings, strict=True), what, task.ledger)


def _tags(behind: LoadBalancer, task: Task) -> Pairs:
    """Its own tags replace everything, default tags too."""
    own = _agreed(task, "frontend-nlb-tags", [each.frontend.tags for each in task.intent.members])
    return own.value if own else behind.tags


def _load_balancer(behind: LoadBalancer, tags: Pairs, enabled: Setting[bool], task: Task) -> LoadBalancer:
    fronts = [each.frontend for each in task.intent.members]
    scheme = _agreed(task, "frontend-nlb-scheme", [each.scheme for each in fronts])
    kind = given(scheme, task.config.default_load_balancer_scheme)
    groups = _agreed(task, "frontend-nlb-security-groups", [each.security_groups for each in fronts])
    tokens: tuple[Token, ...] = security_group.resolved(groups, task) if groups and groups.value else behind.security_groups
    demand = subnet.Demand("network", kind, behind.ip_address_type, scheme.origin if scheme else enabled.origin)
    return LoadBalancer(
        id=ID,
        name=name.frontend(behind.name, task.config.cluster_name, task.intent.id, kind),
        type="network",
        scheme=kind,
        ip_address_type=behind.ip_address_type,
        subnet_mappings=_subnet_mappings(fronts, demand, task),
        security_groups=tokens,
        attributes=_attributes(fronts, task),
        tags=tags,
    )


def _subnet_mappings(fronts: list[FrontendSettings], demand: subnet.Demand, task: Task) -> tuple[SubnetMapping, ...]:
    members = task.intent.members
    names = merge.exclusive(((each.ident, each.frontend.subnets) for each in members), "frontend-nlb-subnets", task.ledger, sorted)
    addresses = merge.exclusive(
        ((each.ident, each.frontend.eip_allocations) for each in members),
        "frontend-nlb-eip-allocations",
        task.ledger,
        sorted,
    )
    if names:
        demand = replace(demand, at=names.origin)
    found = (subnet.listed(names, demand, task) if names else subnet.discovered(demand, task)) or ()
    if addresses is None:
        return tuple(SubnetMapping(subnet_id=each) for each in found)
    if demand.scheme != "internet-facing":
        task.ledger.fail("LB158", addresses.origin)
    if addresses.value and found and len(addresses.value) != len(found):
        task.ledger.fail("LB159", addresses.origin, addresses=str(len(addresses.value)), subnets=str(len(found)))
    if len(addresses.value) != len(found):
        return tuple(SubnetMapping(subnet_id=each) for each in found)
    pairs = zip(found, addresses.value, strict=True)
    return tuple(SubnetMapping(subnet_id=each, allocation_id=allocation) for each, allocation in pairs)


def _attributes(fronts: list[FrontendSettings], task: Task) -> Pairs:
    """Once a member gives attributes, every later one must give the same."""
    first: Setting[tuple[tuple[str, str], ...]] | None = None
    for member, front in zip(task.intent.members, fronts, strict=True):
        if first is None:
            first = front.attributes
        elif front.attributes is None or front.attributes.value != first.value:
            at = front.attributes.origin if front.attributes else member.origin
            words = {"value": _spelled(front.attributes), "first": _spelled(first), "by": first.origin.object}
            task.ledger.blame(member.ident, "LB123", at, setting="frontend-nlb-attributes", **words)
    return first.value if first else ()


def _spelled(found: Setting[tuple[tuple[str, str], ...]] | None) -> str:
    return ",".join(f"{key}={value}" for key, value in found.value) if found else "nothing"


def _mapped(ports: tuple[Port, ...], task: Task) -> dict[int, list[Mapped]]:
    """By front port; a member's mapping counts only for ports that it listens on."""
    found: dict[int, list[Mapped]] = {}
    for member in task.intent.members:
        own = [port.number for port in ports if member in port.members]
        written = member.frontend.ports
        pairs = written.value if written and written.value else tuple((port, port) for port in own)
        for front, behind in pairs:
            if behind in own:
                found.setdefault(front, []).append((member, behind))
            else:
                assert written is not None, "without a mapping every port is one's own"
                known = ", ".join(map(str, own)) or "none"
                task.ledger.add("LB164", written.origin, front=str(front), behind=str(behind), known=known)
    return found


def _listener(front: Front, port: int, mapped: list[Mapped], tags: Pairs, task: Task) -> None:
    behind = mapped[0][1]
    for member, other in mapped[1:]:
        if other != behind:
            at = member.frontend.ports.origin if member.frontend.ports else member.origin
            words = {"value": str(other), "first": str(behind), "by": mapped[0][0].origin.object}
            task.ledger.withhold(member.ident, "LB123", at, setting=f"the port behind {port}", **words)
    check = _health_check(port, [member for member, _ in mapped], task)
    group = _target_group(port, check, tags, task)
    ref = Ref("TargetGroup", group.id, "arn")
    front.target_groups.append(group)
    front.listeners.append(
        Listener(
            id=f"{ID}-ls-TCP-{port}",
            load_balancer=Ref("LoadBalancer", ID, "arn"),
            port=port,
            protocol="TCP",
            default_actions=(Forward((WeightedTargetGroup(ref),)),),
            tags=tags,
        )
    )
    front.targets.append(Registration(id=group.name, target_group=ref, port=port, target=LOAD_BALANCER, target_port=behind))


def _target_group(port: int, check: HealthCheck, tags: Pairs, task: Task) -> TargetGroup:
    parts = (str(port), "alb", "TCP", str(check.port), check.protocol)
    return TargetGroup(
        id=f"{ID}-tg-TCP-{port}",
        name=name.frontend_target_group(task.config.cluster_name, task.intent.id, *parts),
        target_type="alb",
        port=port,
        protocol="TCP",
        ip_address_type="ipv4",
        health_check=check,
        tags=tags,
    )


def _health_check(port: int, members: list[Member], task: Task) -> HealthCheck:
    checks: Mapping[Ident, HealthCheckSettings] = {member.ident: member.frontend.health_check for member in members}

    def agreed(what: str, settings: list[Setting[T] | None], default: T) -> T:
        found = merge.harmless(zip(checks, settings, strict=True), f"frontend-nlb-healthcheck-{what} of port {port}", task.ledger)
        return given(found, default)

    every = list(checks.values())
    return HealthCheck(
        port=agreed("port", [each.port for each in every], "traffic-port"),
        protocol=agreed("protocol", [each.protocol for each in every], "HTTP"),
        path=agreed("path", [each.path for each in every], "/"),
        http_code=agreed("success-codes", [each.success_codes for each in every], "200"),
        interval_seconds=agreed("interval-seconds", [each.interval for each in every], 15),
        timeout_seconds=agreed("timeout-seconds", [each.timeout for each in every], 5),
        healthy_threshold_count=agreed("healthy-threshold-count", [each.healthy_threshold for each in every], 2),
        unhealthy_threshold_count=agreed("unhealthy-threshold-count", [each.unhealthy_threshold for each in every], 2),
    )
