from dataclasses import replace

import pytest

from albatross.catalog import problems, tracking
from albatross.catalog.tracking import INGRESS
from albatross.model.ident import Ident
from albatross.model.intent import Intent, Member
from albatross.model.observed import Owned
from albatross.model.plan import Create, Delete, Operation, Plan, Standby, Step, Update
from albatross.model.problem import Origin, Problem
from albatross.model.resources.load_balancer import LoadBalancer, SubnetMapping
from albatross.model.resources.ref import Ref
from albatross.model.resources.security_group import SecurityGroup
from albatross.model.resources.stack import StackId
from albatross.planner import safety
from albatross.planner.replacing import CREATED


def balancer(scheme: str = "internal", name: str = "k8s-app") -> LoadBalancer:
    return LoadBalancer(id="LoadBalancer", name=name, type="application", scheme=scheme, ip_address_type="ipv4")


def owned(name: str = "k8s-app") -> Owned[LoadBalancer]:
    return Owned(resource=balancer(name=name), arn=f"arn:{name}", dns_name=f"{name}.elb")


def removal(number: int) -> Plan:
    name = f"k8s-{number:03}"
    return Plan(stack=StackId(INGRESS, "shop", name), steps=(Step(operation=Delete(before=owned(name))),))


A = Ident("Ingress", "shop", "a")
SG = SecurityGroup(id="g", name="g", description="d")


def kept(number: int) -> Plan:
    return Plan(stack=StackId(INGRESS, "shop", f"kept-{number}"), ids={Ref("LoadBalancer", "LoadBalancer", "arn"): f"arn:{number}"})


def test_a_replacement_says_what_changes_and_which_name_goes() -> None:
    made = Create(resource=balancer("internet-facing"), replaces=owned(), changed=("scheme",))
    plan = Plan(stack=StackId(INGRESS, "", "team"), steps=(Step(operation=Delete(before=owned(), replaced=True)), Step(operation=made)))
    (found,) = safety.replaced(plan, [A, Ident("Ingress", "shop", "b")])
    assert (found.code, found.origin) == ("LB501", Origin("Ingress", "shop", "a"))
    assert "cannot change its scheme; its DNS name k8s-app.elb will be deleted" in problems.message(found)
    assert "<" not in problems.message(found) + problems.remedy(found)


@pytest.mark.parametrize(("value", "told"), [("true", True), ("True", True), ("false", False), (None, False)])
def test_a_protection_that_nobody_asks_for_is_told_before_it_goes(value: str | None, told: bool) -> None:
    pairs = () if value is None else ((safety.PROTECTION, value),)
    before = Owned(resource=replace(balancer(), attributes=pairs), arn="arn:lb")
    group = Delete(before=Owned(resource=SecurityGroup(id="g", name="g", description="d"), arn="sg-1"))
    plan = Plan(stack=StackId(INGRESS, "shop", "a"), steps=(Step(operation=Delete(before=before)), Step(operation=group)))
    found = list(safety.unprotected(plan, [A]))
    assert [(each.code, each.origin) for each in found] == ([("LB504", Origin.of(A))] if told else [])
    assert not list(safety.unprotected(plan, []))


def test_what_a_class_protects_is_told_to_the_first_member() -> None:
    intent = Intent(id=StackId(INGRESS, "", "team"), members=(Member(ident=A, origin=Origin.of(A)),))
    made = Create(resource=replace(balancer(), attributes=((safety.PROTECTION, "true"),)), replaces=owned(), changed=("scheme",))
    steps = tuple(Step(operation=each) for each in (Delete(before=owned(), replaced=True), made, Create(resource=balancer())))
    (found,) = safety.protected(Plan(stack=intent.id, steps=steps), intent)
    assert (found.code, found.origin) == ("LB503", Origin.of(A))


def test_making_and_removing_are_no_replacements() -> None:
    group = Delete(before=Owned(resource=SecurityGroup(id="g", name="g", description="d"), arn="sg-1"))
    steps = (Step(operation=Create(resource=balancer())), Step(operation=group))
    assert list(safety.replaced(Plan(stack=StackId(INGRESS, "", "team"), steps=steps), [A])) == []
    assert list(safety.replaced(removal(1), [A])) == []
    assert safety.sweep([Plan(stack=StackId(INGRESS, "", "team"), steps=steps)], 10) == ()


