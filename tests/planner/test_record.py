"""Changes of records: one call for each zone, and in the right order with the load balancer."""

from dataclasses import replace

from tests.planner.stand import BALANCER, CONFIG, ID, STACK, ids, plan, steps, there

from albatross.catalog import tracking
from albatross.model.ident import Ident
from albatross.model.observed import Observed, Owned
from albatross.model.plan import ChangeRecords
from albatross.model.resources.record import Record, identity
from albatross.model.resources.ref import Ref
from albatross.model.resources.stack import Stack
from albatross.planner import diff
from albatross.planner.carry import carry, marks
from albatross.planner.document import document
from albatross.planner.link import link
from albatross.planner.owner import Owners

MEMBER = Ident("Ingress", "shop", "app")
NAME = "k8s-app-1.elb.amazonaws.com"
CHANGE = "change Zone Z1"
BALANCER_NAME = Ref("LoadBalancer", "LoadBalancer", "dns_name")


def record(name: str = "www.example.com", zone: str = "Z1", target: str | Ref = BALANCER_NAME) -> Record:
    where = Ref("LoadBalancer", "LoadBalancer", "zone_id") if isinstance(target, Ref) else "Z9"
    id = identity(zone, name, "A")
    return Record(id=id, zone=zone, name=name, type="A", target=target, target_zone=where, member=MEMBER)


def text(name: str = "a-www.example.com", value: str = '"x"') -> Record:
    return Record(id=identity("Z1", name, "TXT"), zone="Z1", name=name, type="TXT", ttl=300, values=(value,), member=MEMBER)


def owned(found: Record) -> Owned[Record]:
    return Owned(resource=found, arn=found.id)


NAMED = replace(
    STACK,
    load_balancers=(replace(BALANCER, tags=((tracking.NAMED, "true"),)),),
    records=(record(), text()),
)


def standing(stack: Stack = NAMED, *records: Record) -> Observed:
    """The account with the stack in it, its names leading to its load balancer."""
    found = there(replace(stack, records=()))
    balancers = tuple(replace(each, dns_name=NAME.title(), zone_id="Z9") for each in found.load_balancers)
    return replace(found, load_balancers=balancers, records=tuple(owned(each) for each in records))


OWN = (record(target=NAME), text())


def change(stack: Stack, observed: Observed) -> ChangeRecords:
    (found,) = [each for each in plan(stack, observed, CONFIG).operations if isinstance(each, ChangeRecords)]
    return found


def test_a_name_comes_after_its_load_balancer() -> None:
    found = plan(NAMED, Observed(), CONFIG)
    assert steps(found)[CHANGE] == ("create LoadBalancer LoadBalancer",)
    assert set(change(NAMED, Observed()).creates) == {record(), text()}


def test_nothing_to_do_when_it_is_there() -> None:
    assert ids(plan(NAMED, standing(NAMED, *OWN), CONFIG)) == []


def test_a_changed_record_is_deleted_in_its_old_form() -> None:
    old = (record(target="other.elb.amazonaws.com"), text(value='"old"'))
    found = change(NAMED, standing(NAMED, *old))
    assert {each.id for each in found.creates} == {each.id for each in NAMED.records}
    assert {each.resource for each in found.deletes} == set(old)


def test_each_zone_has_its_own_call() -> None:
    gone = record("old.example.net", "Z2", NAME)
    found = plan(NAMED, standing(NAMED, gone), CONFIG)
    assert ids(found) == ["change Zone Z2", CHANGE]


def test_records_that_could_not_be_read_do_not_change() -> None:
    unknown = replace(NAMED, records=(), records_known=False)
    assert ids(plan(unknown, standing(NAMED, *OWN), CONFIG)) == []


