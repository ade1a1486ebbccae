"""A load balancer that AWS cannot change: its successor stands beside it, and it goes when clients have moved."""

from dataclasses import replace
from typing import Any

import pytest
from tests.planner.stand import BALANCER, CONFIG, GROUP, ID, LB, STACK, WEB, ids, rule, steps, there

from albatross.catalog import tracking
from albatross.model.observed import Observed, Owned
from albatross.model.plan import ChangeRecords, Create, Delete, Plan, PutBinding, Retire
from albatross.model.resources.load_balancer import LoadBalancer, SubnetMapping
from albatross.model.resources.record import Record
from albatross.model.resources.ref import Ref
from albatross.model.resources.registration import Registration
from albatross.model.resources.stack import Stack
from albatross.model.resources.target_group import TargetGroup
from albatross.planner import diff, replacing
from albatross.planner.link import link
from albatross.planner.replacing import PARTS, Replacements, twin
from albatross.token import swap

NEW = replace(BALANCER, scheme="internet-facing", name="k8s-new")
GRACE = (("LoadBalancer", 300.0),)
WANTED = replace(STACK, load_balancers=(NEW,), graces=GRACE)
BACK = replace(STACK, graces=GRACE)
MOVED = "2026-03-01T12:00:00Z"
AT = 1772366400.0
"""The same time in seconds."""

OLD_LB, NEW_LB, OLD_TG, NEW_TG = "arn:lb/LoadBalancer", "arn:lb/LoadBalancer/2", f"arn:tg/{WEB}", f"arn:tg/{WEB}/2"


def scene(stack: Stack, observed: Observed) -> Replacements:
    return replacing.split(stack, observed, CONFIG)


def plan(stack: Stack, observed: Observed) -> Plan:
    seen = scene(stack, observed)
    linked = link(stack, seen.live, CONFIG, seen.aliases)
    return diff.plan(replacing.renamed(linked, seen), CONFIG, seen)


def placed(observed: Observed, dns: str) -> Observed:
    """The load balancers of an account with a DNS name."""
    return replace(observed, load_balancers=tuple(replace(each, dns_name=dns, zone_id="Z") for each in observed.load_balancers))


def second(stack: Stack) -> Observed:
    """The successor in AWS, with the names that it has beside the old one."""
    groups = tuple(replace(each, name=twin(each.name)) for each in stack.target_groups)
    bindings = tuple(replace(each, name=twin(each.name)) for each in stack.bindings)
    found = there(replace(stack, target_groups=groups, bindings=bindings))
    own = {each.arn: f"{each.arn}/2" for name in PARTS[:4] for each in getattr(found, name)}
    more: dict[str, Any] = {name: tuple(swap(each, own) for each in getattr(found, name)) for name in PARTS}
    return replace(found, security_groups=(), registered={own[key]: each for key, each in found.registered.items()}, **more)


OLD = placed(there(STACK), "old.elb")


def both(moved: str = "", at: float = 0.0, healthy: tuple[str, ...] = (), state: str = "active", first: Observed = OLD) -> Observed:
    """The old one and its successor."""
    new = placed(second(WANTED), "new.elb")
    new = replace(new, load_balancers=tuple(replace(each, state=state) for each in new.load_balancers))
    if moved:
        first = marked(first, moved)
    return replace(replacing.together(first, new), at=at, healthy=frozenset(healthy))


def marked(observed: Observed, moved: str) -> Observed:
    own = tuple(replace(each, tags=(*each.tags, (tracking.REPLACED, moved))) for each in observed.load_balancers)
    return replace(observed, load_balancers=own)


# Beside ------------------------------------------------------------------------------------------------------------


def test_the_new_one_is_made_beside_the_old_one() -> None:
    found = plan(WANTED, OLD)
    assert ids(found) == [
        f"create TargetGroup {WEB}",
        "create LoadBalancer LoadBalancer",
        "create Listener 80",
        "create Rule 80:1",
        "create Rule 80:2",
        f"put Binding {WEB}",
    ]
    (stays,) = found.standby
    assert (stays.before.arn, stays.changed, stays.moved, stays.waits) == (OLD_LB, ("scheme",), False, (replacing.CREATED,))


