"""DNS records: for each host an alias to the load balancer, together with a TXT record that says that the alias is ours.

A host is left out with a problem if no zone holds it, or if its name belongs to somebody else; everything else is built.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from albatross.catalog import heritage, zone
from albatross.catalog.heritage import Heritage
from albatross.model.facts import HostedZone, HostedZones, Question, RecordFact, RecordsOf
from albatross.model.intent import Balancer, Intent, Setting, Share
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.record import Record, identity
from albatross.model.resources.ref import Ref
from albatross.planner.builders.task import Task

NOBODY = "nobody (it has no ownership record)"


@dataclass(frozen=True, slots=True)
class Named:
    """A host of a load balancer, and the share of the first member with it."""

    host: Setting[str]
    share: Share


@dataclass(frozen=True, slots=True)
class Records:
    """The records; `known` is false if the hosted zones could not be read."""

    made: tuple[Record, ...] = ()
    known: bool = True


def hosts(balancer: Balancer) -> tuple[Named, ...]:
    """The hosts of a load balancer that need records. A host of several members is one record."""
    found: dict[str, Named] = {}
    for share in balancer.shares:
        for host in share.names:
            found.setdefault(host.value, Named(host, share))
    return tuple(found[each] for each in sorted(found))


def questions(intent: Intent) -> Iterator[Question]:
    """What must be known of Route 53; nothing unless a member asks for records."""
    if named := [each.host.value for balancer in intent.balancers for each in hosts(balancer)]:
        yield HostedZones()
        yield RecordsOf(tuple(sorted(named)))


def records(nouns: Mapping[str, LoadBalancer], task: Task) -> Records:
    """The records of every load balancer; `nouns` are the load balancers by id.

    If a network load balancer is in front of an application load balancer, the names lead to the application load balancer: it has all
    ports of its members, and the members' settings are about it.
    """
    named = [(nouns[balancer.id], each) for balancer in task.intent.balancers if balancer.id in nouns for each in hosts(balancer)]
    if not named:
        return Records()
    zones, found = (task.gently(question, named[0][1].host.origin, "LB325") for question in questions(task.intent))
    if zones is None or found is None:
        return Records(known=False)
    there = _There(cast(Sequence[HostedZone], zones), cast(Sequence[RecordFact], found), task)
    return Records(tuple(record for noun, each in named for record in there.build(noun, each)))


class _There:
    """The account's zones and the records that exist at our names."""

    def __init__(self, zones: Sequence[HostedZone], found: Sequence[RecordFact], task: Task) -> None:
        self._zones, self._task = zones, task
        self._at: dict[tuple[str, str], list[RecordFact]] = {}
        for each in found:
            self._at.setdefault((each.zone, each.name), []).append(each)

    def build(self, noun: LoadBalancer, named: Named) -> tuple[Record, ...]:
        """The records of one host; empty with a problem if it cannot have any."""
        host, ledger = named.host, self._task.ledger
        where = zone.of(self._zones, host.value, noun.scheme)
        if where is None:
            ledger.add("LB322", host.origin, host=host.value)
            return ()
        if conflict := self._conflict(where, host.value):
            record, owner = conflict
            if owner and owner.owner == heritage.owner(self._task.config):
                ledger.add("LB324", host.origin, host=host.value, resource=owner.resource)
            else:
                text = heritage.name(host.value, record.type, where.name)
                what = f"{record.type} {record.name}"
                ledger.add("LB323", host.origin, zone=where.name, record=what, owner=_shown(record, owner), text=text)
            return ()
        return tuple(self._records(noun, named, where))

    def _conflict(self, where: HostedZone, host: str) -> tuple[RecordFact, Heritage | None] | None:
        """A record of somebody else that prevents ours, and its owner."""
        for each in self._at.get((where.id, host), ()):
            if each.type in heritage.TYPES:
                owner = self._owner(where, each)
                if not self._ours(owner):
                    return each, owner
                if each.routing or each.type == "CNAME":  # never made by us, whatever the ownership record says
                    return each, None
        for type in _TYPES:
            for each in self._at.get((where.id, heritage.name(host, type, where.name)), ()):
                owner = _heritage(each)
                if each.type == "CNAME" or (each.type == "TXT" and not self._ours(owner)):
                    return each, owner
        return None

    def _ours(self, owner: Heritage | None) -> bool:
        return heritage.owns(owner, self._task.config, self._task.intent.id)

    def _owner(self, where: HostedZone, record: RecordFact) -> Heritage | None:
        """The owner that the ownership records tell: that of the same type first, then the older forms."""
        names = (heritage.name(record.name, record.type, where.name), *heritage.names(record.name, where.name))
        texts = (each for name in names for each in self._at.get((where.id, name), ()) if each.type == "TXT")
        return next((owner for each in texts if (owner := _heritage(each))), None)

    def _records(self, noun: LoadBalancer, named: Named, where: HostedZone) -> Iterator[Record]:
        host, config = named.host.value, self._task.config
        text = heritage.write(heritage.ours(config, self._task.intent.id, named.share.member))
        for type in _types(noun.ip_address_type):
            yield Record(
                id=identity(where.id, host, type),
                zone=where.id,
                name=host,
                type=type,
                target=Ref("LoadBalancer", noun.id, "dns_name"),
                target_zone=Ref("LoadBalancer", noun.id, "zone_id"),
                member=named.share.member,
            )
            name = heritage.name(host, type, where.name)
            yield Record(
                id=identity(where.id, name, "TXT"),
                zone=where.id,
                name=name,
                type="TXT",
                ttl=heritage.TTL,
                values=(text,),
                member=named.share.member,
            )


_TYPES = ("A", "AAAA")


def _types(family: str) -> tuple[str, ...]:
    """The types of alias that a load balancer with these address families needs."""
    if family == "dualstack-without-public-ipv4":
        return ("AAAA",)
    return _TYPES if family == "dualstack" else ("A",)


def _heritage(text: RecordFact) -> Heritage | None:
    return next((owner for value in text.values if (owner := heritage.read(value))), None)


def _shown(record: RecordFact, owner: Heritage | None) -> str:
    told = (owner.owner + (f" ({owner.resource})" if owner.resource else "")) if owner else NOBODY
    return f"{told}; it is one of several records with a routing policy ({record.routing})" if record.routing else told
