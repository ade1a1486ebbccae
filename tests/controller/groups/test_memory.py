"""What the model loop knows without asking, and when it asks all the same."""

from collections.abc import AsyncIterator

import pytest
from tests.clock import Virtual
from tests.controller.groups.bed import APP, FULL, INTERVAL, IP, TEAM, Bed, passed, running

from albatross.aws.session.errors import Denied, NotReady
from albatross.aws.session.turn import LAZY, NORMAL, URGENT, taking


@pytest.fixture
async def bed(clock: Virtual) -> AsyncIterator[Bed]:
    """A group that is in place and known."""
    async with running(clock, INTERVAL) as found:
        found.apply()
        await passed(found, clock)
        found.account.journal.clear()
        yield found


def edited(bed: Bed, seconds: int) -> None:
    bed.apply(annotations={**IP, "healthcheck-interval-seconds": str(seconds)})


async def test_an_edit_of_a_known_group_reads_nothing(bed: Bed, clock: Virtual) -> None:
    await clock.advance(INTERVAL / 3)
    edited(bed, 20)
    await bed.look()
    assert bed.account.journal == ["ModifyTargetGroup"]
    bed.apply(annotations={**IP, "healthcheck-interval-seconds": "20", "tags": "a=b"})
    await bed.look()
    assert all(each.startswith(("Modify", "Add", "Create")) for each in bed.account.journal)
    bed.account.journal.clear()
    await bed.look()
    assert bed.account.journal == []


async def test_what_others_change_is_found_within_the_interval(bed: Bed, clock: Virtual) -> None:
    (group,) = bed.account.made["TargetGroup"]
    edited(bed, 20)
    await bed.look()
    group["HealthCheckIntervalSeconds"] = 99
    await bed.look()
    assert group["HealthCheckIntervalSeconds"] == 99
    assert list(bed.groups.decider.memory.due()) == []
    await clock.advance(0.9 * INTERVAL)
    assert list(bed.groups.decider.memory.due()) == [APP]
    assert bed.groups.decider.patience(APP) == LAZY
    with taking("", URGENT):
        assert bed.groups.decider.patience(APP) == URGENT, "an edit does not wait because a check is due too"
    await passed(bed, clock)
    assert group["HealthCheckIntervalSeconds"] == 20
    assert list(bed.groups.decider.memory.due()) == []


async def test_tags_that_others_remove_are_found_too(bed: Bed, clock: Virtual) -> None:
    (listener,) = bed.account.made["Listener"]
    listener["Tags"] = []
    await clock.advance(0.9 * INTERVAL)
    assert list(bed.groups.decider.memory.due()) == [APP]
    await passed(bed, clock)
    assert "AddTags" in bed.account.journal


async def test_after_an_error_of_aws_the_group_is_read_at_once(bed: Bed, clock: Virtual) -> None:
    (group,) = bed.account.made["TargetGroup"]
    group["HealthCheckPath"] = "/changed-by-others"
    bed.account.refuse["ModifyTargetGroup"] = FULL
    edited(bed, 20)
    assert (await bed.look()).failed
    assert bed.groups.decider.memory.recall(APP) is None
    bed.account.refuse.clear()
    bed.account.journal.clear()
    await passed(bed, clock)
    assert {"DescribeLoadBalancers", "DescribeTargetGroups", "DescribeTags", "DescribeListeners"} <= set(bed.account.journal)
    assert (group["HealthCheckPath"], group["HealthCheckIntervalSeconds"]) == ("/", 20)


async def test_what_waits_is_looked_at_again_without_the_lists(bed: Bed, clock: Virtual) -> None:
    bed.account.refuse["ModifyTargetGroup"] = NotReady("later", 1.0)
    edited(bed, 20)
    await bed.look()
    bed.account.refuse.clear()
    bed.account.journal.clear()
    await passed(bed, clock)
    assert "DescribeListeners" in bed.account.journal
    assert "DescribeTags" not in bed.account.journal


