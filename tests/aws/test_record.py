"""Records of hosted zones, in an account over real sockets and in scripted ones."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from tests.aws.scripted import CONFIG, Scripted, fails

from albatross.aws.perform import record as perform_record
from albatross.aws.perform.operation import perform
from albatross.aws.read import observe, zone
from albatross.aws.read.lookup import look
from albatross.aws.session import errors
from albatross.aws.session.client import Session
from albatross.aws.wire import record as wire
from albatross.catalog import heritage, tracking
from albatross.catalog.tracking import INGRESS
from albatross.model import facts
from albatross.model.config import Config
from albatross.model.ident import Ident
from albatross.model.observed import Owned
from albatross.model.plan import ChangeRecords
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.model.resources.record import Record, identity
from albatross.model.resources.ref import Pairs, Ref
from albatross.model.resources.stack import Stack, StackId

Account = Any
APP = StackId(INGRESS, "shop", "app")
MEMBER = Ident("Ingress", "shop", "app")
DNS, PLACE = Ref("LoadBalancer", "LoadBalancer", "dns_name"), Ref("LoadBalancer", "LoadBalancer", "zone_id")


@pytest.fixture
async def session(account: Account) -> AsyncIterator[Session]:
    async with account.session() as found:
        yield found


def pair(where: str, host: str, config: Any, stack: StackId) -> tuple[Record, Record]:
    """An alias and its ownership record, as the builder makes them."""
    text = heritage.write(heritage.ours(config, stack, MEMBER))
    name = heritage.name(host, "A", "example.com")
    return (
        Record(id=identity(where, host, "A"), zone=where, name=host, type="A", target=DNS, target_zone=PLACE, member=MEMBER),
        Record(id=identity(where, name, "TXT"), zone=where, name=name, type="TXT", ttl=300, values=(text,), member=MEMBER),
    )


async def balancer(session: Session, account: Account, name: str) -> dict[Ref, str]:
    given = {"Name": name, "Subnets": list(account.subnets()), "Scheme": "internal"}
    (made,) = (await session.call("elbv2", "CreateLoadBalancer", **given))["LoadBalancers"]
    return {DNS: made["DNSName"], PLACE: made["CanonicalHostedZoneId"]}


async def test_the_records_of_a_lost_answer_are_ours(account: Account, session: Session) -> None:
    stack, where = account.stack_id(), account.ready["hosted_zone_id"]
    ids = await balancer(session, account, stack.name)
    wish = ChangeRecords(zone=where, creates=pair(where, f"{stack.name}.example.com", session.config, stack))
    account.control("faults", [{"service": "route53", "operation": "ChangeResourceRecordSets", "lost": "answer", "times": 1}])
    with pytest.raises(errors.NotReady, match="the answer of AWS was lost") as waiting:
        await perform(session, wish, ids)
    assert waiting.value.quiet
    with pytest.raises(errors.Invalid):  # without a lost answer, the record is somebody else's
        await perform(session, wish, ids)


async def test_records_are_made_found_and_deleted(account: Account, session: Session) -> None:
    stack, where = account.stack_id(), account.ready["hosted_zone_id"]
    ids = await balancer(session, account, stack.name)
    hosts = (f"{stack.name}.example.com", f"*.{stack.name}.example.com")
    made = tuple(record for host in hosts for record in pair(where, host, account.config, stack))
    await perform(session, ChangeRecords(zone=where, creates=made), ids)

    found = await zone.owned(session, stack, account.config, {where})
    assert {each.arn for each in found} == {each.id for each in made}
    assert {each.resource.member for each in found} == {MEMBER}
    assert {each.resource.target for each in found if each.resource.type == "A"} == {ids[DNS].lower()}
    assert await zone.owned(session, StackId(INGRESS, "shop", "no"), account.config, {where}) == ()

    with pytest.raises(errors.Invalid, match="but it already exists"):
        await perform(session, ChangeRecords(zone=where, creates=made), ids)
    await perform(session, ChangeRecords(zone=where, deletes=found), ids)
    assert await zone.owned(session, stack, account.config, {where}) == ()


async def test_private_zones_of_our_vpc(account: Account, session: Session) -> None:
    made = await session.call(
        "route53",
        "CreateHostedZone",
        Name="private.test",
        CallerReference="private",
        VPC={"VPCId": account.ready["vpc_id"], "VPCRegion": "ap-northeast-2"},
        HostedZoneConfig={"PrivateZone": True, "Comment": ""},
    )
    zones = (await look(session, [facts.HostedZones()], account.config)).answers[facts.HostedZones()]
    assert isinstance(zones, tuple)
    assert [(each.private, each.ours) for each in zones if isinstance(each, facts.HostedZone) and each.name == "private.test"] == [
        (True, True)
    ]
    await session.call("route53", "DeleteHostedZone", Id=made["HostedZone"]["Id"])


# Scripted ----------------------------------------------------------------------------------------------------------

ZONES = {"HostedZones": [{"Id": "/hostedzone/Z1", "Name": "example.com.", "Config": {"PrivateZone": False}}]}
PRIVATE = {"Id": "/hostedzone/Z2", "Name": "example.com.", "Config": {"PrivateZone": True}}
OURS = heritage.write(heritage.ours(CONFIG, APP, MEMBER))


def text(name: str, value: str = OURS, **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "TXT", "TTL": 300, "ResourceRecords": [{"Value": value}], **more}


def alias(name: str, **more: Any) -> dict[str, Any]:
    target = {"HostedZoneId": "Z9", "DNSName": "dualstack.LB-1.elb.amazonaws.com.", "EvaluateTargetHealth": True}
    return {"Name": name, "Type": "A", "AliasTarget": target, **more}


SETS = [
    alias("a.example.com."),
    text("a-a.example.com."),
    alias("b.example.com.", SetIdentifier="blue"),
    text("a-b.example.com.", SetIdentifier="blue"),
    alias("c.example.com."),
    text("a-c.example.com.", '"v=spf1"'),
    alias("example.com."),
    text("a-_apex.example.com."),
]


def listed(*pages: list[dict[str, Any]], zones: dict[str, Any] = ZONES) -> Scripted:
    def sets(HostedZoneId: str, StartRecordName: str = "0", **_: Any) -> dict[str, Any]:
        number = int(StartRecordName)
        more = number + 1 < len(pages)
        return {
            "ResourceRecordSets": pages[number],
            "IsTruncated": more,
            **({"NextRecordName": str(number + 1), "NextRecordType": "A"} if more else {}),
        }

    def of_vpc(NextToken: str = "", **_: Any) -> dict[str, Any]:
        return {"HostedZoneSummaries": [{"HostedZoneId": "Z2"}]} if NextToken else {"HostedZoneSummaries": [], "NextToken": "more"}

    return Scripted(
        ListHostedZones=lambda **_: zones,
        ListHostedZonesByVPC=of_vpc,
        ListResourceRecordSets=sets,
        ChangeResourceRecordSets=lambda **_: {},
    )


def tagged(*tags: tuple[str, str]) -> tuple[Owned[LoadBalancer], ...]:
    noun = LoadBalancer(id="LoadBalancer", name="lb", type="application", scheme="internal", ip_address_type="ipv4")
    return (Owned(resource=noun, arn="arn:lb", tags=tags),)


async def test_only_records_with_our_ownership_are_ours() -> None:
    session = listed(SETS[:3], SETS[3:])
    found = await zone.owned(session, APP, CONFIG, ())
    assert [each.arn for each in found] == [
        "Z1/a.example.com/A",
        "Z1/a-a.example.com/TXT",
        "Z1/example.com/A",
        "Z1/a-_apex.example.com/TXT",
    ]
    assert found[0].resource.target == "lb-1.elb.amazonaws.com"
    await zone.owned(session, APP, CONFIG, ())
    assert session.count("ListResourceRecordSets") == 2  # both pages, once


@pytest.mark.parametrize(
    ("stack", "tags", "config", "asked"),
    [
        (None, (), CONFIG, False),
        (Stack(id=APP), (), CONFIG, False),
        (Stack(id=APP, records_known=False), ((tracking.NAMED, "true"),), CONFIG, False),
        (None, ((tracking.NAMED, "true"),), CONFIG, True),
        (Stack(id=APP), ((tracking.NAMED, "true"),), CONFIG, True),
        (Stack(id=APP), (), replace(CONFIG, enable_dns=True), True),
        (Stack(id=APP, records=pair("Z1", "a.example.com", CONFIG, APP)), (), CONFIG, True),
    ],
)
async def test_nothing_is_asked_without_a_reason(stack: Stack | None, tags: Pairs, config: Config, asked: bool) -> None:
    session = listed(SETS)
    found = await observe._records(observe._Scope(session, APP, config, stack), tagged(*tags))
    assert (bool(found), bool(session.calls)) == (asked, asked)


@pytest.mark.parametrize(("tags", "blocked"), [((), False), (((tracking.NAMED, "true"),), True)])
async def test_records_that_were_never_written_need_no_permission(tags: Pairs, blocked: bool) -> None:
    """With --enable-dns every load balancer is asked for; only one with the tag can have records."""
    session = Scripted(ListHostedZones=fails(errors.Denied, "AccessDenied"))
    scope = observe._Scope(session, APP, replace(CONFIG, enable_dns=True), Stack(id=APP))
    if blocked:
        with pytest.raises(errors.Denied):
            await observe._records(scope, tagged(*tags))
    else:
        assert await observe._records(scope, tagged(*tags)) == ()


async def test_private_zones_are_read_if_our_vpc_has_them() -> None:
    session = listed([], zones={"HostedZones": [*ZONES["HostedZones"], PRIVATE, {**PRIVATE, "Id": "/hostedzone/Z3"}]})
    assert [each.ours for each in wire.zones(await zone.listed(session, CONFIG))] == [False, True, False]
    await zone.owned(session, APP, CONFIG, ())
    assert {given["HostedZoneId"] for name, given in session.calls if name == "ListResourceRecordSets"} == {"Z1", "Z2"}


async def test_a_zone_that_was_deleted_has_no_records() -> None:
    session = Scripted(ListHostedZones=lambda **_: ZONES, ListResourceRecordSets=fails(errors.NotFound, "NoSuchHostedZone"))
    question = facts.RecordsOf(("a.example.com",))
    assert (await look(session, [question], CONFIG)).answers[question] == ()


async def test_refused_reading_is_an_answer() -> None:
    session = Scripted(ListHostedZones=fails(errors.Denied, "AccessDenied"))
    (found,) = (await look(session, [facts.HostedZones()], CONFIG)).answers.values()
    assert isinstance(found, facts.RefusedAnswer)


async def test_only_the_records_of_the_names_are_answered() -> None:
    question = facts.RecordsOf(("a.example.com", "example.com", "www.example.org"))
    found = (await look(listed(SETS), [question], CONFIG)).answers[question]
    assert [getattr(each, "name", "") for each in found] == [  # type: ignore[union-attr]
        "a-_apex.example.com",
        "a-a.example.com",
        "a.example.com",
        "example.com",
    ]


async def test_a_change_is_one_call_and_is_read_anew() -> None:
    session = listed(SETS)
    await zone.records(session, "Z1")
    alias_, text_ = pair("Z1", "a.example.com", CONFIG, APP)
    old = Owned(resource=replace(text_, values=('"old"',)), arn=text_.id)
    made = (replace(alias_, target="lb", target_zone="Z9"), text_)
    await perform_record.change(session, ChangeRecords(zone="Z1", creates=made, deletes=(old,)))
    (given,) = (given for name, given in session.calls if name == "ChangeResourceRecordSets")
    told = [f"{each['Action']} {each['ResourceRecordSet']['Type']}" for each in given["ChangeBatch"]["Changes"]]
    assert told == ["DELETE TXT", "CREATE A", "CREATE TXT"]
    await zone.records(session, "Z1")
    assert session.count("ListResourceRecordSets") == 2


def test_a_very_large_change_keeps_names_whole() -> None:
    hosts = ["example.com", *(f"h{number}.example.com" for number in range(700))]
    made = tuple(sorted((record for host in hosts for record in pair("Z1", host, CONFIG, APP)), key=lambda each: each.id))
    swapped = tuple(replace(each, target="lb", target_zone="Z9") if each.target else each for each in made)
    batches = list(perform_record.batches(ChangeRecords(zone="Z1", creates=swapped)))
    assert [len(each) for each in batches] == [900, 502]
    for batch in batches:
        names = {str(each["ResourceRecordSet"]["Name"]) for each in batch}  # type: ignore[index]
        assert all(f"a-{name}" in names or "a-_apex.example.com" in names for name in names if not name.startswith("a-"))
