"""What a plan takes down that users stand on: load balancers, whose DNS names go with them. Nothing here forbids anything; it is told."""

from collections.abc import Iterable, Iterator

from albatross.model.ident import Ident
from albatross.model.intent import Intent
from albatross.model.observed import Owned
from albatross.model.plan import Create, Delete, Plan
from albatross.model.problem import Origin, Problem
from albatross.model.resources.load_balancer import LoadBalancer

MANY = 10
"""More load balancers than these at once are worth a question (chosen)."""
SHARE = 0.3
"""So is a larger share of all that stand (chosen), ..."""
FEW = 5
"""... from so many lost on (chosen): of a handful, nearly any is a large share."""
SHOWN = 20
"""Names in one message."""
PROTECTION = "deletion_protection.enabled"
"""The attribute with which AWS refuses DeleteLoadBalancer."""


def replaced(plan: Plan, members: Iterable[Ident]) -> Iterator[Problem]:
    """LB501 for each load balancer that is replaced, told to the first of the members."""
    for member in tuple(members)[:1]:
        for operation in plan.operations:
            if isinstance(operation, Create) and isinstance(operation.resource, LoadBalancer) and operation.replaces:
                before = operation.replaces
                words = {"name": _name(before), "fields": " and ".join(operation.changed), "dns": before.dns_name or before.arn}
                yield Problem("LB501", Origin.of(member), tuple(sorted(words.items())))


def protected(plan: Plan, intent: Intent) -> Iterator[Problem]:
    """LB503 for each load balancer that would be replaced while a setting asks for its deletion protection."""
    for operation in plan.operations:
        if not isinstance(operation, Create) or not isinstance(operation.resource, LoadBalancer) or not operation.replaces:
            continue
        if protection(operation.resource):
            words = {"name": _name(operation.replaces), "fields": " and ".join(operation.changed)}
            yield Problem("LB503", _asked(intent), tuple(sorted(words.items())))


def _asked(intent: Intent) -> Origin:
    """Where deletion protection is asked for: in the first member that says so, else, as a class can say it, in the first member."""
    found = (member.settings.attributes[PROTECTION].origin for member in intent.members if PROTECTION in member.settings.attributes)
    return next(found, intent.members[0].origin)


def unprotected(plan: Plan, idents: Iterable[Ident]) -> Iterator[Problem]:
    """LB504 for each load balancer that is deleted though its deletion protection is on, told to the first of the objects."""
    for ident in tuple(idents)[:1]:
        for operation in plan.operations:
            if isinstance(operation, Delete) and protection(operation.before.resource):
                yield Problem("LB504", Origin.of(ident), (("name", _name(operation.before)),))


def protection(resource: object) -> bool | None:
    """Whether deletion protection is on; None where it is not known, or nothing to speak of."""
    value = dict(resource.attributes).get(PROTECTION) if isinstance(resource, LoadBalancer) else None
    return None if value is None else value.lower() == "true"


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