@pytest.mark.parametrize(
    ("lost", "stay", "told"),
    [
        (0, 0, ""),
        (4, 0, ""),
        (5, 0, "LB502"),
        (5, 1, "LB502"),
        (5, 11, "LB502"),
        (5, 12, ""),
        (10, 0, "LB502"),
        (10, 90, ""),
        (11, 0, "LB505"),
        (11, 25, "LB505"),
        (11, 26, "LB502"),
        (11, 990, "LB502"),
    ],
)
def test_too_many_at_once(lost: int, stay: int, told: str) -> None:
    plans = [*(removal(number) for number in range(lost)), *(kept(number) for number in range(stay))]
    assert [each.code for each in safety.sweep(plans, 10)] == ([told] if told else [])


def test_what_is_allowed_by_name_is_not_refused() -> None:
    plans = [removal(number) for number in range(11)]
    assert [[each.code for each in safety.sweep(plans, allowed)] for allowed in (0, 10, 11, None)] == [
        ["LB505"],
        ["LB505"],
        ["LB502"],
        ["LB502"],
    ]


def test_a_refusal_says_how_to_allow_it() -> None:
    (found,) = safety.sweep([removal(number) for number in range(12)], 10)
    assert "12 of 12 load balancers would be deleted or replaced at once, among them k8s-000, k8s-001" in problems.message(found)
    assert "pass --allow-deletions=12 or" in problems.remedy(found)
    assert (found.origin, problems.severity(found)) == (Origin("LoadBalancer", "", "k8s-000"), "error")
    assert safety.refused([owned()], (11, 11), "within 10 minutes", [A]).origin == Origin.of(A)


def test_deletions_count_for_ten_minutes() -> None:
    assert safety.recent({"a": 0.0, "b": 1.0}, 600.0) == {"b": 1.0}


def test_the_lost_are_named_up_to_a_point() -> None:
    (found,) = safety.sweep((removal(number) for number in reversed(range(25))), None)
    assert problems.message(found).startswith("25 of 25 load balancers will be deleted or replaced: k8s-000, k8s-001, ")
    assert problems.remedy(found).endswith("k8s-019.elb and 5 more")


def test_a_load_balancer_that_goes_while_its_objects_stay_is_named() -> None:
    plan, ident = removal(1), Ident("Ingress", "shop", "app")
    (problem,) = safety.left(plan, [ident, Ident("Ingress", "shop", "other")])
    assert (problem.code, problem.origin, dict(problem.args)["dns"]) == ("LB506", Origin.of(ident), "k8s-001.elb")
    assert list(safety.left(plan, ())) == []
    successor = Step(operation=Create(resource=balancer("internet-facing"), replaces=owned("k8s-001"), changed=("scheme",)))
    assert list(safety.left(Plan(stack=plan.stack, steps=(*plan.steps, successor)), [ident])) == []


def test_who_leaves_a_load_balancer_that_stays_is_told_its_name() -> None:
    stays = Plan(
        stack=StackId(INGRESS, "", "team"),
        ids={Ref("LoadBalancer", "LoadBalancer", name): f"{name}.elb" for name in ("arn", "dns_name")},
    )
    (problem,) = safety.departed(stays, [A])
    assert (problem.code, problem.origin) == ("LB524", Origin.of(A))
    assert "Ingress/shop/a leaves group team" in problems.message(problem)
    assert "dns_name.elb" in problems.remedy(problem)
    assert not list(safety.departed(removal(1), [A]))


def network(*subnets: SubnetMapping, kind: str = "network", addresses: str = "ipv4") -> LoadBalancer:
    return replace(balancer(), type=kind, subnet_mappings=subnets, ip_address_type=addresses)


