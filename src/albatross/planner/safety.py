"""Deletions of load balancers, which also delete their DNS names: problems that warn of them or refuse the plan."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from albatross.catalog import tracking
from albatross.model.ident import Ident
from albatross.model.intent import Intent
from albatross.model.observed import Owned
from albatross.model.plan import Create, Delete, Plan, Update
from albatross.model.problem import Origin, Problem
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.planner.replacing import CREATED

MANY = 10
"""Warn if a plan deletes more load balancers than this (chosen by us)."""
SHARE = 0.3
"""Also warn if a plan deletes more than this share of all load balancers (chosen by us; octodns has the same) ..."""
FEW = 5
"""... but only if it deletes at least this many (chosen by us): in a small cluster every load balancer is a large share."""
SECONDS = 600.0
"""The time in which the deletions of separate plans are added up (chosen by us: a wrong edit reaches every group within it)."""
SHOWN = 20
"""Names in one message."""
STOPPED = {"application": "two to four minutes", "network": "three to six minutes"}
"""How long nothing answers if a load balancer is deleted before its successor is created, by its type (chosen by us from what users
report: AWS says that it takes minutes until a new load balancer is active, and promises nothing)."""
PROTECTION = "deletion_protection.enabled"
"""The attribute with which AWS refuses DeleteLoadBalancer."""


def replaced(plan: Plan, members: Iterable[Ident]) -> Iterator[Problem]:
    """LB501 for each load balancer that is replaced, reported on the first member."""
    for member in tuple(members)[:1]:
        for operation in plan.operations:
            if isinstance(operation, Create) and isinstance(operation.resource, LoadBalancer) and operation.replaces:
                before = operation.replaces
                words = {"name": _name(before), "fields": " and ".join(operation.changed), "dns": before.dns_name or before.arn}
                yield Problem("LB501", Origin.of(member), tuple(sorted(words.items())))


def replacing(plan: Plan, members: Iterable[Ident]) -> Iterator[Problem]:
    """LB446 to LB449 for each load balancer that is being replaced, reported on the first member: how, and what it waits for."""
    for member in tuple(members)[:1]:
        for operation in plan.operations:
            if isinstance(operation, Create) and isinstance(operation.resource, LoadBalancer) and operation.replaces:
                yield _beside(plan, operation, operation.replaces, Origin.of(member))
        for each in plan.standby:
            words = {"name": each.before.resource.name, "dns": each.before.dns_name or each.before.arn}
            if each.until is not None:
                yield Problem("LB449", Origin.of(member), tuple(sorted({**words, "until": clock(each.until)}.items())))
            elif each.waits and CREATED not in each.waits:
                yield Problem("LB448", Origin.of(member), tuple(sorted({**words, "waits": "; ".join(each.waits)}.items())))


def _beside(plan: Plan, made: Create, before: Owned[object], origin: Origin) -> Problem:
    words = {"name": _name(before)}
    if reason := plan.apart.get(made.resource.id):
        kind = before.resource.type if isinstance(before.resource, LoadBalancer) else ""
        return Problem("LB447", origin, tuple(sorted({**words, "reason": reason, "time": STOPPED.get(kind, STOPPED["network"])}.items())))
    grace = next((each.grace_seconds for each in plan.standby if each.before.arn == before.arn), 0.0)
    return Problem("LB446", origin, tuple(sorted({**words, "grace": f"{grace:g}"}.items())))


def clock(seconds: float) -> str:
    """A time in words: `2026-03-01 12:30:00 UTC`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def left(plan: Plan, idents: Iterable[Ident]) -> Iterator[Problem]:
    """LB506 for each load balancer that is deleted without a successor while objects that used it exist, reported on the first of them."""
    replaced = {each.replaces.arn for each in plan.operations if isinstance(each, Create) and each.replaces}
    retired = {each.before.arn for each in plan.operations if isinstance(each, Delete) and each.retired}
    for ident in tuple(idents)[:1]:
        for before in lost(plan):
            if before.arn not in replaced and before.arn not in retired:
                words = {"name": _name(before), "dns": before.dns_name or before.arn, "group": f"group {plan.stack}"}
                yield Problem("LB506", Origin.of(ident), tuple(sorted(words.items())))


def departed(plan: Plan, moved: Iterable[Ident]) -> Iterator[Problem]:
    """LB524 for each object that leaves while the load balancer stays, reported on the object; one for each load balancer."""
    stay = sorted(name for ref, name in plan.ids.items() if ref.kind == "LoadBalancer" and ref.field == "dns_name")
    for ident in moved:
        for name in stay:
            words = {"object": str(ident), "group": f"group {plan.stack}", "dns": name}
            yield Problem("LB524", Origin.of(ident), tuple(sorted(words.items())))


def readdressed(plan: Plan, members: Iterable[Ident]) -> Iterator[Problem]:
    """LB526 for each load balancer that stays but loses addresses, reported on the first member."""
    for member in tuple(members)[:1]:
        for operation in plan.operations:
            match operation:
                case Update(resource=LoadBalancer() as after, before=Owned(resource=LoadBalancer() as before) as owned) if (
                    lost := _addresses(after, before)
                ):
                    words = {"name": _name(owned), "addresses": _listed(lost), "dns": owned.dns_name}
                    yield Problem("LB526", Origin.of(member), tuple(sorted(words.items())))


