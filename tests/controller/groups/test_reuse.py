"""A new leader: what it accepts without a look at AWS, and what it compares at once."""

from collections.abc import AsyncIterator

import pytest
from tests.clock import Virtual
from tests.controller.groups.bed import APP, FULL, INTERVAL, IP, Bed, loop, passed, running
from tests.controller.scripted import Cluster, Heard

from albatross.aws.session.turn import LAZY, NORMAL, taking
from albatross.catalog.kinds import KINDS
from albatross.controller.digests import Digests
from albatross.controller.groups import Groups
from albatross.model.resources.stack import StackId

LOOKS = ("DescribeTargetGroups", "DescribeListeners", "DescribeRules")
"""The reads of a comparison. The list of load balancers is read all the same: it decides subnets."""


@pytest.fixture
async def bed(clock: Virtual) -> AsyncIterator[Bed]:
    """A group that the first leader put in place."""
    async with running(clock, INTERVAL) as found:
        found.apply()
        await passed(found, clock)
        yield found


async def succeeded(bed: Bed) -> list[StackId]:
    """Let another leader follow, which has read the digests; the groups that it will compare later."""
    before, later = bed.groups, list[StackId]()
    await before.close()
    objects, bed.cluster = bed.cluster.objects, Cluster()
    bed.heard = Heard(bed.cluster)
    bed.groups = loop(bed.cluster, bed.account, bed.heard, INTERVAL)
    for path, each in objects.items():
        bed.cluster._store(path, each)
    bed.index = bed.groups.index
    bed.groups.reuse.digests = Digests()
    bed.groups.reuse.digests.read(kept(before).text(1), 2)
    bed.groups.reuse.later = later.append
    bed.account.inventory.forget()
    bed.account.journal.clear()
    return later


def kept(groups: Groups) -> Digests:
    """The digests, with all that is pending."""
    found = groups.reuse.digests
    found.settle({name: desired() for name, desired in found.pending.items()}, dict(found.pending))
    return found


def compared(bed: Bed) -> bool:
    return any(each in LOOKS for each in bed.account.journal)


async def test_a_group_as_it_was_left_is_not_compared_at_once(bed: Bed, clock: Virtual) -> None:
    later = await succeeded(bed)
    await passed(bed, clock)
    assert not compared(bed), bed.account.journal
    assert later == [APP]
    assert bed.cluster.writes() == []
    with taking("", NORMAL):
        assert bed.groups.decider.patience(APP) == LAZY


async def test_the_second_pass_compares_it(bed: Bed, clock: Virtual) -> None:
    later = await succeeded(bed)
    await passed(bed, clock)
    assert kept(bed.groups).known == {}
    await passed(bed, clock)
    assert compared(bed)
    assert (bed.account.writes(), later) == ([], [APP])
    assert len(kept(bed.groups).known) == 1


async def test_an_object_that_changed_meanwhile_is_compared_at_once(bed: Bed, clock: Virtual) -> None:
    later = await succeeded(bed)
    bed.apply(annotations={**IP, "healthcheck-interval-seconds": "20"})
    await passed(bed, clock)
    assert (bed.account.writes(), later) == (["ModifyTargetGroup"], [])


async def test_a_binding_that_is_missing_is_made_at_once(bed: Bed, clock: Virtual) -> None:
    (binding,) = bed.cluster.cache.keys("TargetGroupBinding")
    later = await succeeded(bed)
    bed.cluster._drop(KINDS["TargetGroupBinding"].path(*binding))
    await passed(bed, clock)
    assert (compared(bed), later) == (True, [])


async def test_a_member_with_an_error_is_compared_at_once(bed: Bed, clock: Virtual) -> None:
    later = await succeeded(bed)
    bed.apply(annotations={**IP, "healthcheck-interval-seconds": "x"})
    await passed(bed, clock)
    assert later == []
    assert "LB102" in bed.heard.events[-1].message


async def test_a_deleted_object_is_compared_at_once(bed: Bed, clock: Virtual) -> None:
    later = await succeeded(bed)
    bed.cluster.mark_deleted("Ingress", "app")
    await passed(bed, clock)
    assert "DeleteLoadBalancer" in bed.account.writes()
    assert later == []
    assert kept(bed.groups).known == {}


async def test_an_accepted_object_still_has_a_last_good_version(bed: Bed, clock: Virtual) -> None:
    await succeeded(bed)
    await passed(bed, clock)
    bed.apply(annotations={**IP, "healthcheck-interval-seconds": "x"})
    await passed(bed, clock)
    assert bed.account.writes() == []
    assert any("last good version" in event.message for event in bed.heard.events)


async def test_a_pass_that_fails_is_forgotten(bed: Bed, clock: Virtual) -> None:
    assert len(kept(bed.groups).known) == 1
    bed.account.refuse["ModifyTargetGroup"] = FULL
    bed.apply(annotations={**IP, "healthcheck-interval-seconds": "20"})
    await passed(bed, clock)
    assert kept(bed.groups).known == {}
