"""The DNS names of an object: do their records lead to its load balancer."""

import json
import re
from collections.abc import Iterable, Iterator

from albatross.catalog import kinds
from albatross.catalog.tracking import NAMED
from albatross.catalog.zone import public
from albatross.diagnose import balancer, events
from albatross.diagnose.cause import Cause, cause
from albatross.diagnose.evidence import Evidence, Ident, Origin, answered
from albatross.frontend.report import UNNAMED
from albatross.model.facts import HostedZone, RecordFact, RecordsOf
from albatross.model.snapshot import Ingress, Snapshot

EXTERNAL = "external-dns.alpha.kubernetes.io/hostname"
"""The annotation with names for external-dns."""
REFUSED = re.compile(r'changed: (\w+) was refused: (\S+) "(.*?)"; fix: ', re.DOTALL)
"""The words of an event about a refusal: the operation, the code of AWS, and its text."""
TYPES = ("A", "AAAA", "CNAME")
BALANCERS = (".elb.", "amazonaws.com")
"""Parts of the DNS name of every load balancer of AWS."""


def hosts(snapshot: Snapshot, ident: Ident) -> tuple[str, ...]:
    """The names under which clients know an object."""
    noun = kinds.find(snapshot, ident)
    if noun is None:
        return ()
    written = [each.strip() for each in noun.metadata.annotations.get(EXTERNAL, "").split(",")]
    rules = [each.host for each in noun.rules] if isinstance(noun, Ingress) else []
    return tuple(dict.fromkeys(each.lower() for each in (*rules, *written) if each))


def question(names: Iterable[str]) -> RecordsOf:
    """The question for the records of names, and of the wildcards that cover them."""
    found = tuple(names)
    wide = (f"*.{each.partition('.')[2]}" for each in found if not each.startswith("*"))
    return RecordsOf(tuple(dict.fromkeys((*found, *wide))))


def check(evidence: Evidence, ident: Ident) -> Iterator[Cause]:
    """Every name that leads to another load balancer, or nowhere."""
    balancers = balancer.of(evidence, ident)
    if not balancers:
        return
    for host in hosts(evidence.snapshot, ident):
        found = list(_host(evidence, ident, host, balancers))
        yield from found or _resolved(evidence, ident, host, balancers)


def _host(evidence: Evidence, ident: Ident, host: str, balancers: tuple[balancer.Balancer, ...]) -> Iterator[Cause]:
    at, zones = Origin.of(ident), {each.id: each for each in answered(evidence, HostedZone)}
    known = _records(evidence, host)
    zone = public(zones.values(), host)
    for each in known:
        target = (each.target or next(iter(each.values), "")).rstrip(".").lower()
        wrong = target not in {found.dns_name.lower() for found in balancers if not balancer.replaced(found)}
        if wrong and all(part in target for part in BALANCERS):
            there = zones[each.zone].name if each.zone in zones else each.zone
            command = _upsert(each.zone, host, each.type, balancers[0])
            words = {"type": each.type, "name": each.name, "zone": there, "target": target, "dns": balancers[0].dns_name}
            yield cause("LB620", at, command, **words)
    if not known and (refused := _refused(evidence, ident)):
        yield refused
    elif not known and zone and _read(evidence, host):
        command = _upsert(zone.id, host, "A", balancers[0])
        yield cause("LB621", at, command, name=host, zone=zone.name)


def _resolved(evidence: Evidence, ident: Ident, host: str, balancers: tuple[balancer.Balancer, ...]) -> Iterator[Cause]:
    """What the resolver of this machine says: the zone may be in another account, or with another provider."""
    own = {address for each in balancers for address in evidence.resolved.get(each.dns_name.lower(), ())}
    if host not in evidence.resolved or not own:
        return
    found, dns = evidence.resolved[host], balancers[0].dns_name
    if not found:
        yield cause("LB760", Origin.of(ident), f"dig +short {host}", name=host, dns=dns)
    elif own.isdisjoint(found):
        commands = (f"dig +short {host}", f"dig +short {dns}")
        yield cause(
            "LB761", Origin.of(ident), *commands, name=host, found=", ".join(found[:4]), dns=dns, addresses=", ".join(sorted(own)[:4])
        )


def _refused(evidence: Evidence, ident: Ident) -> Cause | None:
    """Why the controller does not keep the records of an object that asks for them: AWS refuses it, as its newest event says."""
    noun = evidence.noun(ident)
    written = noun.metadata.annotations.get(NAMED, "").lower() if noun else ""
    if written == "false" or not (written == "true" or evidence.config.enable_dns):
        return None
    told = [each for each in events.about(evidence, ident) if each.get("reason") == UNNAMED["LB325"]]
    said = next((match for each in reversed(told) if (match := REFUSED.search(str(each.get("message"))))), None)
    if said is None:
        return None
    command = f"albatross iam policy --features dns --cluster-name {evidence.config.cluster_name}"
    return cause("LB325", Origin.of(ident), command, operation=said[1], aws_code=said[2], text=said[3])


def _read(evidence: Evidence, host: str) -> bool:
    """Whether AWS listed the records of a name: it may refuse, and then nobody knows whether one is missing."""
    answers = evidence.aws.facts.answers.items()
    return any(isinstance(question, RecordsOf) and host in question.names and isinstance(found, tuple) for question, found in answers)


def _records(evidence: Evidence, host: str) -> tuple[RecordFact, ...]:
    """The records of a name; without one, those of the wildcard that covers it."""
    found = [each for each in answered(evidence, RecordFact) if each.type in TYPES]
    wide = f"*.{host.partition('.')[2]}"
    return tuple(each for each in found if each.name == host) or tuple(each for each in found if each.name == wide)


def _upsert(zone: str, name: str, type: str, target: balancer.Balancer) -> str:
    """The command that lets a name lead to a load balancer. A CNAME record stays one."""
    if type == "CNAME":
        own: dict[str, object] = {"TTL": 60, "ResourceRecords": [{"Value": target.dns_name}]}
    else:
        alias = {"HostedZoneId": target.zone_id, "DNSName": target.dns_name, "EvaluateTargetHealth": True}
        own = {"AliasTarget": alias}
    batch = json.dumps({"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {"Name": name, "Type": type, **own}}]})
    return f"aws route53 change-resource-record-sets --hosted-zone-id {zone} --change-batch '{batch}'"
