"""One Ingress of a group → what it says about the load balancers. The result can be used again until something that it read changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from albatross.catalog import annotations, tracking
from albatross.catalog.annotations import albatross
from albatross.catalog.annotations import ingress as row
from albatross.frontend.ingress import extent, in_front, listener, load_balancer
from albatross.frontend.ingress.context import Context, Subject
from albatross.frontend.ingress.rule import Router
from albatross.frontend.ingress.tenancy import Allowance, Limits
from albatross.frontend.lookups import Answers, Lookups
from albatross.frontend.notes import ReadingNotes
from albatross.frontend.placeholder import placeholders
from albatross.frontend.unused import others, unused
from albatross.model.config import Config
from albatross.model.intent import Member, Setting, Share, Unread, given
from albatross.model.problem import Problem
from albatross.model.resources.stack import StackId
from albatross.model.snapshot import Ingress, IngressClassParams, Key, Snapshot

ID = "LoadBalancer"
"""The resource id of the application load balancer."""


_DECISIVE: Mapping[Unread, annotations.Annotation[Any]] = {"ports": row.LISTEN_PORTS, "redirect": row.SSL_REDIRECT}
"""Annotations that decide about others."""


@dataclass(frozen=True, slots=True)
class MemberInput:
    """What decides about the reading of one Ingress, except what it looks up by name.

    `problems` are those of its placement, `limits` the hosts that its namespace may use in the group. The last three are facts about the
    whole group.
    """

    ingress: Ingress
    params: IngressClassParams | None
    config: Config
    stack: StackId
    problems: tuple[Problem, ...]
    limits: Limits
    security_groups_given: bool
    nlb_enabled: bool
    capacity: Setting[int] | None

    def same(self, other: "MemberInput") -> bool:
        """Whether others have the same effect. Objects are not compared by content: one that was written again is another one."""
        objects = self.ingress is other.ingress and self.params is other.params and self.config is other.config
        return objects and self._values() == other._values()

    def _values(self) -> tuple[object, ...]:
        return self.stack, self.problems, self.limits, self.security_groups_given, self.nlb_enabled, self.capacity


@dataclass(frozen=True, slots=True)
class MemberReading:
    """The settings of one Ingress: for the application load balancer (`own`), and for the network load balancer in front of it.

    `broken`: it has an error that affects the shared load balancer. `problems` are those of the balancers, of the routes, and of
    annotations without effect. `services` are the Services that it forwards to. `used` has the annotations that were read.
    """

    entry: MemberInput
    answers: Answers
    member: Member
    own: Share
    front: Share
    broken: bool
    problems: tuple[tuple[Problem, ...], tuple[Problem, ...], tuple[Problem, ...]]
    services: frozenset[Key]
    used: ReadingNotes

    def holds(self, entry: MemberInput, snapshot: Snapshot) -> bool:
        """Whether reading it again would have the same result."""
        return self.entry.same(entry) and self.answers.hold(snapshot)


def read(entry: MemberInput, snapshot: Snapshot) -> MemberReading:
    """Read one Ingress."""
    notes, lookups = ReadingNotes(), Lookups(snapshot)
    subject = Subject(entry.ingress, entry.params, notes)
    context = Context(lookups, entry.config, notes, entry.security_groups_given, entry.nlb_enabled, entry.capacity)
    unrouted = _unrouted(subject, context, entry)
    first = len(notes.kept)
    said = _routed(subject, unrouted, context, entry)
    second = len(notes.kept)
    _unused(subject, notes)
    found = notes.kept
    return MemberReading(
        entry=entry,
        answers=lookups.answers,
        member=said.member,
        own=said.own,
        front=said.front,
        broken=unrouted.member.faulty,
        problems=(found[:first], found[first:second], found[second:]),
        services=frozenset(_services(said.own)),
        used=notes,
    )


@dataclass(frozen=True, slots=True)
class _Said:
    member: Member
    own: Share
    front: Share


def _unrouted(subject: Subject, context: Context, entry: MemberInput) -> _Said:
    """Everything except the routes. An error here affects the shared load balancer, so `faulty` breaks the group."""
    notes = context.notes
    for problem in entry.problems:
        notes.put(problem)
    for each in (row.GROUP_NAME, row.GROUP_ORDER, row.DRY_RUN_PLAN):
        # the placement uses these, so they are not reported as unused
        subject.reader.raw(each.key)
    settings = load_balancer.settings(subject, context)
    listens, supposed = listener.listens(subject, context)
    own = Share(
        member=subject.origin.ident,
        origin=subject.origin,
        settings=settings,
        overrides=load_balancer.overrides(subject),
        tags=load_balancer.tags(subject, context),
        listens=listens,
        supposed=supposed,
        unread=frozenset(name for name, each in _DECISIVE.items() if subject.reader.unreadable(each)),
    )
    front = in_front.share(subject, own, ID, context)
    live = _live(entry.ingress, entry.stack)
    return _Said(Member(ident=own.member, origin=own.origin, faulty=notes.errors > 0, live=live), own, front)


def _live(ingress: Ingress, stack: StackId) -> bool:
    """Whether this group serves the Ingress now. While it moves here from another group, its address is that group's."""
    elsewhere = set(tracking.held(tracking.INGRESS, ingress.metadata.key, ingress.metadata.finalizers)) - {stack}
    return not elsewhere and any(each.hostname for each in ingress.status)


def _routed(subject: Subject, said: _Said, context: Context, entry: MemberInput) -> _Said:
    """Add the routes to every listener; a route with an error, or with a host that the policy of the group denies, is left out."""
    before = context.notes.errors
    allowance = Allowance(entry.limits, subject.origin, context.notes)
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


def _unused(subject: Subject, notes: ReadingNotes) -> None:
    """Report its annotations of ours that were not read, and those of other controllers."""
    layer = (subject.origin, subject.annotations)
    placeholders(layer, notes)
    unused(layer, STEMS, notes, reason)
    others(layer, notes)


def _services(share: Share) -> Iterator[Key]:
    targets = (target for forward in share.forwards for target in forward.targets)
    yield from (target.backend.source.ident.key for target in targets if target.backend)


STEMS = (row.PREFIX, albatross.PREFIX)
"""The beginnings of the annotations of ours that an Ingress and its Services can have."""


def reason(known: annotations.Annotation[Any]) -> str:
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