async def test_a_load_balancer_that_goes_is_read_before(bed: Bed, clock: Virtual) -> None:
    bed.apply(annotations={**IP, "scheme": "internet-facing"})
    await passed(bed, clock)
    assert "DescribeLoadBalancerAttributes" in bed.account.journal


async def test_attributes_that_were_not_read_are_read(bed: Bed, clock: Virtual) -> None:
    bed.apply(annotations={**IP, "load-balancer-attributes": "idle_timeout.timeout_seconds=30"})
    await passed(bed, clock)
    assert "DescribeLoadBalancerAttributes" in bed.account.journal


async def test_a_problem_is_decided_from_a_new_look(bed: Bed, clock: Virtual) -> None:
    bed.apply(annotations={**IP, "subnets": "subnet-unknown"})
    await passed(bed, clock)
    assert bed.account.journal


async def test_an_account_that_cannot_be_read_is_not_known(bed: Bed, clock: Virtual) -> None:
    bed.account.refuse["DescribeListeners"] = Denied("elbv2", "DescribeListeners", "AccessDenied", "no")
    bed.groups.decider.memory.drop(APP)
    await passed(bed, clock)
    assert bed.groups.decider.memory.recall(APP) is None


async def test_a_group_that_is_gone_is_forgotten(bed: Bed, clock: Virtual) -> None:
    bed.cluster.mark_deleted("Ingress", "app")
    await passed(bed, clock)
    assert (bed.groups.decider.memory.looks, bed.groups.decider.memory.looked) == ({}, {})


async def test_an_edit_is_more_urgent_than_a_build(bed: Bed) -> None:
    with taking("x", URGENT):
        assert (bed.groups.decider.patience(APP), bed.groups.decider.patience(TEAM)) == (URGENT, NORMAL)


async def test_without_an_interval_every_pass_reads(bed: Bed, clock: Virtual) -> None:
    bed.groups.decider.memory.seconds = 0.0
    await passed(bed, clock)
    assert "DescribeListeners" in bed.account.journal
    assert bed.groups.decider.memory.recall(APP) is None
    assert list(bed.groups.decider.memory.due()) == []


# The first look -----------------------------------------------------------------------------------------------------


def restarted(bed: Bed) -> None:
    """The same account and cluster, with a controller that knows nothing."""
    bed.groups.decider.memory.looks.clear()
    bed.groups.decider.memory.looked.clear()
    bed.groups.decider.memory.met.clear()
    bed.account.inventory.forget()
    bed.account.cache.clear()
    bed.account.journal.clear()


async def test_the_first_look_leaves_the_tags_of_rules_for_later(bed: Bed, clock: Virtual) -> None:
    (listener,) = bed.account.made["Listener"]
    listener["Tags"] = []
    restarted(bed)
    await passed(bed, clock)
    assert bed.account.journal.count("DescribeTags") == 2, "of load balancers and of target groups"
    assert "AddTags" not in bed.account.journal
    await clock.advance(0.5 * INTERVAL)
    assert list(bed.groups.decider.memory.due()) == [APP]
    await passed(bed, clock)
    assert "AddTags" in bed.account.journal


async def test_an_edit_after_a_restart_reads_nothing_either(bed: Bed, clock: Virtual) -> None:
    restarted(bed)
    await passed(bed, clock)
    bed.account.journal.clear()
    bed.apply(annotations={**IP, "tags": "a=b"})
    await bed.look()
    assert bed.account.journal.count("AddTags") == 4, "of the load balancer, the target group, the listener and the rule"
    assert [each for each in bed.account.journal if each.startswith("Describe")] == []


async def test_if_something_differs_the_tags_are_read_at_once(bed: Bed, clock: Virtual) -> None:
    edited(bed, 20)
    restarted(bed)
    await passed(bed, clock)
    assert bed.account.journal.count("DescribeListeners") == 1
    assert bed.account.journal.count("DescribeTags") == 3
    assert bed.account.journal[-1] == "ModifyTargetGroup"