def test_the_new_target_group_has_a_free_name_and_so_has_its_binding() -> None:
    found = plan(WANTED, OLD)
    (group,) = (each.resource.name for each in found.operations if isinstance(each, Create) and isinstance(each.resource, TargetGroup))
    (binding,) = (each.resource.name for each in found.operations if isinstance(each, PutBinding))
    assert group == binding == twin("k8s-web") != "k8s-web"
    assert len(twin("k8s-shop-web-0123456789")) == len("k8s-shop-web-0123456789")


def test_a_name_that_is_taken_twice_is_not_taken_again() -> None:
    other = replace(OLD, target_groups=(*OLD.target_groups, Owned(resource=replace(GROUP, id="x", name=twin("k8s-web")), arn="arn:tg/x")))
    (made,) = (each for each in plan(WANTED, other).operations if isinstance(each, Create) and isinstance(each.resource, TargetGroup))
    assert made.resource.id == WEB
    assert isinstance(made.resource, TargetGroup)
    assert made.resource.name == twin(twin("k8s-web"))


def test_what_a_broken_pass_left_is_continued() -> None:
    left = second(WANTED)
    half = replace(replacing.together(OLD, Observed(target_groups=left.target_groups)))
    assert ids(plan(WANTED, half))[0] == "create LoadBalancer LoadBalancer"


def test_the_new_one_says_what_it_replaces() -> None:
    (made,) = (each for each in plan(WANTED, OLD).operations if isinstance(each, Create) and isinstance(each.resource, LoadBalancer))
    assert made.replaces is not None
    assert (made.replaces.arn, made.changed) == (OLD_LB, ("scheme",))


# Where two cannot be -----------------------------------------------------------------------------------------------


def mapped(**address: str) -> LoadBalancer:
    return replace(NEW, subnet_mappings=(SubnetMapping(subnet_id="subnet-a", **address),))


@pytest.mark.parametrize(
    ("wanted", "before", "reason"),
    [
        (replace(WANTED, graces=()), BALANCER, "--replace-grace or the annotation replace-grace-seconds is 0"),
        (replace(WANTED, load_balancers=(replace(NEW, name="k8s-app"),)), BALANCER, "both have the name k8s-app"),
        (
            replace(WANTED, load_balancers=(mapped(allocation_id="eip-1"),)),
            replace(mapped(allocation_id="eip-1"), name="k8s-app", scheme="internal"),
            "both need eip-1, and an address belongs to one load balancer",
        ),
    ],
)
def test_the_old_one_goes_first_where_both_cannot_be(wanted: Stack, before: LoadBalancer, reason: str) -> None:
    found = plan(wanted, there(replace(STACK, load_balancers=(before,))))
    assert ids(found)[0] == f"delete LoadBalancer LoadBalancer {OLD_LB}"
    assert f"create TargetGroup {WEB}" not in ids(found), "the target groups stay"
    assert found.apart["LoadBalancer"].startswith(reason)
    assert not found.standby


def test_without_a_grace_an_old_one_goes_at_once() -> None:
    found = plan(replace(WANTED, graces=()), both())
    assert ids(found) == [f"delete LoadBalancer LoadBalancer {OLD_LB}", "delete Binding shop/k8s-web", f"delete TargetGroup {WEB} {OLD_TG}"]
    assert steps(found)[f"delete TargetGroup {WEB} {OLD_TG}"]
    assert all(each.retired for each in found.operations if isinstance(each, Delete))


# The move ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "healthy", "waits"),
    [
        ("provisioning", (), "AWS provisions load balancer k8s-new"),
        ("active", (OLD_TG,), f"target group {WEB} of load balancer k8s-new has no healthy target"),
    ],
)
def test_the_address_stays_until_the_new_one_is_ready(state: str, healthy: tuple[str, ...], waits: str) -> None:
    found = plan(WANTED, both(state=state, healthy=healthy))
    assert not found
    assert [each.waits for each in found.standby] == [(waits,)]


