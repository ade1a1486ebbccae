"""Who may reach the targets of a target group, on which ports: `spec.networking` of its binding."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from albatross.catalog.value import boolean
from albatross.model.facts import Subnet, Vpc, VpcFact
from albatross.model.intent import Backend, Balancer, given
from albatross.model.resources.binding import NetworkingRule
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.ref import Token
from albatross.model.resources.target_group import TargetGroup
from albatross.planner.builders.task import Task

PRESERVE = "preserve_client_ip.enabled"
"""The attribute of a target group that says whether targets see the addresses of clients."""
DATAGRAMS = ("UDP", "TCP_UDP", "QUIC", "TCP_QUIC")
"""Protocols with UDP traffic. AWS always preserves the addresses of clients for them."""
BOTH = ("TCP_UDP", "TCP_QUIC")
"""Protocols with TCP and UDP traffic."""
EVERYONE, EVERYONE_6 = "0.0.0.0/0", "::/0"

Door = tuple[str, int | str | None]
"""A protocol and a port; None means every port."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A load balancer, as far as its targets must let it in.

    `source` is the source group of its traffic; None: the rules are not ours. `subnets` are its subnets, as far as they are known.
    """

    balancer: Balancer
    noun: LoadBalancer
    source: Token | None
    subnets: tuple[Subnet, ...] = ()


def rules(reach: Reach, backend: Backend, group: TargetGroup, task: Task) -> tuple[NetworkingRule, ...] | None:
    """The rules for the targets; None if they are not ours."""
    if reach.noun.type == "network" and not reach.noun.security_groups:
        return _direct(reach, backend, group, task)
    if reach.source is None:
        return None
    if reach.noun.type == "network":
        return _entry(1, (reach.source,), (), _doors(backend, group, task))
    return _single(reach.source, backend, group, task)


def _target(backend: Backend, group: TargetGroup) -> int | str:
    return backend.serves.instance if group.target_type == "instance" else backend.serves.ip


def _entry(number: int, groups: Sequence[Token], cidrs: Iterable[str], doors: Sequence[Door]) -> tuple[NetworkingRule, ...]:
    """One element of the list: every source may use every port."""
    peers = [NetworkingRule(source_group=each) for each in groups] + [NetworkingRule(cidr=each) for each in cidrs]
    return tuple(
        NetworkingRule(source_group=peer.source_group, cidr=peer.cidr, protocol=protocol, port=port, entry=number)
        for peer in peers
        for protocol, port in doors
    )


# An application load balancer --------------------------------------------------------------------------------------


def _single(source: Token, backend: Backend, group: TargetGroup, task: Task) -> tuple[NetworkingRule, ...]:
    """One rule per port, in this order, with duplicates: target, health check, control."""
    if task.config.disable_restricted_sg_rules:
        return (NetworkingRule(source_group=source),)
    ports: list[int | str] = [_target(backend, group)]
    if group.health_check.port != "traffic-port":
        ports.append(group.health_check.port)
    if group.control_port is not None:
        ports.append(group.control_port)
    return tuple(NetworkingRule(source_group=source, port=port) for port in ports)


# A network load balancer with security groups ----------------------------------------------------------------------


def _doors(backend: Backend, group: TargetGroup, task: Task) -> list[Door]:
    """The ports that the source group may use: for traffic, then for health checks on another port."""
    protocol, port, check = group.protocol, _target(backend, group), group.health_check.port
    if task.config.disable_restricted_sg_rules:
        return [("TCP", None), *([("UDP", None)] if protocol in DATAGRAMS else [])]
    doors: list[Door] = []
    if protocol in DATAGRAMS:
        doors.append(("UDP", port))
        if protocol in BOTH or check in ("traffic-port", port):
            doors.append(("TCP", port))
    elif protocol in ("TCP", "TLS"):
        doors.append(("TCP", port))
    if check not in ("traffic-port", port):
        doors.append(("TCP", check))
    # The other controller writes no ports for SCTP, which EC2 has no health checks for.
    return doors or [("SCTP", None)]


# A network load balancer without security groups -------------------------------------------------------------------


def _direct(reach: Reach, backend: Backend, group: TargetGroup, task: Task) -> tuple[NetworkingRule, ...] | None:
    """The addresses from which traffic and health checks come: those of clients if AWS preserves them, else those of the load balancer."""
    settings = reach.balancer.shares[0].settings
    if not given(settings.manage_backend_rules, True):
        return None
    port, check, protocol = _target(backend, group), group.health_check.port, group.protocol
    balancer = _subnet_cidrs(reach, group)
    preserved = _preserves(group)
    written = settings.source_ranges.value if settings.source_ranges else ()
    clients = (written or _anyone(reach, group, task)) if preserved or protocol in DATAGRAMS else balancer
    traffic: list[Door] = [("TCP", port), ("UDP", port)] if protocol in BOTH else [("UDP" if protocol in DATAGRAMS else "TCP", port)]
    found = _entry(1, (), clients, traffic)
    same = protocol != "UDP" and check in ("traffic-port", port)
    if same and (not preserved or not written or {EVERYONE, EVERYONE_6} & set(clients)):
        return found
    return (*found, *_entry(2, (), balancer, [("TCP", port if check == "traffic-port" else check)]))


def _preserves(group: TargetGroup) -> bool:
    written = boolean(dict(group.attributes).get(PRESERVE, "")).value
    return group.target_type == "instance" if written is None else written


def _subnet_cidrs(reach: Reach, group: TargetGroup) -> tuple[str, ...]:
    if group.ip_address_type == "ipv6":
        return tuple(cidr for each in reach.subnets for cidr in each.ipv6_cidrs)
    return tuple(each.cidr for each in reach.subnets)


def _anyone(reach: Reach, group: TargetGroup, task: Task) -> tuple[str, ...]:
    """The sources if the user set none: everyone, or the VPC if the load balancer is internal."""
    six = group.ip_address_type == "ipv6"
    if reach.noun.scheme != "internal":
        return (EVERYONE_6 if six else EVERYONE,)
    found = task.ask(Vpc(), VpcFact, task.origin) or ()
    return tuple(cidr for each in found for cidr in (each.ipv6_cidrs if six else each.cidrs))
