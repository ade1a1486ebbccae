"""The result of a plan → the status of the group's Ingresses, and the event for an Ingress without a group."""

from collections.abc import Iterable, Mapping
from typing import Any

from albatross.catalog.annotations.ingress import DRY_RUN_PLAN
from albatross.frontend.group import Group, Placement
from albatross.frontend.report import Annotations, Line, Standing, Status, listed
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import Stack
from albatross.model.snapshot import LoadBalancerIngress, Snapshot

BALANCER = "LoadBalancer"
FRONTEND = "FrontendNlb"


def status(snapshot: Snapshot, group: Group, standing: Standing) -> tuple[Status, ...]:
    """The new status of each member with a different status.

    A member gets its address when it is served for the first time; after that, the address follows the load balancer.
    """
    every = addresses(standing.stack, standing.ids)
    early = tuple(each for each in every if each.hostname in standing.known)
    routed = {rule.member for rule in standing.stack.rules}
    found = []
    for ident in group.members:
        ingress = snapshot.ingresses.get(ident.key)
        entries = every if ident in standing.served else early
        if ingress is None or not entries or not standing.shown(ident, _ports(ingress.status)):
            continue
        if not (ident in routed or ingress.default_backend or ingress.status):
            continue  # the load balancer has nothing of it
        if _ports(ingress.status) != _ports(entries):
            found.append(Status(ident, {"loadBalancer": {"ingress": [_entry(each) for each in entries]}}))
    return tuple(found)


def annotations(snapshot: Snapshot, group: Group, model: str) -> tuple[Annotations, ...]:
    """The first member gets the model; all other members get no such annotation."""
    found = []
    for ident in group.members:
        ingress = snapshot.ingresses.get(ident.key)
        wanted = model if model and ident == group.members[0] else None
        if ingress is not None and ingress.metadata.annotations.get(DRY_RUN_PLAN.key) != wanted:
            found.append(Annotations(ident, {DRY_RUN_PLAN.key: wanted}))
    return tuple(found)


def addresses(stack: Stack, ids: Mapping[Ref, str]) -> tuple[LoadBalancerIngress, ...]:
    """The status of every member: the load balancer with its listener ports, then the one in front of it; empty while unknown."""
    name = ids.get(Ref("LoadBalancer", BALANCER, "dns_name"), "").lower()
    if not name:
        return ()
    ports = tuple(sorted({listener.port for listener in stack.listeners if listener.load_balancer.id == BALANCER}))
    front = ids.get(Ref("LoadBalancer", FRONTEND, "dns_name"), "").lower()
    wanted = any(balancer.id == FRONTEND for balancer in stack.load_balancers)
    own = LoadBalancerIngress(hostname=name, ports=ports)
    return (own, LoadBalancerIngress(hostname=front)) if wanted and front else (own,)


def _ports(found: Iterable[LoadBalancerIngress]) -> dict[str, frozenset[int]]:
    """The part of a status that is compared: host names and ports, in any order."""
    return {entry.hostname: frozenset(entry.ports) for entry in found if entry.hostname}


def _entry(entry: LoadBalancerIngress) -> dict[str, Any]:
    # The other controller leaves protocol empty, and the field has no omitempty.
    ports = [{"port": port, "protocol": ""} for port in entry.ports]
    return {"hostname": entry.hostname, **({"ports": ports} if ports else {})}


def lost(placement: Placement) -> Line:
    """The event for an Ingress with an unknown group."""
    return Line(placement.ident, "Warning", "FailedLoadGroupID", f"failed load groupID due to {listed(placement.problems)}")
