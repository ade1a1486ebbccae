"""What an Ingress gets and keeps: its finalizer, its address, its targets; against a scripted cluster and account."""

import json

from tests.clock import Virtual
from tests.controller.groups.bed import BAD, FULL, GROUPED, IP, OTHER, OURS, TEAM, Bed, rule
from tests.controller.scripted import AWAY
from tests.world import objects

from albatross.catalog.tracking import finalizer
from albatross.controller.awaiting import SETTLED
from albatross.controller.worker import Verdict

# Its life -----------------------------------------------------------------------------------------------------------


async def test_an_ingress_gets_its_finalizer_its_address_and_its_event(bed: Bed) -> None:
    bed.apply()
    assert await bed.look() == Verdict()
    found = bed.cluster.find("Ingress", "app")
    assert found is not None
    assert bed.cluster.finalizers("app") == [OURS]
    (entry,) = found["status"]["loadBalancer"]["ingress"]
    assert entry["hostname"].endswith(".elb")
    assert bed.heard.take() == [("app", "SuccessfullyReconciled")]
    assert bed.cluster.writes("targetgroupbindings")


async def test_a_second_pass_writes_nothing(bed: Bed) -> None:
    bed.apply()
    await bed.look()
    bed.cluster.journal.clear()
    bed.account.journal.clear()
    assert await bed.look() == Verdict()
    assert not bed.cluster.writes()
    assert not [each for each in bed.account.writes() if each.startswith(("Create", "Delete"))]


async def test_a_status_is_written_only_where_it_differs(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    bed.apply("two", GROUPED)
    await bed.look(TEAM)
    assert len(bed.cluster.writes("/status")) == 2
    bed.cluster.forget_status("two")
    bed.cluster.journal.clear()
    await bed.look(TEAM)
    assert [path.split("/")[-2] for path in bed.cluster.writes("/status")] == ["two"]


async def test_a_status_that_cannot_be_written_is_told_and_keeps_nothing_and_is_tried_again(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    bed.apply("two", GROUPED)
    bed.cluster.refuse = lambda request: AWAY if request.path.endswith("app/status") else None
    assert await bed.look(TEAM) == Verdict(failed=True, within=30.0)
    assert ("app", "FailedUpdateStatus") in bed.heard.take()
    assert [path.split("/")[-2] for path in bed.cluster.writes("/status")] == ["app", "two"]
    bed.cluster.refuse = lambda request: None
    assert await bed.look(TEAM) == Verdict()
    assert [path.split("/")[-2] for path in bed.cluster.writes("/status")] == ["app", "two", "app"]


async def test_what_is_deleted_is_taken_down_and_let_go(bed: Bed) -> None:
    bed.apply()
    await bed.look()
    bed.cluster.mark_deleted("Ingress", "app")
    bed.heard.take()
    assert await bed.look() == Verdict()
    assert ("app", "RemovingLoadBalancer") not in bed.heard.take(), "who deletes the object knows it"
    assert bed.cluster.find("Ingress", "app") is None
    assert {"DeleteLoadBalancer", "DeleteTargetGroup"} <= set(bed.account.writes())
    assert (bed.groups.history._good, bed.groups.teller.noted) == ({}, {})


async def test_a_member_that_moves_is_let_go_by_its_old_group(bed: Bed) -> None:
    bed.apply()
    await bed.look()
    bed.apply(annotations=GROUPED)
    await bed.look(TEAM)
    assert bed.cluster.finalizers("app") == [OURS, finalizer(TEAM)]
    bed.heard.take()
    await bed.look()
    assert ("app", "RemovingLoadBalancer") in bed.heard.take()
    assert bed.cluster.finalizers("app") == [finalizer(TEAM)]
    assert bed.groups.history._good.keys() == set(bed.index.group(TEAM).members)


async def test_who_leaves_a_group_hears_the_old_name_and_the_new_one(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    bed.apply("two", GROUPED)
    await bed.look(TEAM)
    bed.heard.take()
    bed.apply()
    await bed.look()
    assert bed.heard.take() == [("app", "AddressChanged"), ("app", "SuccessfullyReconciled")]
    await bed.look(TEAM)
    assert bed.heard.take() == [("app", "LeavingLoadBalancer"), ("two", "SuccessfullyReconciled")]


# An address is a promise -----------------------------------------------------------------------------------------------


def addresses(bed: Bed, name: str) -> list[str]:
    found = bed.cluster.find("Ingress", name) or {}
    return [each["hostname"] for each in found.get("status", {}).get("loadBalancer", {}).get("ingress", ())]


async def test_a_deployment_that_fails_gives_no_address_until_it_succeeds(bed: Bed) -> None:
    bed.apply()
    bed.account.refuse["CreateListener"] = FULL
    assert (await bed.look()).failed
    assert bed.account.made["LoadBalancer"]
    assert addresses(bed, "app") == []
    bed.account.refuse.clear()
    await bed.look()
    assert len(addresses(bed, "app")) == 1


async def test_only_the_members_that_are_served_get_an_address(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    bed.apply("two", {**GROUPED, **BAD})
    await bed.look(TEAM)
    assert (len(addresses(bed, "app")), addresses(bed, "two")) == (1, [])
    bed.apply("two", GROUPED)
    await bed.look(TEAM)
    assert addresses(bed, "two") == addresses(bed, "app")
    bed.apply("two", {**GROUPED, **BAD})
    await bed.look(TEAM)
    assert addresses(bed, "two") == addresses(bed, "app"), "it was served already"


async def test_the_address_follows_a_replacement_before_everything_is_done(bed: Bed) -> None:
    bed.apply()
    await bed.look()
    (old,) = addresses(bed, "app")
    bed.account.refuse["CreateListener"] = FULL
    bed.apply(annotations={**IP, "scheme": "internet-facing"})
    bed.cluster.annotate("app", {"albatross.dev/replace-grace-seconds": "0"})
    assert (await bed.look()).failed
    (new,) = addresses(bed, "app")
    assert old != new
    assert ("app", "AddressChanged") in bed.heard.take()


# Targets before rules --------------------------------------------------------------------------------------------------


async def test_a_switched_service_waits_and_only_its_member_is_told(bed: Bed) -> None:
    clock = bed.account.clock = Virtual()
    bed.apply("two", GROUPED)
    bed.apply(annotations=GROUPED)
    await bed.look(TEAM)
    bed.account.states = {each["TargetGroupArn"]: "healthy" for each in bed.account.made["TargetGroup"]}
    bed.heard.take()
    bed.account.journal.clear()
    bed.apply("app", GROUPED, spec={"rules": [rule("other")]})
    bed.cluster.apply(*(each for each in objects(json.dumps(OTHER)) if each["metadata"]["name"] == "other"))
    assert await bed.look(TEAM) == Verdict(after=1.0)
    assert bed.heard.take() == [("app", "Waiting")]
    assert not [each for each in bed.account.writes() if each.startswith("Delete")]
    await clock.advance(bed.groups.config.targets_before_rules_seconds)
    assert await bed.look(TEAM) == Verdict(after=SETTLED)
    assert [reason for name, reason in bed.heard.take() if name == "app"] == ["TargetsNotHealthy", "Waiting"]  # LB523
