"""Who keeps a host and a path for which members of several namespaces in one group have a route: first come, first served."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from albatross.model.ident import Ident
from albatross.model.intent import Balancer, Intent, Listen, Member, Route, Share
from albatross.model.problem import Problem
from albatross.model.resources.rule import Condition

Pair = tuple[str, str]
"""A host and a path; empty: every host, every path. `/a`, `/a/` and `/a/*` are one path."""
ALL = "*"
"""Every path, in what is denied."""


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """What a route asks for: requests to a port with a host and a path."""

    port: int
    host: str
    path: str

    @property
    def pair(self) -> Pair:
        """Without the port."""
        return self.host, self.path


Rank = Callable[[Ident, Slot], tuple[object, ...]]
"""The smaller, the earlier. It ends with something that no two members have."""


def pairs(conditions: Iterable[Condition]) -> frozenset[Pair]:
    """The hosts and paths in the conditions of a rule."""
    found: dict[str, set[str]] = {"host-header": set(), "path-pattern": set()}
    for each in conditions:
        if each.field in found:
            found[each.field].update(value.lower() if each.field == "host-header" else _path(value) for value in each.values)
            found[each.field].update(f"~{value}" for value in each.regex_values)
    return frozenset((host, path) for host in found["host-header"] or {""} for path in found["path-pattern"] or {""})


def denied(conditions: Iterable[Condition], of: frozenset[Pair]) -> bool:
    """Whether a rule with these conditions has a host and path that its member may not have."""
    return any((host, path) in of or (host, ALL) in of for host, path in pairs(conditions))


def contested(intent: Intent) -> Mapping[Slot, frozenset[Ident]]:
    """What members of several namespaces ask for, and these members."""
    found: dict[Slot, set[Ident]] = {}
    for ident, claims in held(intent).items():
        for slot in claims:
            found.setdefault(slot, set()).add(ident)
    return {slot: frozenset(idents) for slot, idents in found.items() if len({each.namespace for each in idents}) > 1}


def held(intent: Intent) -> Mapping[Ident, frozenset[Slot]]:
    """What each member asks for."""
    found: dict[Ident, set[Slot]] = {}
    for share in intent.shares:
        for listen in share.listens:
            for route in _routes(listen):
                found.setdefault(share.member, set()).update(_claims(route, listen))
    return {ident: frozenset(claims) for ident, claims in found.items()}


def settled(intent: Intent, fought: Mapping[Slot, frozenset[Ident]], rank: Rank) -> tuple[Intent, tuple[Problem, ...]]:
    """The intent without the routes that lose, and what is reported about it: an error at each of them, and a warning at what stays."""
    keepers = {slot: min(idents, key=lambda each, slot=slot: rank(each, slot)) for slot, idents in fought.items()}  # type: ignore[misc]
    lost: dict[Ident, set[Slot]] = {}
    for slot, idents in fought.items():
        for ident in idents:
            if ident.namespace != keepers[slot].namespace:
                lost.setdefault(ident, set()).add(slot)
    found = tuple(dict.fromkeys(_problems(intent, fought, keepers)))
    left = replace(intent, balancers=tuple(_without(each, lost) for each in intent.balancers))
    routed = held(left).keys()
    members = tuple(_lessened(each, lost[each.ident], each.ident in routed) if each.ident in lost else each for each in intent.members)
    return replace(left, members=members), found


def _problems(intent: Intent, fought: Mapping[Slot, frozenset[Ident]], keepers: Mapping[Slot, Ident]) -> Iterator[Problem]:
    for share in intent.shares:
        for listen in share.listens:
            for route in _routes(listen):
                for slot in sorted(_claims(route, listen) & fought.keys()):
                    yield from _reported(share.member, route, slot, keepers[slot], fought[slot])


def _reported(ident: Ident, route: Route, slot: Slot, keeper: Ident, idents: frozenset[Ident]) -> Iterator[Problem]:
    what = f"{slot.host or 'every host'}{slot.path.replace('~', ' matching ') or '/'}"
    if ident.namespace != keeper.namespace:
        words = (("said", f"belongs to {keeper.kind} {keeper.short}, which had it first"), ("what", what))
        yield Problem("LB445", route.origin, words)
    elif ident == keeper:
        others = ", ".join(f"{each.kind} {each.short}" for each in sorted(idents) if each.namespace != keeper.namespace)
        yield Problem(
            "LB445", route.origin, (("said", f"is also in {others}, and only this object gets the requests"), ("what", what)), "warning"
        )


def _lessened(member: Member, lost: set[Slot], routed: bool) -> Member:
    partial = routed and (member.partial or not member.faulty)
    return replace(member, faulty=True, denied=member.denied | {each.pair for each in lost}, partial=partial)


def _without(balancer: Balancer, lost: Mapping[Ident, set[Slot]]) -> Balancer:
    return replace(balancer, shares=tuple(_left(each, lost[each.member]) if each.member in lost else each for each in balancer.shares))


def _left(share: Share, lost: set[Slot]) -> Share:
    return replace(share, listens=tuple(_kept(each, lost) for each in share.listens))


def _kept(listen: Listen, lost: set[Slot]) -> Listen:
    routes = tuple(route for route in listen.routes if not _claims(route, listen) & lost)
    default = listen.default if listen.default and not _claims(listen.default, listen) & lost else None
    return replace(listen, routes=routes, default=default)


def _routes(listen: Listen) -> tuple[Route, ...]:
    return (*listen.routes, listen.default) if listen.default else listen.routes


def _claims(route: Route, listen: Listen) -> frozenset[Slot]:
    return frozenset(Slot(listen.port, *pair) for pair in pairs(route.conditions))


def _path(pattern: str) -> str:
    return pattern.removesuffix("*").removesuffix("/")
