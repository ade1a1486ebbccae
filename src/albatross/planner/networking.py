"""Which ports the targets' own security groups must open, summed over all bindings.

Rules of the peer: `pkg/targetgroupbinding/networking_manager.go`. Where an interface
carries several candidate groups the peer gives up; we choose and say so (docs/deviations.md).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from albatross.model.resources.binding import NetworkingRule
from albatross.model.resources.security_group import Permission

DESCRIPTION = "elbv2.k8s.aws/targetGroupBinding=shared"
"""Rules that carry this description are ours; no other rule is ever revoked."""

FIRST_PORT, LAST_PORT = 0, 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceGroup:
    """A security group on a target's network interface."""

    id: str
    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """The group whose rules are managed; `doubt` says why it had to be chosen among several."""

    group: str
    doubt: str = ""


def choose(groups: Iterable[InterfaceGroup], cluster: str, extra: Mapping[str, str]) -> Choice | None:
    """The one security group of an interface that takes the rules; None where there is no group at all.

    One group: that one. Several: the one tagged `kubernetes.io/cluster/<cluster>` (and `extra`); several of those: the one EKS made,
    else the only one tagged `owned`, else the lowest id.
    """
    found = sorted(groups, key=lambda g: g.id)
    if len(found) <= 1:
        return Choice(found[0].id) if found else None
    tag = f"kubernetes.io/cluster/{cluster}"
    tagged = [g for g in found if tag in g.tags and all(g.tags.get(k) == v for k, v in extra.items())]
    if len(tagged) == 1:
        return Choice(tagged[0].id)
    ids = ", ".join(g.id for g in tagged or found)
    doubt = f"{len(tagged)} of {len(found)} groups carry the tag {tag}: {ids}"
    eks = [g for g in tagged if g.tags.get("aws:eks:cluster-name") == cluster]
    owned = [g for g in tagged if g.tags.get(tag) == "owned"]
    best = (eks if len(eks) == 1 else []) or (owned if len(owned) == 1 else []) or tagged or found
    return Choice(best[0].id, doubt)


@dataclass(frozen=True, slots=True)
class Demand:
    """One binding's rules on one security group; `named` are the port names in them, each with a number that it has on some pod."""

    group: str
    rules: tuple[NetworkingRule, ...]
    named: frozenset[tuple[str, int]] = frozenset()


def permissions(demands: Iterable[Demand], *, restricted: bool = True) -> Mapping[str, frozenset[Permission]]:
    """What each security group must allow.

    Restricted: one range for each source group and protocol, from the lowest to the highest port.
    """
    found: dict[str, set[Permission]] = {}
    for demand in demands:
        wanted = found.setdefault(demand.group, set())
        for rule in demand.rules:
            wanted.update(_permissions(rule, demand.named))
    return {group: _collapsed(wanted) if restricted else frozenset(wanted) for group, wanted in sorted(found.items())}


def _permissions(rule: NetworkingRule, named: Iterable[tuple[str, int]]) -> Iterable[Permission]:
    cidr, cidr6 = ("", rule.cidr) if ":" in rule.cidr else (rule.cidr, "")
    for low, high in _ports(rule.port, named):
        yield Permission(
            protocol=rule.protocol.lower(),
            from_port=low,
            to_port=high,
            cidr=cidr,
            cidr6=cidr6,
            source_group=rule.source_group,
            description=DESCRIPTION,
        )


def _ports(port: int | str | None, named: Iterable[tuple[str, int]]) -> Iterable[tuple[int, int]]:
    if port is None:
        return [(FIRST_PORT, LAST_PORT)]
    if isinstance(port, int):
        return [(port, port)]
    return [(number, number) for name, number in named if name == port]


def _collapsed(wanted: Iterable[Permission]) -> frozenset[Permission]:
    ranges: dict[tuple[str, object], Permission] = {}
    kept: set[Permission] = set()
    for p in wanted:
        if not p.source_group:
            kept.add(p)
            continue
        key = (p.protocol, p.source_group)
        seen = ranges.get(key, p)
        ranges[key] = replace(seen, from_port=min(seen.from_port, p.from_port), to_port=max(seen.to_port, p.to_port))
    return frozenset(kept | set(ranges.values()))


@dataclass(frozen=True, slots=True)
class Rules:
    """What to change on one security group; grants go before revocations."""

    grant: tuple[Permission, ...] = ()
    revoke: tuple[Permission, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.grant or self.revoke)


def diff(wanted: Iterable[Permission], present: Iterable[Permission], *, revoke: bool = True) -> Rules:
    """Grant what is missing; revoke what is ours and no longer wanted.

    Without `revoke` (not every binding was heard yet, as after a start) only what no wider rule lets through already is granted.
    """
    want, have = set(wanted), set(present)
    if not revoke:
        return Rules(_ordered(p for p in want if not any(_covers(rule, p) for rule in have)))
    return Rules(_ordered(want - have), _ordered(p for p in have if p.description == DESCRIPTION and p not in want))


def _covers(rule: Permission, wanted: Permission) -> bool:
    return (
        rule.from_port <= wanted.from_port
        and wanted.to_port <= rule.to_port
        and replace(rule, from_port=0, to_port=0) == replace(wanted, from_port=0, to_port=0)
    )


def _ordered(found: Iterable[Permission]) -> tuple[Permission, ...]:
    return tuple(sorted(found, key=lambda p: (p.protocol, p.from_port, p.to_port, p.cidr, p.cidr6, p.prefix_list, str(p.source_group))))
