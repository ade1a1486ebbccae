"""Names of load balancers: which records are made, where, and what stands in the way."""

from dataclasses import replace
from typing import Any

import pytest
from tests.world import CONFIG, RECORDING, Result, prepared, snapshot

from albatross.catalog import heritage
from albatross.catalog.tracking import INGRESS, NAMED
from albatross.model.config import Config
from albatross.model.facts import Facts, HostedZone, HostedZones, RecordFact, RecordsOf, RefusedAnswer
from albatross.model.ident import Ident
from albatross.model.resources.record import Record
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import StackId

APP = StackId(INGRESS, "shop", "app")
HOST = "www.example.com"
PUBLIC = HostedZone(id="Z1", name="example.com")
PRIVATE = HostedZone(id="Z2", name="example.com", private=True, ours=True)
OURS = heritage.write(heritage.ours(CONFIG, APP, Ident("Ingress", "shop", "app")))
OTHERS = heritage.write(heritage.ours(CONFIG, StackId(INGRESS, "shop", "old"), Ident("Ingress", "shop", "old")))
FOREIGN = '"heritage=external-dns,external-dns/owner=default,external-dns/resource=ingress/a/b"'


def ingress(dns: str = "true", hosts: tuple[str, ...] = (HOST,), name: str = "app", **annotations: str) -> str:
    own = {f"alb.ingress.kubernetes.io/{key.replace('__', '.').replace('_', '-')}": value for key, value in annotations.items()}
    own |= {"albatross.dev/dns": dns} if dns else {}
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}
    rules = [{**({"host": host} if host else {}), "http": {"paths": [path]}} for host in hosts]
    return str({"kind": "Ingress", "metadata": {"name": name, "namespace": "shop", "annotations": own}, "spec": {"rules": rules}})


def told(
    *patches: str,
    zones: tuple[HostedZone, ...] | RefusedAnswer | None = (PUBLIC,),
    records: tuple[RecordFact, ...] = (),
    config: Config = CONFIG,
    stack: StackId = APP,
    subnets: bool = True,
) -> Result:
    """The recorded account with these zones and records, with or without everything else."""
    cluster = snapshot(*patches)
    asked = prepared(cluster, stack, config).questions
    known: dict[Any, Any] = dict(RECORDING.answer(asked, config).answers) if subnets else {}
    for question in asked:
        if isinstance(question, HostedZones):
            known[question] = zones
        if isinstance(question, RecordsOf):
            known[question] = records
    return Result(cluster, config, Facts({key: value for key, value in known.items() if value is not None}))


def fact(name: str = HOST, type: str = "A", **more: Any) -> RecordFact:
    return RecordFact(zone="Z1", name=name, type=type, **more)


def text(value: str, type: str = "a", name: str = HOST) -> RecordFact:
    return RecordFact(zone="Z1", name=f"{type}-{name}" if type else name, type="TXT", values=(value,))


def names(found: Result) -> list[str]:
    return [each.id for each in found.stack.records]


def test_an_alias_and_who_owns_it() -> None:
    found = told(ingress())
    assert not found.problems
    member = Ident("Ingress", "shop", "app")
    balancer = {field: Ref("LoadBalancer", "LoadBalancer", field) for field in ("dns_name", "zone_id")}
    assert found.stack.records == (
        Record(
            id=f"Z1/{HOST}/A",
            zone="Z1",
            name=HOST,
            type="A",
            target=balancer["dns_name"],
            target_zone=balancer["zone_id"],
            member=member,
        ),
        Record(id=f"Z1/a-{HOST}/TXT", zone="Z1", name=f"a-{HOST}", type="TXT", ttl=300, values=(OURS,), member=member),
    )
    assert (NAMED, "true") in found.stack.load_balancers[0].tags


def test_nothing_unless_asked_for() -> None:
    for each in (told(ingress("")), told(ingress("false"), config=replace(CONFIG, enable_dns=True))):
        assert each.stack.records == ()
        assert each.stack.records_known
        assert NAMED not in dict(each.stack.load_balancers[0].tags)
    assert names(told(ingress(""), config=replace(CONFIG, enable_dns=True))) == [f"Z1/{HOST}/A", f"Z1/a-{HOST}/TXT"]