@pytest.mark.parametrize("healthy", [(OLD_TG, NEW_TG), (NEW_TG,), ()])
def test_the_address_moves_when_the_new_one_is_as_healthy(healthy: tuple[str, ...]) -> None:
    found = plan(WANTED, both(healthy=healthy))
    assert found.operations == (Retire(before=OLD.load_balancers[0]),)
    assert [(each.waits, each.moved) for each in found.standby] == [((), False)]


def test_a_target_group_that_nobody_wants_any_more_is_not_waited_for() -> None:
    gone = replace(WANTED, target_groups=(), rules=(), bindings=())
    new = replacing.together(OLD, placed(second(gone), "new.elb"))
    assert ids(plan(gone, replace(new, healthy=frozenset({OLD_TG})))) == [f"retire LoadBalancer LoadBalancer {OLD_LB}"]


def test_a_target_group_that_is_not_made_yet_is_waited_for() -> None:
    new = replacing.together(OLD, placed(second(replace(WANTED, target_groups=(), rules=(), bindings=())), "new.elb"))
    found = plan(WANTED, replace(new, healthy=frozenset({OLD_TG})))
    assert found.standby[0].waits
    assert "create Rule 80:1" in ids(found)


def test_the_address_moves_after_what_clients_need() -> None:
    half = both()
    lacking = replace(half, rules=tuple(each for each in half.rules if each.arn != "arn:rule/80:2/2"))
    assert steps(plan(WANTED, lacking))[f"retire LoadBalancer LoadBalancer {OLD_LB}"] == ("create Rule 80:2",)


# The grace ---------------------------------------------------------------------------------------------------------


def test_what_stays_is_no_difference() -> None:
    found = plan(WANTED, both(MOVED, AT + 299))
    assert not found
    assert [each.until for each in found.standby] == [AT + 300]


def test_an_edit_changes_the_new_one_only() -> None:
    found = plan(replace(WANTED, rules=(rule(1, "/c"), rule(2, "/b"))), both(MOVED, AT))
    assert ids(found) == ["update Rule 80:1"]
    assert [each.before.arn for each in found.operations if not isinstance(each, Retire)] == ["arn:rule/80:1/2"]  # type: ignore[union-attr]


def test_when_the_grace_is_over_the_old_one_goes_with_what_only_it_uses() -> None:
    found = plan(WANTED, both(MOVED, AT + 300))
    assert ids(found) == [f"delete LoadBalancer LoadBalancer {OLD_LB}", "delete Binding shop/k8s-web", f"delete TargetGroup {WEB} {OLD_TG}"]
    needs = steps(found)
    assert needs["delete Binding shop/k8s-web"] == (f"delete LoadBalancer LoadBalancer {OLD_LB}",)
    assert not found.standby


def test_an_old_one_does_not_go_before_the_new_one_works() -> None:
    found = plan(WANTED, both(MOVED, AT + 900, state="provisioning"))
    assert not found
    assert found.standby


def test_a_tag_that_is_no_time_counts_as_moved_long_ago() -> None:
    assert ids(plan(WANTED, both("yesterday", AT)))[0].startswith("delete LoadBalancer")


def test_what_an_interrupted_deletion_left_goes() -> None:
    left = replace(both(MOVED, AT + 400), load_balancers=placed(second(WANTED), "new.elb").load_balancers)
    rest = replace(left, listeners=left.listeners[1:], rules=left.rules[2:])
    assert ids(plan(WANTED, rest)) == ["delete Binding shop/k8s-web", f"delete TargetGroup {WEB} {OLD_TG}"]
    assert not plan(WANTED, replace(second(WANTED), security_groups=OLD.security_groups)), "and the new one needs nothing"


def test_of_two_that_nothing_uses_none_is_deleted_before_one_is_used() -> None:
    """Somebody deleted the listeners: which target group is the one in use, only the next plan can tell."""
    left = replace(both(MOVED, AT + 400), load_balancers=placed(second(WANTED), "new.elb").load_balancers, listeners=(), rules=())
    found = ids(plan(WANTED, left))
    assert "create Listener 80" in found
    assert f"delete TargetGroup {WEB} {OLD_TG}" not in found or f"delete TargetGroup {WEB} {NEW_TG}" not in found


