"""A load balancer is replaced while it answers: pass by pass, against a scripted cluster and account."""

import asyncio
from datetime import UTC, datetime

import pytest
from tests.clock import Virtual, until
from tests.controller.groups.bed import APP, BAD, GROUPED, IP, TEAM, Bed, rule
from tests.controller.scripted import AWAY
from tests.world import CONFIG

from albatross.catalog import tracking
from albatross.controller.groups import Groups
from albatross.controller.tell import AGAIN_SECONDS, NAME_SECONDS, REPLACING_SECONDS, patience
from albatross.controller.worker import Verdict
from albatross.model.ident import Ident
from albatross.model.observed import Owned
from albatross.model.plan import Plan, Standby
from albatross.model.problem import Origin, Problem
from albatross.model.resources.load_balancer import LoadBalancer
from albatross.pipeline import Decision

PUBLIC = {**IP, "scheme": "internet-facing"}
GRACE = 300.0
ROUTED = {"spec": {"ingressClassName": "alb", "rules": [{**rule("web"), "host": "two.example.com"}]}}


def address(bed: Bed, name: str = "app") -> str:
    found = bed.cluster.find("Ingress", name) or {}
    (entry,) = found["status"]["loadBalancer"]["ingress"]
    return str(entry["hostname"])


def balancers(bed: Bed) -> list[str]:
    return [each["DNSName"] for each in bed.account.made["LoadBalancer"]]


def heal(bed: Bed, number: int | None = None) -> None:
    """The targets of the first target groups are healthy; of all without a number."""
    bed.account.states = {each["TargetGroupArn"]: "healthy" for each in bed.account.made["TargetGroup"][:number]}


async def started(bed: Bed) -> Virtual:
    """One Ingress with a healthy internal load balancer."""
    clock = bed.account.clock = Virtual()
    bed.apply()
    await bed.look()
    heal(bed)
    bed.heard.take()
    return clock


async def moved(bed: Bed) -> Virtual:
    """The same, after the address moved to a public one."""
    clock = await started(bed)
    bed.apply(annotations=PUBLIC)
    await bed.look()
    heal(bed)
    await bed.look()
    bed.heard.take()
    bed.account.journal.clear()
    return clock


async def test_the_whole_way(bed: Bed) -> None:
    clock = await started(bed)
    old = address(bed)
    bed.apply(annotations=PUBLIC)
    assert await bed.look() == Verdict(after=REPLACING_SECONDS)
    assert (len(balancers(bed)), address(bed)) == (2, old)
    assert bed.heard.take() == [("app", "ReplacingLoadBalancer"), ("app", "Waiting")]
    bed.account.provisioning = {bed.account.made["LoadBalancer"][1]["LoadBalancerArn"]}
    await clock.advance(31)
    assert await bed.look() == Verdict(after=REPLACING_SECONDS)
    bed.account.provisioning.clear()
    assert await bed.look() == Verdict(after=REPLACING_SECONDS)
    assert address(bed) == old
    assert [reason for _, reason in bed.heard.take()] == ["Waiting", "Waiting"], "for the load balancer, then for its targets"
    heal(bed)
    assert await bed.look() == Verdict(after=REPLACING_SECONDS)
    assert address(bed) == balancers(bed)[1]
    assert bed.heard.take() == [("app", "AddressChanged"), ("app", "SuccessfullyReconciled")]
    assert (await bed.look()).after == GRACE
    await clock.advance(GRACE - 100)
    assert (await bed.look()).after == 100
    assert "DeleteLoadBalancer" not in bed.account.journal
    await clock.advance(100)
    assert await bed.look() == Verdict()
    assert balancers(bed) == [address(bed)]
    assert len(bed.account.made["TargetGroup"]) == 1
    assert len([path for path in bed.cluster.objects if "targetgroupbindings" in path]) == 1
    assert await bed.look() == Verdict()


async def test_it_waits_quietly(bed: Bed) -> None:
    await started(bed)
    bed.apply(annotations=PUBLIC)
    await bed.look()
    await bed.look()
    bed.heard.take()
    bed.account.journal.clear()
    assert await bed.look() == Verdict(after=REPLACING_SECONDS)
    assert bed.heard.take() == [], "and nobody is told that all is well"
    assert not [each for each in bed.account.writes() if each.startswith(("Create", "Delete", "AddTags"))]


@pytest.mark.parametrize(("until", "after"), [(None, REPLACING_SECONDS), (1300.0, 300.0), (900.0, REPLACING_SECONDS)])
def test_a_plan_without_steps_is_made_again_too(until: float | None, after: float) -> None:
    old = Owned(resource=LoadBalancer(id="a", name="a", type="network", scheme="internal", ip_address_type="ipv4"), arn="arn")
    plan = Plan(stack=APP, standby=(Standby(before=old, grace_seconds=300.0, until=until),), at=1000.0)
    assert not plan
    assert patience(Decision(None, plan, ())) == Verdict(after=after)
    assert patience(Decision(None, plan, (Problem("LB323", Origin.of(Ident("Ingress", "shop", "app"))),))).after == min(after, NAME_SECONDS)


