"""A group of Ingresses → an intent and everything that is wrong with its members."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from albatross.catalog import annotations as row
from albatross.catalog.value import boolean, mapping
from albatross.frontend.group import Group, Placement, Read
from albatross.frontend.ingress import balancer, fronting, listening, ownership
from albatross.frontend.ingress.context import Context, Subject
from albatross.frontend.ingress.routing import Router
from albatross.frontend.ingress.serving import service_origin
from albatross.frontend.notes import Notes
from albatross.frontend.reader import place
from albatross.model.config import Config
from albatross.model.intent import ForwardTo, FrontendSettings, Intent, Member
from albatross.model.problem import Origin, Problem
from albatross.model.snapshot import Ingress, IngressClassParams, Key, Snapshot

DELETION_PROTECTION = "deletion_protection.enabled"


def read(snapshot: Snapshot, config: Config, group: Group) -> Read:
    """Read every member of a group, and what its leaving members forbid."""
    notes = Notes()
    for ident in group.unclear:
        for problem in group.problems(ident):
            notes.put(problem)
    for ident in group.leaving:
        _protected(snapshot.ingresses[ident.key], notes)
    broken = notes.errors > 0
    subjects = [Subject(snapshot.ingresses[ident.key], _params(group.placements[ident]), notes) for ident in group.members]
    capacity = balancer.overrides(subjects[0]).minimum_capacity if subjects else None
    context = Context(snapshot, config, notes, _security_groups_given(subjects), _frontend_enabled(subjects), capacity)
    balancers = [_balancer(subject, context, group.problems(subject.origin.ident)) for subject in subjects]
    members = tuple(_routed(subject, member, context) for subject, member in zip(subjects, balancers, strict=True))
    _unused(subjects, members, context)
    broken = broken or any(member.faulty for member in balancers)
    return Read(Intent(id=group.id, members=members, broken=broken), notes.problems)


def _params(placement: Placement) -> IngressClassParams | None:
    return next((each for each in placement.rulers if isinstance(each, IngressClassParams)), None)


def _security_groups_given(subjects: list[Subject]) -> bool:
    written = (subject.annotations.get(row.SECURITY_GROUPS.key, "") for subject in subjects)
    return any(row.SECURITY_GROUPS.parse(raw).value for raw in written)


def _frontend_enabled(subjects: list[Subject]) -> bool:
    return any(boolean(subject.annotations.get(row.ENABLE_FRONTEND_NLB.key, "false")).value for subject in subjects)


def _balancer(subject: Subject, context: Context, known: tuple[Problem, ...]) -> Member:
    """A member without its routes. A fault here concerns the load balancer that all share, so `faulty` breaks the group."""
    notes = context.notes
    before = notes.errors
    for problem in known:
        notes.put(problem)
    for name in (row.GROUP_NAME, row.GROUP_ORDER, row.DRY_RUN_PLAN):
        subject.reader.raw(name.name)
    member = Member(
        ident=subject.origin.ident,
        origin=subject.origin,
        settings=balancer.settings(subject, context),
        overrides=balancer.overrides(subject),
        tags=balancer.tags(subject, context),
        listens=listening.listens(subject, context),
        frontend_enabled=subject.reader.read(row.ENABLE_FRONTEND_NLB),
        frontend=fronting.settings(subject.reader) if context.frontend_enabled else FrontendSettings(),
        live=any(each.hostname for each in subject.ingress.status),
    )
    return replace(member, faulty=notes.errors > before)


def _routed(subject: Subject, member: Member, context: Context) -> Member:
    """The member with its routes; a fault in one leaves out that route."""
    before = context.notes.errors
    router = Router(subject, any(listen.protocol == "HTTPS" for listen in member.listens), context)
    routes, default = router.routes(), router.default()
    return replace(member, routes=routes, default=default, faulty=member.faulty or context.notes.errors > before)


def _protected(ingress: Ingress, notes: Notes) -> None:
    """A deleted Ingress whose own annotation protects the load balancer holds its group until the annotation is changed."""
    raw = ingress.metadata.annotations.get(row.LOAD_BALANCER_ATTRIBUTES.key)
    if not ingress.metadata.deleting or raw is None:
        return
    at = place(ownership.origin(ingress), row.LOAD_BALANCER_ATTRIBUTES.key)
    pairs = mapping(raw)
    value = dict(pairs.value or ()).get(DELETION_PROTECTION, "false")
    on = boolean(value)
    for fault in (*pairs.faults, *on.faults):
        notes.fault(fault, at)
    if on.value:
        notes.add("LB214", at)


def _unused(subjects: list[Subject], members: tuple[Member, ...], context: Context) -> None:
    """Annotations of ours that nobody read: unknown, on the wrong kind of object, or without effect."""
    for subject in subjects:
        _leftover("Ingress", subject.origin, subject.annotations, context.notes)
    for key in sorted({key for member in members for key in _services(member)}):
        service = context.snapshot.services[key]
        _leftover("Service", service_origin(service), service.metadata.annotations, context.notes)


def _services(member: Member) -> Iterator[Key]:
    routes = (*member.routes, member.default) if member.default else member.routes
    for route in routes:
        if isinstance(route.answer, ForwardTo):
            yield from ((target.backend.namespace, target.backend.service) for target in route.answer.targets if target.backend)


def _leftover(kind: str, origin: Origin, annotations: Mapping[str, str], notes: Notes) -> None:
    for key in notes.unused(origin, annotations):
        if not key.startswith(row.PREFIX):
            continue
        name = key.removeprefix(row.PREFIX)
        known = row.find(name)
        at = place(origin, key)
        if known is None:
            near = row.nearest(name)
            notes.add("LB131", at, annotation=name, hint=f"; did you mean {near}?" if near else "")
        elif kind not in known.kinds:
            notes.add("LB132", at, annotation=name, kind=kind, kinds=", ".join(known.kinds))
        else:
            notes.add("LB133", at, annotation=name, reason=_reason(known.name))


def _reason(name: str) -> str:
    """Why an annotation that is known was not read."""
    if name.startswith("frontend-nlb-"):
        return "enable-frontend-nlb is not true"
    if name in ("actions.<name>", "conditions.<name>", "transforms.<name>"):
        return "no backend has that name"
    known = row.ANNOTATIONS[name]
    return _REASONS.get(name, "no backend here is a Service that exists" if "Service" in known.kinds else "nothing here reads it")


_REASONS = {
    "manage-backend-security-group-rules": "security-groups are not given",
    "target-node-labels": "targets are pods, not nodes",
    "use-regex-path-match": "no path is ImplementationSpecific",
    "create-acm-cert": "feature gate EnableCertificateManagement is off",
    "acm-pca-arn": "no certificate is requested",
    "listener-attributes.<protocol>-<port>": "there is no such listener",
    "target-control-port.<service>.<port>": "no backend is written like that",
    "minimum-load-balancer-capacity": "feature gate LBCapacityReservation is off",
}