def test_a_successor_that_somebody_deleted_is_made_again() -> None:
    found = plan(WANTED, replace(marked(OLD, MOVED), at=AT + 900))
    assert "create LoadBalancer LoadBalancer" in ids(found)
    assert not any(isinstance(each, Delete) for each in found.operations)


# Back --------------------------------------------------------------------------------------------------------------


def test_a_change_back_takes_the_old_one_again() -> None:
    found = plan(BACK, both(MOVED, AT + 10, healthy=(OLD_TG, NEW_TG)))
    assert ids(found) == ["update LoadBalancer LoadBalancer", f"retire LoadBalancer LoadBalancer {NEW_LB}"]
    (update, _) = found.operations
    assert update.remove_tags == ((tracking.REPLACED, MOVED),)  # type: ignore[union-attr]
    after = replace(replacing.together(OLD, marked(placed(second(WANTED), "new.elb"), MOVED)), at=AT + 300)
    assert ids(plan(BACK, after))[0] == f"delete LoadBalancer LoadBalancer {NEW_LB}"


def test_nobody_left_deletes_both() -> None:
    found = ids(plan(Stack(id=ID), both(MOVED, AT)))
    assert {f"delete LoadBalancer LoadBalancer {OLD_LB}", f"delete LoadBalancer LoadBalancer {NEW_LB}"} <= set(found)
    assert {f"delete TargetGroup {WEB} {OLD_TG}", f"delete TargetGroup {WEB} {NEW_TG}"} <= set(found)
    assert len(found) == 7


# Bindings ----------------------------------------------------------------------------------------------------------


def test_a_binding_that_is_made_again_does_not_take_the_name_of_the_old_one() -> None:
    lost = both(MOVED, AT)
    (put,) = plan(WANTED, replace(lost, bindings=lost.bindings[:1])).operations
    assert isinstance(put, PutBinding)
    assert put.resource.name == twin("k8s-web")


# Target groups alone -----------------------------------------------------------------------------------------------


def test_another_address_family_is_another_target_group_with_a_free_name() -> None:
    six = replace(STACK, target_groups=(replace(GROUP, ip_address_type="ipv6"),))
    found = plan(six, OLD)
    assert sorted(ids(found)) == [
        f"create TargetGroup {WEB}",
        "delete Binding shop/k8s-web",
        f"delete TargetGroup {WEB} {OLD_TG}",
        f"put Binding {WEB}",
        "update Rule 80:1",
        "update Rule 80:2",
    ]
    made = next(each for each in found.operations if isinstance(each, Create))
    assert isinstance(made.resource, TargetGroup)
    assert (made.resource.name, made.changed) == (twin("k8s-web"), ("ip_address_type",))
    peer = replace(CONFIG, replace_grace_seconds=0)
    assert not diff.plan(link(six, OLD, peer), peer), "the AWS controller keeps it"


# Names that lead to it ---------------------------------------------------------------------------------------------

HOST = Record(
    id="Z1/shop.example.com/A",
    zone="Z1",
    name="shop.example.com",
    type="A",
    target=Ref("LoadBalancer", "LoadBalancer", "dns_name"),
    target_zone=Ref("LoadBalancer", "LoadBalancer", "zone_id"),
)
OTHER = replace(HOST, id="Z1/www.example.com/A", name="www.example.com")


def known(record: Record, target: str) -> Owned[Record]:
    return Owned(resource=replace(record, target=target, target_zone="Z"), arn=record.id)


def test_a_record_moves_with_the_address() -> None:
    named = replace(WANTED, records=(HOST,))
    stands = replace(OLD, records=(known(HOST, "old.elb"),))
    assert "change Zone Z1" not in ids(plan(named, stands))
    waiting = both(first=stands, healthy=(OLD_TG,))
    assert not plan(named, waiting)
    found = plan(named, both(first=stands))
    assert steps(found)[f"retire LoadBalancer LoadBalancer {OLD_LB}"] == ("change Zone Z1",)
    assert not plan(named, both(MOVED, AT, first=replace(OLD, records=(known(HOST, "new.elb"),))))