def test_the_tag_stays_while_records_cannot_be_read() -> None:
    unknown = replace(STACK, records_known=False)
    tags = tuple(sorted((*tracking.tags(CONFIG, ID, "LoadBalancer").items(), (tracking.NAMED, "true"))))
    bare = standing(STACK)
    held = replace(bare, load_balancers=tuple(replace(each, tags=tags) for each in bare.load_balancers))
    for now, kept in ((held, True), (bare, False)):
        linked = marks(link(unknown, now, CONFIG))
        assert ((tracking.NAMED, "true") in linked.stack.load_balancers[0].tags) is kept
        assert ids(diff.plan(linked, CONFIG)) == []


def test_the_tag_is_there_before_the_names() -> None:
    found = plan(NAMED, standing(STACK), CONFIG)
    assert steps(found)[CHANGE] == ("update LoadBalancer LoadBalancer",)


def test_the_name_goes_before_the_load_balancer() -> None:
    found = plan(Stack(id=ID), standing(NAMED, *OWN), CONFIG)
    (needs,) = (needs for id, needs in steps(found).items() if id.startswith("delete LoadBalancer"))
    assert CHANGE in needs
    assert steps(found)[CHANGE] == ()


def test_the_tag_stays_until_the_names_are_gone() -> None:
    tags = (*tracking.tags(CONFIG, ID, "LoadBalancer").items(), (tracking.NAMED, "true"))
    observed = standing(STACK, *OWN)
    observed = replace(observed, load_balancers=tuple(replace(each, tags=tuple(sorted(tags))) for each in observed.load_balancers))
    found = plan(STACK, observed, CONFIG)
    assert ids(found) == [CHANGE, "update LoadBalancer LoadBalancer"]
    assert steps(found)["update LoadBalancer LoadBalancer"] == (CHANGE,)


def test_a_replaced_load_balancer_takes_its_names_with_it() -> None:
    other = replace(NAMED, load_balancers=(replace(NAMED.load_balancers[0], scheme="internet-facing"),))
    found = plan(other, standing(NAMED, *OWN), CONFIG)
    assert "create LoadBalancer LoadBalancer" in steps(found)[CHANGE]


def test_names_of_a_member_with_errors_stay() -> None:
    bare = replace(NAMED, records=())
    owners = Owners((MEMBER,), {})
    kept = carry(link(bare, standing(NAMED, *OWN), CONFIG), {MEMBER}, owners, CONFIG)
    assert ids(diff.plan(kept, CONFIG)) == []
    elsewhere = record("b.example.com", target="other.elb.amazonaws.com")
    kept = carry(link(bare, standing(NAMED, elsewhere), CONFIG), {MEMBER}, owners, CONFIG)
    assert ids(diff.plan(kept, CONFIG)) == []
    # The new load balancer has another name.
    other = replace(bare, load_balancers=(replace(NAMED.load_balancers[0], scheme="internet-facing"),))
    kept = carry(link(other, standing(NAMED, *OWN), CONFIG), {MEMBER}, owners, CONFIG)
    assert CHANGE in ids(diff.plan(kept, CONFIG))


def test_a_name_that_its_member_may_not_have_goes() -> None:
    bare = replace(NAMED, records=())
    name = NAMED.records[0].name
    kept = carry(link(bare, standing(NAMED, *OWN), CONFIG), {MEMBER}, Owners((MEMBER,), {}), CONFIG, {MEMBER: frozenset({(name, "*")})})
    assert [each for each in kept.stack.records if each.name == name] == []


def test_the_document_has_records_only_if_there_are_some() -> None:
    kind = "AWS::Route53::RecordSet"
    assert kind not in document(STACK)["resources"]
    found = document(NAMED)["resources"][kind]
    alias = found["Z1/www.example.com/A"]["spec"]["alias"]
    balancer = "#/resources/AWS::ElasticLoadBalancingV2::LoadBalancer/LoadBalancer/status"
    assert alias == {"dnsName": {"$ref": f"{balancer}/dnsName"}, "hostedZoneId": {"$ref": f"{balancer}/canonicalHostedZoneID"}}
    assert found["Z1/a-www.example.com/TXT"]["spec"]["values"] == ['"x"']