def _addresses(after: LoadBalancer, before: LoadBalancer) -> list[str]:
    """The addresses that a load balancer loses. The IPv4 addresses of an application load balancer change all the time."""
    found = ["its IPv6 addresses"] if before.ip_address_type != "ipv4" and after.ip_address_type == "ipv4" else []
    kept = {each.subnet_id: each for each in after.subnet_mappings}
    for each in before.subnet_mappings if before.type == "network" else ():
        now = kept.get(each.subnet_id)
        given = now and (now.allocation_id or now.private_ipv4_address)
        if now is None or (given and given not in (each.allocation_id, each.private_ipv4_address)):
            found.append(f"its address in {each.subnet_id}")
    return found


def protected(plan: Plan, intent: Intent) -> Iterator[Problem]:
    """LB503 for each load balancer that would be replaced while a setting switches its deletion protection on."""
    for operation in plan.operations:
        if not isinstance(operation, Create) or not isinstance(operation.resource, LoadBalancer) or not operation.replaces:
            continue
        if protection(operation.resource):
            words = {"name": _name(operation.replaces), "fields": " and ".join(operation.changed)}
            yield Problem("LB503", _asked(intent, operation.resource.id), tuple(sorted(words.items())))


def _asked(intent: Intent, id: str) -> Origin:
    """The place that sets the deletion protection: the first member with the setting, or the first member if a class sets it."""
    said = (share.settings.attributes or {} for balancer in intent.balancers if balancer.id == id for share in balancer.shares)
    return next((each[PROTECTION].origin for each in said if PROTECTION in each), intent.members[0].origin)


def unprotected(plan: Plan, idents: Iterable[Ident]) -> Iterator[Problem]:
    """LB504 for each load balancer that is deleted although its deletion protection is on, reported on the first object."""
    for ident in tuple(idents)[:1]:
        for operation in plan.operations:
            if isinstance(operation, Delete) and protection(operation.before.resource):
                yield Problem("LB504", Origin.of(ident), (("name", _name(operation.before)),))


def protection(resource: object) -> bool | None:
    """Whether deletion protection is on; None if it is unknown, or if the resource is another kind."""
    value = dict(resource.attributes).get(PROTECTION) if isinstance(resource, LoadBalancer) else None
    return None if value is None else value.lower() == "true"


def sweep(plans: Iterable[Plan], allowed: int | None) -> tuple[Problem, ...]:
    """LB505 if the plans together delete more load balancers than allowed; LB502 if they delete many; otherwise nothing."""
    gone: list[Owned[object]] = []
    kept = 0
    for plan in plans:
        gone += lost(plan)
        kept += sum(ref.kind == "LoadBalancer" and ref.field == "arn" for ref in plan.ids)
    standing = kept + len(gone)
    if excessive(len(gone), standing, allowed):
        return (refused(gone, (len(gone), standing), "at once", ()),)
    if len(gone) <= MANY and (len(gone) < FEW or len(gone) <= SHARE * standing):
        return ()
    words = {"lost": str(len(gone)), "standing": str(standing), **_names(gone)}
    return (Problem("LB502", _first(gone), tuple(sorted(words.items()))),)


def lost(plan: Plan) -> tuple[Owned[object], ...]:
    """The load balancers that a plan deletes or replaces. One that stays next to its successor counts when that is created.

    So it does not count again at its deletion: the plan that creates a successor is the one to refuse.
    """
    found = dict[str, Owned[object]]()
    for each in plan.operations:
        if isinstance(each, Delete) and not (each.retired and tracking.moved(each.before.tags) is not None):
            found[each.before.arn] = each.before
        elif isinstance(each, Create) and each.replaces:
            found[each.replaces.arn] = each.replaces
    return tuple(each for each in found.values() if isinstance(each.resource, LoadBalancer))


def excessive(lost: int, standing: int, allowed: int | None) -> bool:
    """Whether to refuse: more than allowed, and more than a share of all.

    One of the two alone is usual: a small cluster is emptied, or a large cluster deletes a dozen of hundreds.
    """
    return allowed is not None and lost > allowed and lost > SHARE * standing


def recent(gone: Mapping[str, float], now: float) -> Mapping[str, float]:
    """Of the deleted load balancers, with the times of their deletion, those that still count."""
    return {arn: at for arn, at in gone.items() if now - at < SECONDS}


def refused(gone: Iterable[Owned[object]], counts: tuple[int, int], when: str, idents: Iterable[Ident]) -> Problem:
    """LB505, reported on the first object, or on the first load balancer. `counts`: how many would be deleted, and how many there are."""
    found = list(gone)
    origin = next((Origin.of(ident) for ident in idents), _first(found))
    words = {"lost": str(counts[0]), "standing": str(counts[1]), "when": when, **_names(found)}
    return Problem("LB505", origin, tuple(sorted(words.items())))


def _first(found: Iterable[Owned[object]]) -> Origin:
    return Origin("LoadBalancer", "", min(_name(each) for each in found))


def _names(found: Iterable[Owned[object]]) -> dict[str, str]:
    ordered = sorted(found, key=_name)
    return {"names": _listed(_name(each) for each in ordered), "dns": _listed(each.dns_name or each.arn for each in ordered)}


def _name(owned: Owned[object]) -> str:
    return owned.resource.name if isinstance(owned.resource, LoadBalancer) else owned.arn


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(found[:SHOWN]) + more
