"""A group of Ingresses → an intent and all problems of its members."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from albatross.catalog import annotations, tracking
from albatross.catalog.annotations import albatross
from albatross.catalog.annotations import ingress as row
from albatross.catalog.value import boolean
from albatross.frontend.group import Group, Placement, Read
from albatross.frontend.ingress import extent, in_front, listener, load_balancer, ownership, tenancy
from albatross.frontend.ingress.context import Context, Subject
from albatross.frontend.ingress.rule import Router
from albatross.frontend.ingress.target_group import service_origin
from albatross.frontend.ingress.tenancy import Allowance
from albatross.frontend.notes import ReadingNotes
from albatross.frontend.placeholder import placeholders
from albatross.frontend.protection import protects
from albatross.frontend.reader import place
from albatross.frontend.unused import others, unused
from albatross.model.config import Config
from albatross.model.intent import Balancer, Intent, Member, Setting, Share, Unread, given
from albatross.model.snapshot import Ingress, IngressClassParams, Key, Snapshot

ID = "LoadBalancer"
"""The resource id of the application load balancer."""


_DECISIVE: Mapping[Unread, annotations.Annotation[Any]] = {"ports": row.LISTEN_PORTS, "redirect": row.SSL_REDIRECT}
"""Annotations that decide about others."""


def read(snapshot: Snapshot, config: Config, group: Group) -> Read:
    """Read every member of a group, and check whether leaving members block it."""
    notes = ReadingNotes()
    for ident in group.unclear:
        for problem in group.problems(ident):
            notes.put(problem)
    for ident in group.leaving:
        _protected(snapshot.ingresses[ident.key], group, notes)
    broken = notes.errors > 0
    subjects = [Subject(snapshot.ingresses[ident.key], _params(group.placements[ident]), notes) for ident in group.members]
    capacity = load_balancer.overrides(subjects[0]).minimum_capacity if subjects else None
    context = Context(snapshot, config, notes, _security_groups_given(subjects), _nlb_enabled(subjects), capacity)
    unrouted = [_unrouted(subject, context, group) for subject in subjects]
    said = [_routed(subject, each, _allowance(subject, context, group), context) for subject, each in zip(subjects, unrouted, strict=True)]
    _unused(subjects, said, context)
    broken = broken or any(each.member.faulty for each in unrouted)
    members = tuple(each.member for each in said)
    first_come = config.first_come_hosts or any(True for _ in tenancy.policies(group.id, snapshot))
    intent = Intent(id=group.id, members=members, balancers=_balancers(said, context), broken=broken, first_come=first_come)
    return Read(intent, notes.problems)


def _allowance(subject: Subject, context: Context, group: Group) -> Allowance:
    return Allowance(tenancy.limits(subject.origin.namespace, group.id, context.snapshot), subject.origin, context.notes)


def _balancers(said: list["_Said"], context: Context) -> tuple[Balancer, ...]:
    """The application load balancer. If a member enables it, also the network load balancer in front of it."""
    if not said:
        return ()
    own = Balancer(id=ID, family="application", shares=tuple(each.own for each in said))
    if not context.nlb_enabled:
        return (own,)
    shares, switch = tuple(each.front for each in said), row.ENABLE_NLB.name
    front = Balancer(id=in_front.ID, family="network", shares=shares, in_front_of=ID, switch=switch, words="frontend-nlb-")
    return own, front


def _params(placement: Placement) -> IngressClassParams | None:
    return next((each for each in placement.rulers if isinstance(each, IngressClassParams)), None)


def _security_groups_given(subjects: list[Subject]) -> bool:
    written = (subject.annotations.get(row.SECURITY_GROUPS.key, "") for subject in subjects)
    return any(row.SECURITY_GROUPS.parse(raw).value for raw in written)


def _nlb_enabled(subjects: list[Subject]) -> bool:
    return any(boolean(subject.annotations.get(row.ENABLE_NLB.key, "false")).value for subject in subjects)


@dataclass(frozen=True, slots=True)
class _Said:
    """The settings of one Ingress: for the application load balancer, and for the network load balancer in front of it."""

    member: Member
    own: Share
    front: Share


def _unrouted(subject: Subject, context: Context, group: Group) -> _Said:
    """Everything except the routes. An error here affects the shared load balancer, so `faulty` breaks the group."""
    notes = context.notes
    before = notes.errors
    for problem in group.problems(subject.origin.ident):
        notes.put(problem)
    for each in (row.GROUP_NAME, row.GROUP_ORDER, row.DRY_RUN_PLAN):
        # the placement uses these, so they are not reported as unused
        subject.reader.raw(each.key)
    own = Share(
        member=subject.origin.ident,
        origin=subject.origin,
        settings=load_balancer.settings(subject, context),
        overrides=load_balancer.overrides(subject),
        tags=load_balancer.tags(subject, context),
        listens=listener.listens(subject, context),
        unread=frozenset(name for name, each in _DECISIVE.items() if subject.reader.unreadable(each)),
    )
    front = in_front.share(subject, own, ID, context)
    live = _live(subject.ingress, group)
    return _Said(Member(ident=own.member, origin=own.origin, faulty=notes.errors > before, live=live), own, front)


def _live(ingress: Ingress, group: Group) -> bool:
    """Whether this group serves the Ingress now. While it moves here from another group, its address is that group's."""
    elsewhere = set(tracking.held(tracking.INGRESS, ingress.metadata.key, ingress.metadata.finalizers)) - {group.id}
    return not elsewhere and any(each.hostname for each in ingress.status)


