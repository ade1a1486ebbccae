"""Records: route53 `ResourceRecordSet` ↔ model, and names as Route 53 writes them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from albatross.aws.wire.action import literal
from albatross.catalog import heritage
from albatross.catalog import zone as belonging
from albatross.model import facts
from albatross.model.config import Config
from albatross.model.facts import HostedZone, RecordFact
from albatross.model.observed import Owned
from albatross.model.resources.record import Record, identity
from albatross.model.resources.stack import StackId

Item = Mapping[str, Any]
Own = Owned[Record]
"""A record that belongs to a stack."""

_ID = "/hostedzone/"


def plain(name: str) -> str:
    """A name of Route 53 without the dot at its end, and with `*` instead of `\\052`."""
    return name.lower().rstrip(".").replace("\\052", "*")


def zone(item: Item, ours: Iterable[str]) -> HostedZone:
    """route53 `HostedZone` → fact; `ours` are the ids of the private zones of our VPC."""
    id = str(item["Id"]).removeprefix(_ID)
    return HostedZone(id=id, name=plain(item["Name"]), private=bool((item.get("Config") or {}).get("PrivateZone")), ours=id in set(ours))


def fact(item: Item) -> RecordFact:
    """`ResourceRecordSet`, with the id of its zone → fact."""
    alias = item.get("AliasTarget") or {}
    return RecordFact(
        zone=str(item["HostedZoneId"]).removeprefix(_ID),
        name=plain(item["Name"]),
        type=item["Type"],
        routing=item.get("SetIdentifier") or "",
        target=plain(alias.get("DNSName", "")).removeprefix("dualstack."),
        target_zone=alias.get("HostedZoneId", ""),
        ttl=int(item.get("TTL") or 0),
        values=tuple(each["Value"] for each in item.get("ResourceRecords") or ()),
    )


def change(action: str, record: Record) -> dict[str, Any]:
    """Model → one `Change`."""
    own: dict[str, Any] = {"TTL": record.ttl, "ResourceRecords": [{"Value": each} for each in record.values]}
    if record.target:
        # With one record of a name, Route 53 answers with it whatever its health; external-dns sets this too.
        alias = {"HostedZoneId": literal(record.target_zone), "DNSName": literal(record.target), "EvaluateTargetHealth": True}
        own = {"AliasTarget": alias}
    return {"Action": action, "ResourceRecordSet": {"Name": record.name, "Type": record.type, **own}}


def zones(items: Mapping[str, Iterable[Item]]) -> tuple[HostedZone, ...]:
    """The hosted zones among the items of calls, sorted."""
    ours = frozenset(each["HostedZoneId"] for each in items.get("route53.ListHostedZonesByVPC", ()))
    found = (zone(item, ours) for item in items.get("route53.ListHostedZones", ()))
    return tuple(sorted(found, key=lambda each: (each.name, each.id)))


def records(question: facts.RecordsOf, items: Mapping[str, Iterable[Item]]) -> tuple[RecordFact, ...]:
    """The records with these names, or with names of their ownership records, in zones that hold them."""
    wanted = {(each.id, name) for each in zones(items) for name in related(question.names, each)}
    found = (fact(item) for item in items.get("route53.ListResourceRecordSets", ()))
    kept = (each for each in found if (each.zone, each.name) in wanted)
    return tuple(sorted(kept, key=lambda each: (each.zone, each.name, each.type, each.routing)))


def related(names: Iterable[str], of: HostedZone) -> set[str]:
    """The names that lie in a zone, with the names of their ownership records."""
    return {each for name in names if belonging.holds(of, name) for each in (name, *heritage.names(name, of.name))}


def own(zone: HostedZone, items: Iterable[Item], stack: StackId, config: Config) -> Iterator[Own]:
    """The records of a stack among those of a zone: the ownership records that name it, and the aliases of these."""
    found = [fact(item) for item in items]
    texts = {each.name: each for each in found if each.type == "TXT" and not each.routing}
    ours = {name: owner for name, each in texts.items() if (owner := _owner(each)) and heritage.owns(owner, config, stack)}
    for each in found:
        name = each.name if each.type == "TXT" else heritage.name(each.name, each.type, zone.name)
        if (owner := ours.get(name)) and each.type in ("A", "AAAA", "TXT") and not each.routing:
            yield _noun(each, owner)


def owners(items: Iterable[Item], config: Config) -> Iterator[StackId]:
    """The stacks of the cluster that ownership records name."""
    for each in map(fact, items):
        found = _owner(each) if each.type == "TXT" and not each.routing else None
        if found is not None and found.owner == heritage.owner(config) and found.stack:
            source, _, name = found.stack.partition("/")
            yield StackId.of(source, name)


def _owner(text: RecordFact) -> heritage.Heritage | None:
    return next((owner for value in text.values if (owner := heritage.read(value))), None)


def _noun(found: RecordFact, owner: heritage.Heritage) -> Own:
    id = identity(found.zone, found.name, found.type)
    noun = Record(
        id=id,
        zone=found.zone,
        name=found.name,
        type=found.type,
        target=found.target,
        target_zone=found.target_zone,
        ttl=found.ttl,
        values=found.values,
        member=owner.ident,
    )
    return Owned(resource=noun, arn=id)