async def test_the_time_of_the_move_is_a_tag(bed: Bed) -> None:
    clock = await moved(bed)
    (old, new) = ({tag["Key"]: tag["Value"] for tag in each["Tags"]} for each in bed.account.made["LoadBalancer"])
    at = clock.utc().astimezone(UTC).replace(microsecond=0)
    assert datetime.fromisoformat(old[tracking.REPLACED]) == at
    assert tracking.REPLACED not in new


async def test_a_restart_in_the_middle_goes_on(bed: Bed) -> None:
    clock = await moved(bed)
    again = Groups(bed.cluster, bed.cluster.cache, bed.account, CONFIG, bed.index, bed.heard)
    bed.account.inventory.forget()
    first = asyncio.ensure_future(again.reconcile(APP))
    await until(first.done, clock)
    assert GRACE - 1 < (first.result().after or 0) <= GRACE
    await clock.advance(GRACE)
    await again.reconcile(APP)
    assert balancers(bed) == [address(bed)]
    await again.close()


async def test_the_tag_waits_for_the_status(bed: Bed) -> None:
    await started(bed)
    bed.apply(annotations=PUBLIC)
    await bed.look()
    heal(bed)
    bed.cluster.refuse = lambda request: AWAY if request.path.endswith("app/status") else None
    assert (await bed.look()).after == AGAIN_SECONDS
    assert not any(tag["Key"] == tracking.REPLACED for each in bed.account.made["LoadBalancer"] for tag in each["Tags"])
    bed.cluster.refuse = lambda request: None
    await bed.look()
    assert any(tag["Key"] == tracking.REPLACED for tag in bed.account.made["LoadBalancer"][0]["Tags"])


async def test_a_change_back_before_the_move_keeps_the_old_one(bed: Bed) -> None:
    clock = await started(bed)
    old = address(bed)
    bed.apply(annotations=PUBLIC)
    await bed.look()
    bed.apply()
    await bed.look()
    assert address(bed) == old
    await bed.look()
    await clock.advance(GRACE)
    await bed.look()
    assert balancers(bed) == [old]


async def test_a_change_back_during_the_grace_takes_the_old_one_again(bed: Bed) -> None:
    clock = await moved(bed)
    old, new = balancers(bed)
    bed.apply()
    await bed.look()
    assert address(bed) == old
    assert "CreateLoadBalancer" not in bed.account.journal
    (first, second) = ({tag["Key"] for tag in each["Tags"]} for each in bed.account.made["LoadBalancer"])
    assert (tracking.REPLACED in first, tracking.REPLACED in second) == (False, True)
    assert (await bed.look()).after == GRACE
    await clock.advance(GRACE)
    await bed.look()
    assert balancers(bed) == [old] != [new]


async def test_an_ingress_that_is_deleted_takes_both_with_it(bed: Bed) -> None:
    await moved(bed)
    bed.cluster.mark_deleted("Ingress", "app")
    assert await bed.look() == Verdict()
    assert (balancers(bed), bed.account.made["TargetGroup"]) == ([], [])
    assert bed.cluster.find("Ingress", "app") is None


@pytest.mark.parametrize("seconds", ["0", "60"])
async def test_one_object_has_its_own_grace(bed: Bed, seconds: str) -> None:
    await moved(bed)
    bed.cluster.annotate("app", {"albatross.dev/replace-grace-seconds": seconds})
    assert (await bed.look()).after == (None if seconds == "0" else 60.0)
    assert len(balancers(bed)) == (1 if seconds == "0" else 2)


async def test_the_others_of_the_group_go_on(bed: Bed) -> None:
    bed.account.clock = Virtual()
    bed.apply(annotations=GROUPED)
    bed.apply("two", GROUPED, **ROUTED)
    await bed.look(TEAM)
    heal(bed)
    bed.apply(annotations={**GROUPED, "scheme": "internet-facing"})
    bed.apply("two", {**GROUPED, "scheme": "internet-facing"}, **ROUTED)
    await bed.look(TEAM)
    bed.apply("three", GROUPED)
    bed.cluster.mark_deleted("Ingress", "two")
    assert await bed.look(TEAM) == Verdict(after=REPLACING_SECONDS)
    assert bed.cluster.find("Ingress", "two") is None, "nobody waits to be let go"
    assert address(bed, "three") == balancers(bed)[1], "the old one has no rule of it"
    assert address(bed) == balancers(bed)[0]


async def test_a_broken_member_comes_along(bed: Bed) -> None:
    bed.account.clock = Virtual()
    bed.apply(annotations=GROUPED)
    bed.apply("two", GROUPED, **ROUTED)
    await bed.look(TEAM)
    heal(bed)
    bed.groups.history.forget(bed.index.group(TEAM).members)
    bed.apply("two", {**GROUPED, **BAD}, **ROUTED)
    bed.apply(annotations={**GROUPED, "scheme": "internet-facing"})
    await bed.look(TEAM)
    assert len(bed.account.made["TargetGroup"]) == 4
    heal(bed)
    await bed.look(TEAM)
    assert address(bed) == address(bed, "two") == balancers(bed)[1]
    own = [each["ListenerArn"] for each in bed.account.made["Listener"]]
    rules = [each["Conditions"] for each in bed.account.made["Rule"] if each["ListenerArn"] == own[1]]
    assert "two.example.com" in str(rules)