a, b = SubnetMapping(subnet_id="subnet-a"), SubnetMapping(subnet_id="subnet-b")
fixed = replace(a, allocation_id="eipalloc-1")


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        (network(a, b), network(b), "its address in subnet-a"),
        (network(a), network(a, b), ""),
        (network(fixed), network(replace(a, allocation_id="eipalloc-2")), "its address in subnet-a"),
        (network(fixed), network(fixed, b), ""),
        (network(a, b, kind="application"), network(b, kind="application"), ""),
        (network(a, addresses="dualstack"), network(a), "its IPv6 addresses"),
    ],
)
def test_addresses_that_go_are_named(before: LoadBalancer, after: LoadBalancer, lost: str) -> None:
    owner = Owned(resource=before, arn="arn", dns_name="k8s.elb")
    rest = Update(resource=SG, before=Owned(resource=SG, arn="sg-1"), changed=())
    change = Update(resource=after, before=owner, changed=("subnet_mappings",))
    plan = Plan(
        stack=StackId(INGRESS, "", "team"), steps=(Step(operation=rest), Step(operation=change), Step(operation=Delete(before=owner)))
    )
    found = list(safety.readdressed(plan, [A]))
    assert [(each.code, dict(each.args)["addresses"]) for each in found] == ([("LB526", lost)] if lost else [])
    assert not list(safety.readdressed(plan, []))


# Replaced, step by step -------------------------------------------------------------------------------------------


def replacement(*standby: Standby, apart: str = "", operations: tuple[Operation, ...] = ()) -> list[Problem]:
    reasons = {"LoadBalancer": apart} if apart else {}
    plan = Plan(
        stack=StackId(INGRESS, "", "team"), steps=tuple(Step(operation=each) for each in operations), standby=standby, apart=reasons
    )
    found = list(safety.replacing(plan, [A, Ident("Ingress", "shop", "b")]))
    assert all(each.origin == Origin.of(A) for each in found)
    assert not any("<" in problems.message(each) + problems.remedy(each) for each in found)
    assert not list(safety.replacing(plan, []))
    return found


MADE = Create(resource=balancer("internet-facing"), replaces=owned(), changed=("scheme",))


def test_a_replacement_without_an_outage_says_how_long_the_old_one_stays() -> None:
    (found,) = replacement(Standby(before=owned(), grace_seconds=300.0, waits=(CREATED,)), operations=(MADE,))
    assert found.code == "LB446"
    assert "and 300 s later k8s-app is deleted" in problems.message(found)


def test_a_replacement_with_an_outage_says_how_long_and_why() -> None:
    (found,) = replacement(apart="both have the name shop", operations=(MADE, Delete(before=owned(), replaced=True)))
    assert found.code == "LB447"
    assert "stops for about two to four minutes, because both have the name shop" in problems.message(found)


def test_what_a_replacement_waits_for_is_told() -> None:
    (found,) = replacement(Standby(before=owned(), grace_seconds=300.0, waits=("this", "that")))
    assert (found.code, "until its successor is ready: this; that" in problems.message(found)) == ("LB448", True)
    assert not replacement(Standby(before=owned(), grace_seconds=300.0)), "the address moves now"


def test_a_replaced_load_balancer_says_until_when_it_answers() -> None:
    (found,) = replacement(Standby(before=owned(), grace_seconds=300.0, until=1772366400.0))
    assert (found.code, "until 2026-03-01 12:00:00 UTC" in problems.message(found)) == ("LB449", True)


def test_a_replaced_load_balancer_counts_once_when_its_successor_is_created() -> None:
    beside = Plan(stack=StackId(INGRESS, "", "team"), steps=(Step(operation=MADE),))
    assert safety.lost(beside) == (owned(),)
    gone = replace(owned(), tags=((tracking.REPLACED, "2026-03-01T12:00:00Z"),))
    later = Plan(stack=StackId(INGRESS, "", "team"), steps=(Step(operation=Delete(before=gone, retired=True)),))
    assert safety.lost(later) == ()
    assert not list(safety.left(later, [A])), "its objects have another one"
    at_once = Plan(stack=StackId(INGRESS, "", "team"), steps=(Step(operation=Delete(before=owned(), retired=True)),))
    assert safety.lost(at_once) == (owned(),)
    assert not list(safety.left(at_once, [A]))
