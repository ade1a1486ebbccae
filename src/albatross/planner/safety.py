"""What a plan takes down that users stand on: load balancers, whose DNS names go with them. Nothing here forbids anything; it is told."""

from collections.abc import Iterable, Iterator

from albatross.model.ident import Ident
from albatross.model.observed import Owned
from albatross.model.plan import Create, Delete, Plan
from albatross.model.problem import Origin, Problem
from albatross.model.resources.load_balancer import LoadBalancer

MANY = 10
"""Warn if a plan deletes more load balancers than this (chosen by us)."""
SHARE = 0.3
"""Also warn if a plan deletes more than this share of all load balancers (chosen by us) ..."""
FEW = 5
"""... but only if it deletes at least this many (chosen by us): in a small cluster every load balancer is a large share."""
SHOWN = 20
"""Names in one message."""


def replaced(plan: Plan, members: Iterable[Ident]) -> Iterator[Problem]:
    """LB501 for each load balancer that is replaced, told to the first of the members."""
    for member in tuple(members)[:1]:
        for operation in plan.operations:
            if isinstance(operation, Create) and isinstance(operation.resource, LoadBalancer) and operation.replaces:
                before = operation.replaces
                words = {"name": _name(before), "fields": " and ".join(operation.changed), "dns": before.dns_name or before.arn}
                yield Problem("LB501", Origin.of(member), tuple(sorted(words.items())))


def sweep(plans: Iterable[Plan]) -> tuple[Problem, ...]:
    """LB502 where the plans of one look together take down too many of the load balancers that stand; else nothing."""
    lost: list[Owned[object]] = []
    kept = 0
    for plan in plans:
        lost += (each.before for each in plan.operations if isinstance(each, Delete) and isinstance(each.before.resource, LoadBalancer))
        kept += sum(ref.kind == "LoadBalancer" and ref.field == "arn" for ref in plan.ids)
    standing = kept + len(lost)
    if len(lost) <= MANY and (len(lost) < FEW or len(lost) <= SHARE * standing):
        return ()
    lost.sort(key=_name)
    words = {
        "lost": str(len(lost)),
        "standing": str(standing),
        "names": _listed(_name(each) for each in lost),
        "dns": _listed(each.dns_name or each.arn for each in lost),
    }
    return (Problem("LB502", Origin("LoadBalancer", "", _name(lost[0])), tuple(sorted(words.items()))),)


def _name(owned: Owned[object]) -> str:
    return owned.resource.name if isinstance(owned.resource, LoadBalancer) else owned.arn


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(found[:SHOWN]) + more