@pytest.mark.parametrize(
    ("family", "types"),
    [("ipv4", ["A"]), ("dualstack", ["A", "AAAA"]), ("dualstack-without-public-ipv4", ["AAAA"])],
)
def test_types_follow_the_addresses(family: str, types: list[str]) -> None:
    found = told(ingress(ip_address_type=family, scheme="internet-facing"), subnets=False)
    assert [each.type for each in found.stack.records if each.type != "TXT"] == types


def test_an_internal_name_is_private() -> None:
    zones = (PUBLIC, PRIVATE)
    assert {each.zone for each in told(ingress(scheme="internal"), zones=zones).stack.records} == {"Z2"}
    assert {each.zone for each in told(ingress(scheme="internet-facing"), zones=zones).stack.records} == {"Z1"}


def test_a_host_of_two_members_is_one_record() -> None:
    other = ingress(name="other", hosts=(HOST, "b.example.com"), group__name="team")
    found = told(ingress(group__name="team"), other, stack=StackId(INGRESS, "", "team"))
    stack = found.stacks["team"]
    assert stack is not None
    assert [(each.id, each.member and each.member.name) for each in stack.records if each.type == "A"] == [
        ("Z1/b.example.com/A", "other"),
        (f"Z1/{HOST}/A", "app"),
    ]


def test_the_name_leads_to_the_application_load_balancer() -> None:
    found = told(ingress(enable_frontend_nlb="true", frontend_nlb_scheme="internal"))
    assert {each.target.id for each in found.stack.records if isinstance(each.target, Ref)} == {"LoadBalancer"}
    assert [NAMED in dict(each.tags) for each in found.stack.load_balancers] == [True, False]


def test_a_host_is_needed() -> None:
    assert told(ingress(hosts=("",))).codes == ["LB199"]
    assert told(ingress("", hosts=("",)), config=replace(CONFIG, enable_dns=True)).codes == []


def test_no_zone_for_a_host() -> None:
    found = told(ingress(hosts=(HOST, "www.example.org")))
    assert found.codes == ["LB322"]
    assert found.at("LB322") == ["spec.rules[1].host"]
    assert len(names(found)) == 2


def test_what_is_not_known_stays_as_it_is() -> None:
    offline = told(ingress(), zones=None)
    assert offline.codes == ["LB314"]
    refused = told(ingress(), zones=RefusedAnswer("ListHostedZones", "AccessDenied", "no"))
    assert refused.codes == ["LB325"]
    for found in (offline, refused):
        assert not found.stack.records_known
        assert (NAMED, "true") not in found.stack.load_balancers[0].tags


def test_our_own_records_are_no_conflict() -> None:
    found = told(ingress(), records=(fact(target="lb"), text(OURS), fact(type="MX"), fact("a-www.example.com", "MX")))
    assert not found.problems
    assert len(names(found)) == 2


@pytest.mark.parametrize(
    ("records", "code", "words"),
    [
        ((fact(),), "LB323", "nobody"),
        ((fact(), text('"v=spf1"')), "LB323", "nobody"),
        ((fact(type="CNAME"), text(OURS)), "LB323", "CNAME www.example.com"),
        ((fact(), text(FOREIGN)), "LB323", "default (ingress/a/b)"),
        ((fact(), text(FOREIGN, "cname")), "LB323", "default (ingress/a/b)"),
        ((fact(), text('"heritage=external-dns,external-dns/owner=bare"', "")), "LB323", "bare"),
        ((fact(type="AAAA"),), "LB323", "AAAA www.example.com"),
        ((fact(routing="blue"), text(OURS)), "LB323", "routing policy (blue)"),
        ((text(FOREIGN),), "LB323", "TXT a-www.example.com"),
        ((fact("a-www.example.com", "CNAME"),), "LB323", "CNAME a-www.example.com"),
        ((fact(), text(OTHERS)), "LB324", "ingress/shop/old"),
    ],
)
def test_what_belongs_to_others(records: tuple[RecordFact, ...], code: str, words: str) -> None:
    found = told(ingress(hosts=(HOST, "b.example.com")), records=records)
    assert found.codes == [code]
    assert words in str(found.problems[0].args)
    assert [each.name for each in found.stack.records] == ["b.example.com", "a-b.example.com"]