def test_a_new_name_leads_to_the_new_one_and_an_old_one_stays() -> None:
    waiting = both(first=replace(OLD, records=(known(HOST, "old.elb"),)), healthy=(OLD_TG,))
    (change,) = plan(replace(WANTED, records=(HOST, OTHER)), waiting).operations
    assert isinstance(change, ChangeRecords)
    assert (change.creates, change.deletes) == ((OTHER,), ())
    elsewhere = replace(HOST, id="Z2/shop.example.com/A", zone="Z2")
    assert not plan(replace(WANTED, records=(elsewhere,)), waiting), "a private zone and a public one change together, with the address"


# One behind another ------------------------------------------------------------------------------------------------

FRONT = replace(BALANCER, id="FrontendNlb", name="k8s-nlb", type="network")
FRONT_GROUP = replace(GROUP, id="FrontendNlb-tg", name="k8s-nlb-tg", target_type="alb", protocol="TCP", protocol_version=None)
FRONT_REF = Ref("TargetGroup", "FrontendNlb-tg", "arn")


def chained(stack: Stack) -> Stack:
    listener = replace(
        stack.listeners[0],
        id="FrontendNlb-ls",
        load_balancer=Ref("LoadBalancer", "FrontendNlb", "arn"),
        protocol="TCP",
        default_actions=rule(1, "/", FRONT_REF).actions,
    )
    return replace(
        stack,
        load_balancers=(*stack.load_balancers, FRONT),
        target_groups=(*stack.target_groups, FRONT_GROUP),
        listeners=(*stack.listeners, listener),
        registrations=(Registration(id="t", target_group=FRONT_REF, port=80, target=LB, target_port=80),),
    )


def test_the_one_in_front_keeps_its_target_until_the_address_moves() -> None:
    wanted, stands = chained(WANTED), placed(there(chained(STACK)), "old.elb")
    assert {"register TargetGroup FrontendNlb-tg", "deregister TargetGroup FrontendNlb-tg"}.isdisjoint(ids(plan(wanted, stands)))
    waiting = both(first=stands, healthy=(OLD_TG,))
    assert not plan(wanted, waiting)
    assert ids(plan(wanted, both(first=stands))) == [
        "deregister TargetGroup FrontendNlb-tg",
        "register TargetGroup FrontendNlb-tg",
        f"retire LoadBalancer LoadBalancer {OLD_LB}",
    ]


def test_two_addresses_of_one_object_move_together() -> None:
    front = replace(FRONT, scheme="internet-facing", name="k8s-nlb-new")
    wanted = replace(chained(WANTED), load_balancers=(NEW, front), graces=(*GRACE, ("FrontendNlb", 300.0)))
    found = plan(wanted, both(first=placed(there(chained(STACK)), "old.elb")))
    assert "create LoadBalancer FrontendNlb" in ids(found)
    assert "register TargetGroup FrontendNlb-tg" in ids(found), "the target group in front is a new one too"
    assert not any(isinstance(each, Retire) for each in found.operations)
    assert [each.waits for each in found.standby] == [("the successor of load balancer k8s-nlb is not ready",), (replacing.CREATED,)]


def test_a_target_group_that_two_load_balancers_use_stays_with_the_other() -> None:
    stands = there(chained(STACK))
    assert [each.resource.id for each in scene(chained(WANTED), stands).live.target_groups] == ["FrontendNlb-tg"]
    front = replace(stands.listeners[1], resource=replace(stands.listeners[1].resource, default_actions=rule(1, "/", OLD_TG).actions))
    shared = replace(stands, listeners=(stands.listeners[0], front))
    assert [each.resource.id for each in scene(chained(WANTED), shared).live.target_groups] == [WEB, "FrontendNlb-tg"]
