"""A question → what the VPC's resolver answers. Nothing outside the account has a name here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

RecordSet = Mapping[str, Any]
"""A record set as Route 53 lists it."""

_ALIAS_TTL = 60  # "Choosing between alias and non-alias records": an alias to a load balancer has the load balancer's TTL, 60 seconds
_HOPS = 8


@dataclass(frozen=True, slots=True)
class Zone:
    """A hosted zone; names are lower case, without the dot at the end, with `*` for a wildcard."""

    id: str
    name: str
    private: bool
    sets: tuple[RecordSet, ...]


@dataclass(frozen=True, slots=True)
class World:
    """All there is to answer from: the zones that the VPC sees, and the addresses of each load balancer by its DNS name."""

    zones: tuple[Zone, ...] = ()
    balancers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Answer:
    """Records as (name, TTL, type, value) in order; `exists` is false if nothing has the name; `zone` is the one that says so."""

    rows: list[tuple[str, int, str, str]] = field(default_factory=list)
    exists: bool = False
    zone: Zone | None = None


def plain(name: str) -> str:
    """A name as it is compared."""
    return name.lower().rstrip(".").replace("\\052", "*")


def answer(world: World, name: str, kind: str) -> Answer:
    """The answer to a question for a type; CNAMEs are followed."""
    found = Answer()
    _follow(world, plain(name), kind, found, _HOPS)
    return found


def holder(zones: Sequence[Zone], name: str) -> Zone | None:
    """The zone that answers for a name: a private one if one fits, the longest of these; it hides every public one."""
    fit = [zone for zone in zones if name == zone.name or name.endswith(f".{zone.name}")]
    return max(fit, key=lambda zone: (zone.private, len(zone.name)), default=None)


def _follow(world: World, name: str, kind: str, found: Answer, hops: int) -> None:
    if addresses := world.balancers.get(name.removeprefix("dualstack.")):
        found.exists = True
        if kind in ("A", "ANY"):  # the data plane has no IPv6 address
            found.rows += [(name, _ALIAS_TTL, "A", each) for each in addresses]
        return
    zone = holder(world.zones, name)
    sets = _sets(zone, name) if zone else ()
    found.zone = found.zone or zone
    found.exists = found.exists or bool(sets) or (zone is not None and _inside(zone, name))
    chosen = [each for each in sets if kind in (each["Type"], "ANY")] or [each for each in sets if each["Type"] == "CNAME"]
    for each in _simple(chosen):
        _add(world, (name, kind), each, found, hops)


def _add(world: World, asked: tuple[str, str], chosen: RecordSet, found: Answer, hops: int) -> None:
    name, kind = asked
    if alias := chosen.get("AliasTarget"):
        behind = Answer()
        if hops:
            _follow(world, plain(alias["DNSName"]), chosen["Type"], behind, hops - 1)
        # An alias is no record of its own in an answer: its name has what the target has.
        found.rows += [(name, ttl, type, value) for _, ttl, type, value in behind.rows]
        return
    values = [str(row["Value"]) for row in chosen.get("ResourceRecords") or ()]
    found.rows += [(name, int(chosen.get("TTL") or 0), chosen["Type"], value) for value in values]
    if chosen["Type"] == "CNAME" and kind not in ("CNAME", "ANY") and hops:
        _follow(world, plain(values[0]), kind, found, hops - 1)


def _simple(sets: Sequence[RecordSet]) -> Iterator[RecordSet]:
    """One record set of each type: of weighted and other sets with identifiers, the first."""
    seen = set()
    for each in sets:
        if each["Type"] not in seen:
            seen.add(each["Type"])
            yield each


def _sets(zone: Zone, name: str) -> tuple[RecordSet, ...]:
    """The record sets of the name, otherwise those of the wildcard that stands for it (RFC 4592)."""
    at: dict[str, list[RecordSet]] = {}
    for each in zone.sets:
        at.setdefault(plain(each["Name"]), []).append(each)
    if name in at or _inside(zone, name):
        return tuple(at.get(name, ()))
    above = name
    while above != zone.name:
        above = above.partition(".")[2]
        if f"*.{above}" in at:
            return tuple(at[f"*.{above}"])
        if above in at or _inside(zone, above):
            break
    return ()


def _inside(zone: Zone, name: str) -> bool:
    """Whether the zone has names below this one, so that it exists even without records of its own."""
    return any(plain(each["Name"]).endswith(f".{name}") for each in zone.sets)