def _routed(subject: Subject, said: _Said, allowance: Allowance, context: Context) -> _Said:
    """Add the routes to every listener; a route with an error, or with a host that the policy of the group denies, is left out."""
    before = context.notes.errors
    # unreadable ports can be secure: what is checked there is still read
    secure = any(listen.protocol == "HTTPS" for listen in said.own.listens) or "ports" in said.own.unread
    router = Router(subject, secure, context)
    whole = not extent.excessive(subject, len(said.own.listens), context.notes)
    written = router.default() if whole else None
    routes = allowance.routes(router.routes() if whole else ())
    default = next(iter(allowance.routes((written,))), None) if written else None
    listens = tuple(replace(listen, routes=routes, default=default, hosts=allowance.names(listen.hosts)) for listen in said.own.listens)
    idle = () if listens else (*routes, *((default,) if default else ()))
    names = allowance.names(_names(subject, context))
    denied = frozenset((host, "*") for host in allowance.denied)
    found = context.notes.errors - before
    partial = not said.member.faulty and found == allowance.errors > 0 and bool(routes or default)
    member = replace(said.member, faulty=said.member.faulty or found > 0, denied=denied, partial=partial)
    return replace(said, member=member, own=replace(said.own, listens=listens, idle=idle, names=names, rehearsed=tuple(router.rehearsed)))


def _names(subject: Subject, context: Context) -> tuple[Setting[str], ...]:
    """The hosts that get DNS records."""
    wanted = subject.reader.read(albatross.DNS)
    if not given(wanted, context.config.enable_dns):
        return ()
    names = listener.hosts(subject)
    if wanted and not names:
        context.notes.add("LB199", wanted.origin)
    return names


def _protected(ingress: Ingress, group: Group, notes: ReadingNotes) -> None:
    """A deleted Ingress blocks the group while its own annotation sets deletion protection on the load balancer.

    An Ingress that moves to another group blocks only if no member remains, because otherwise the load balancer is not deleted.
    """
    origin = ownership.origin(ingress)
    if group.members and not ingress.metadata.deleting:
        return
    if not protects(row.LOAD_BALANCER_ATTRIBUTES, origin, ingress.metadata.annotations, notes):
        return
    at = place(origin, row.LOAD_BALANCER_ATTRIBUTES.key)
    if ingress.metadata.deleting:
        notes.add("LB214", at, annotation=row.LOAD_BALANCER_ATTRIBUTES.name)
    else:
        notes.add("LB216", at, group=str(group.id))


def _unused(subjects: list[Subject], said: list[_Said], context: Context) -> None:
    """Report our annotations that were not read: unknown, on the wrong kind of object, or without effect."""
    for subject in subjects:
        placeholders((subject.origin, subject.annotations), context.notes)
        unused((subject.origin, subject.annotations), (row.PREFIX, albatross.PREFIX), context.notes, _reason)
        others((subject.origin, subject.annotations), context.notes)
    for key in sorted({key for each in said for key in _services(each.own)}):
        service = context.snapshot.services[key]
        placeholders((service_origin(service), service.metadata.annotations), context.notes)
        unused((service_origin(service), service.metadata.annotations), (row.PREFIX, albatross.PREFIX), context.notes, _reason)


def _services(share: Share) -> Iterator[Key]:
    targets = (target for forward in share.forwards for target in forward.targets)
    yield from (target.backend.source.ident.key for target in targets if target.backend)


def _reason(known: annotations.Annotation[Any]) -> str:
    """Why a known annotation was not read."""
    if known.name.startswith("frontend-nlb-"):
        return f"{row.ENABLE_NLB.name} is not true"
    if known in (row.ACTIONS, row.CONDITIONS, row.TRANSFORMS):
        return "no backend uses this name"
    return _REASONS.get(known.name, "no backend is an existing Service" if "Service" in known.kinds else "it is not used here")


_REASONS = {
    "manage-backend-security-group-rules": "security-groups is not set",
    "target-node-labels": "the targets are pods, not nodes",
    "use-regex-path-match": "no path has pathType ImplementationSpecific",
    "replace-grace-seconds": "it belongs to the Ingress, or to a Service of type LoadBalancer",
    "create-acm-cert": "feature gate EnableCertificateManagement is off",
    "acm-pca-arn": "no certificate is requested",
    "listener-attributes.<protocol>-<port>": "no listener has this protocol and port",
    "target-control-port.<service>.<port>": "no backend has this Service and port",
    "minimum-load-balancer-capacity": "feature gate LBCapacityReservation is off",
}
