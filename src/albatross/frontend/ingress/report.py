"""What became of a group → the status of its Ingresses, and what those are told that have no group."""

from collections.abc import Iterable, Iterator, Mapping
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
    """The status of each member whose own says something else; none while no address is known."""
    entries = addresses(standing.stack, standing.ids)
    return tuple(_differing(snapshot, group, entries)) if entries else ()


def _differing(snapshot: Snapshot, group: Group, entries: tuple[LoadBalancerIngress, ...]) -> Iterator[Status]:
    body = {"loadBalancer": {"ingress": [_entry(each) for each in entries]}}
    for ident in group.members:
        ingress = snapshot.ingresses.get(ident.key)
        if ingress is not None and _ports(ingress.status) != _ports(entries):
            yield Status(ident, body)


def annotations(snapshot: Snapshot, group: Group, model: str) -> tuple[Annotations, ...]:
    """The model goes to the first member; every other member has none."""
    found = []
    for ident in group.members:
        ingress = snapshot.ingresses.get(ident.key)
        wanted = model if model and ident == group.members[0] else None
        if ingress is not None and ingress.metadata.annotations.get(DRY_RUN_PLAN.key) != wanted:
            found.append(Annotations(ident, {DRY_RUN_PLAN.key: wanted}))
    return tuple(found)


def addresses(stack: Stack, ids: Mapping[Ref, str]) -> tuple[LoadBalancerIngress, ...]:
    """The status of every member: the load balancer with the listeners' ports, then the one in front of it; empty while unknown."""
    name = ids.get(Ref("LoadBalancer", BALANCER, "dns_name"), "").lower()
    if not name:
        return ()
    ports = tuple(sorted({listener.port for listener in stack.listeners if listener.load_balancer.id == BALANCER}))
    front = ids.get(Ref("LoadBalancer", FRONTEND, "dns_name"), "").lower()
    wanted = any(balancer.id == FRONTEND for balancer in stack.load_balancers)
    own = LoadBalancerIngress(hostname=name, ports=ports)
    return (own, LoadBalancerIngress(hostname=front)) if wanted and front else (own,)


def _ports(found: Iterable[LoadBalancerIngress]) -> dict[str, frozenset[int]]:
    """What two statuses have in common that say the same: host names and ports, in whatever order."""
    return {entry.hostname: frozenset(entry.ports) for entry in found if entry.hostname}


def _entry(entry: LoadBalancerIngress) -> dict[str, Any]:
    # The other controller leaves protocol empty, and the field has no omitempty.
    ports = [{"port": port, "protocol": ""} for port in entry.ports]
    return {"hostname": entry.hostname, **({"ports": ports} if ports else {})}


def lost(placement: Placement) -> Line:
    """The event for an Ingress whose group cannot be told."""
    return Line(placement.ident, "Warning", "FailedLoadGroupID", f"failed load groupID due to {listed(placement.problems)}")
