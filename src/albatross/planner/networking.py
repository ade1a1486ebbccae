"""The ports that the security groups of the targets must open, for all bindings together.

Rules of the peer: `pkg/targetgroupbinding/networking_manager.go`. If an interface
has several possible groups, the peer fails; we choose one and report it (docs/deviations.md).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from albatross.model.resources.binding import NetworkingRule
from albatross.model.resources.security_group import Permission

DESCRIPTION = "elbv2.k8s.aws/targetGroupBinding=shared"
"""Rules with this description are ours; other rules are never revoked."""

FIRST_PORT, LAST_PORT = 0, 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceGroup:
    """A security group on a target's network interface."""

    id: str
    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """The group that gets the rules; `doubt` says why it was chosen from several."""

    group: str
    doubt: str = ""


def choose(groups: Iterable[InterfaceGroup], cluster: str, extra: Mapping[str, str]) -> Choice | None:
    """The one security group of an interface that gets the rules; None if the interface has no group.

    One group: this one. Several: the one with the tag `kubernetes.io/cluster/<cluster>` (and `extra`). If several have it: the one that EKS
    created, otherwise the only one with the tag value `owned`, otherwise the lowest id.
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
    """The rules of one binding for one security group; `named` are its port names, each with a number that it has on a pod."""

    group: str
    rules: tuple[NetworkingRule, ...]
    named: frozenset[tuple[str, int]] = frozenset()


def permissions(demands: Iterable[Demand], *, restricted: bool = True) -> Mapping[str, frozenset[Permission]]:
    """The permissions that each security group must have.

    Restricted: one range per source group and protocol, from the lowest to the highest port.
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
    """The changes to one security group; grants come before revocations."""

    grant: tuple[Permission, ...] = ()
    revoke: tuple[Permission, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.grant or self.revoke)


def diff(wanted: Iterable[Permission], present: Iterable[Permission], *, revoke: bool = True) -> Rules:
    """Grant the missing rules; revoke our rules that are not needed any more.

    Without `revoke` (after a start, when not every binding is known yet), only rules that no wider rule already covers are granted.
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
