"""What a group costs while AWS refuses something, and how it goes on."""

from collections.abc import AsyncIterator

import pytest
from tests.clock import Virtual
from tests.controller.groups.bed import APP, INTERVAL, IP, Bed, passed, running
from tests.world import CONFIG

from albatross.aws.session.errors import LAG_SECONDS, AwsError, Busy, Conflict, Denied, Limit
from albatross.catalog.denial import FIRST_SECONDS
from albatross.controller.refused import SECONDS
from albatross.controller.worker import Verdict


@pytest.fixture
async def bed(clock: Virtual) -> AsyncIterator[Bed]:
    """A group of which nothing exists yet."""
    async with running(clock, INTERVAL) as found:
        found.apply()
        yield found


def denied(operation: str) -> AwsError:
    return Denied("elbv2", operation, "AccessDenied", f"not authorized to perform: elasticloadbalancing:{operation}")


async def costs(bed: Bed, clock: Virtual, seconds: float = 30) -> list[str]:
    """The calls of one pass, a while later; its pauses take no time."""
    await verdict(bed, clock, seconds)
    return bed.account.journal


async def verdict(bed: Bed, clock: Virtual, seconds: float = 30) -> Verdict:
    bed.account.journal.clear()
    await clock.advance(seconds)
    return await passed(bed, clock)


@pytest.mark.parametrize("operation", ["CreateLoadBalancer", "CreateTargetGroup", "CreateRule"])
async def test_a_denied_write_costs_one_call(bed: Bed, clock: Virtual, operation: str) -> None:
    bed.account.refuse[operation] = denied(operation)
    found = await verdict(bed, clock)
    assert (found.failed, found.first) == (True, FIRST_SECONDS)
    bed.heard.take()
    for _ in range(3):
        assert await costs(bed, clock) == [operation]
        assert bed.heard.take() == [("app", "FailedDeployModel")]
    bed.account.refuse.clear()
    assert await costs(bed, clock)
    assert bed.heard.take()[-1] == ("app", "SuccessfullyReconciled")
    assert bed.cluster.find("Ingress", "app")["status"]["loadBalancer"]["ingress"]  # type: ignore[index]
    assert await costs(bed, clock) == []


@pytest.mark.parametrize("operation", ["DescribeLoadBalancers", "DescribeSubnets", "DescribeTargetGroups"])
async def test_a_denied_read_costs_one_call(bed: Bed, clock: Virtual, operation: str) -> None:
    bed.account.refuse[operation] = denied(operation)
    await costs(bed, clock)
    for _ in range(3):
        assert await costs(bed, clock) == [operation]
    bed.account.refuse.clear()
    assert "CreateRule" in await costs(bed, clock)


async def test_a_read_that_is_allowed_again_can_show_another_one_that_is_not(bed: Bed, clock: Virtual) -> None:
    bed.account.refuse["DescribeLoadBalancers"] = denied("DescribeLoadBalancers")
    bed.apply(annotations={**IP, "load-balancer-attributes": "idle_timeout.timeout_seconds=30"})
    bed.account.refuse.clear()
    await costs(bed, clock)
    bed.groups.decider.memory.drop(APP)
    for operation in ("DescribeListeners", "DescribeLoadBalancerAttributes"):
        bed.account.refuse = {operation: denied(operation)}
        await costs(bed, clock)
        assert await costs(bed, clock) == [operation]


async def test_of_several_denied_steps_another_one_is_tried_each_time(bed: Bed, clock: Virtual) -> None:
    bed.apply(annotations={**IP, "listen-ports": '[{"HTTP": 80}, {"HTTP": 81}]'})
    bed.account.refuse["CreateListener"] = denied("CreateListener")
    passes = bed.groups.teller.passes
    passes.on = True
    for _ in range(3):
        await costs(bed, clock)
    assert bed.account.journal == ["CreateListener"]
    assert [[step.id for step in run.plan.steps] for run in list(passes.plans)[1:]] == [["create Listener 80"], ["create Listener 81"]]


async def test_another_refusal_is_tried_after_a_look_at_aws(bed: Bed, clock: Virtual) -> None:
    """A quota, a conflict, or what does not exist can also mean that AWS has something else than we think."""
    bed.account.refuse["CreateRule"] = Limit("elbv2", "CreateRule", "TooManyRules", "no more")
    await costs(bed, clock)
    assert "DescribeListeners" in await costs(bed, clock)
    assert await costs(bed, clock) == ["CreateRule"]
    bed.account.refuse["CreateRule"] = denied("CreateRule")
    assert await costs(bed, clock) == ["CreateRule"]
    assert "DescribeListeners" in await costs(bed, clock), "it is not the same refusal"
    assert await costs(bed, clock) == ["CreateRule"]


@pytest.mark.parametrize("kind", [Busy, Denied])
async def test_after_an_error_that_is_no_refusal_everything_is_read(bed: Bed, clock: Virtual, kind: type[AwsError]) -> None:
    error = kind("elbv2", "CreateRule", "Code", "no")
    bed.account.refuse["CreateRule"] = error
    error.repeated = isinstance(error, Denied)  # the answer to an earlier try was lost
    await costs(bed, clock)
    for _ in range(2):
        assert "DescribeListeners" in await costs(bed, clock)


async def test_a_conflict_is_not_believed_before_reads_of_aws_are_up_to_date(bed: Bed, clock: Virtual) -> None:
    """AWS can answer for some seconds as before our own write; what we created conflicts with what we want to create then."""
    bed.account.refuse["CreateRule"] = Conflict("elbv2", "CreateRule", "PriorityInUse", "no")
    await costs(bed, clock)
    for _ in range(3):
        assert "DescribeListeners" in await costs(bed, clock, 2)
    await clock.advance(LAG_SECONDS)
    assert "DescribeListeners" in await costs(bed, clock, 2)
    assert await costs(bed, clock, 2) == ["CreateRule"]


async def test_an_edit_is_decided_anew(bed: Bed, clock: Virtual) -> None:
    bed.account.refuse["CreateRule"] = denied("CreateRule")
    await costs(bed, clock)
    bed.apply(annotations={**IP, "tags": "a=b"})
    assert {"DescribeListeners", "AddTags"} <= set(await costs(bed, clock))
    assert await costs(bed, clock) == ["CreateRule"]


async def test_after_a_while_everything_is_read_again(bed: Bed, clock: Virtual) -> None:
    bed.account.refuse["CreateRule"] = denied("CreateRule")
    await costs(bed, clock)
    await clock.advance(SECONDS)
    assert "DescribeListeners" in await costs(bed, clock)
    assert await costs(bed, clock) == ["CreateRule"]


async def test_without_an_interval_everything_is_read_each_time(bed: Bed, clock: Virtual) -> None:
    bed.groups.decider.memory.seconds = 0
    bed.account.refuse["CreateRule"] = denied("CreateRule")
    await costs(bed, clock)
    assert "DescribeListeners" in await costs(bed, clock)


async def test_what_does_not_exist_is_looked_up_alone(bed: Bed, clock: Virtual) -> None:
    bed.apply(annotations={**IP, "security-groups": "nowhere"})
    await costs(bed, clock)
    for _ in range(3):
        assert await costs(bed, clock) == ["DescribeSecurityGroups"]
        assert bed.heard.take()[-1] == ("app", "FailedBuildModel")
    tags = [{"Key": "Name", "Value": "nowhere"}]
    bed.account.made["SecurityGroup"].append({"GroupId": "sg-1", "GroupName": "x", "Tags": tags, "VpcId": CONFIG.vpc_id})
    assert "CreateRule" in await costs(bed, clock)


async def test_what_does_not_exist_is_found_in_a_group_that_is_in_place(bed: Bed, clock: Virtual) -> None:
    await costs(bed, clock)
    bed.apply(annotations={**IP, "security-groups": "nowhere"})
    await costs(bed, clock)
    assert await costs(bed, clock) == ["DescribeSecurityGroups"]
    tags = [{"Key": "Name", "Value": "nowhere"}]
    bed.account.made["SecurityGroup"].append({"GroupId": "sg-1", "GroupName": "x", "Tags": tags, "VpcId": CONFIG.vpc_id})
    assert "SetSecurityGroups" in await costs(bed, clock)


async def test_a_deletion_that_aws_denies_costs_one_call(bed: Bed, clock: Virtual) -> None:
    await costs(bed, clock)
    bed.cluster.mark_deleted("Ingress", "app")
    bed.account.refuse["DeleteLoadBalancer"] = denied("DeleteLoadBalancer")
    await costs(bed, clock)
    assert await costs(bed, clock) == ["DeleteLoadBalancer"]
    bed.account.refuse.clear()
    await costs(bed, clock)
    assert bed.cluster.find("Ingress", "app") is None
    assert bed.groups.decider.refusals.known == {}


async def test_a_deletion_that_we_refuse_costs_the_shared_list(bed: Bed, clock: Virtual) -> None:
    """One wrong edit can reach each of hundreds of groups, and all of them try again."""
    await costs(bed, clock)
    bed.groups.guard.allowed = 0
    bed.cluster.mark_deleted("Ingress", "app")
    assert "DescribeLoadBalancers" in await costs(bed, clock)
    bed.heard.take()
    for _ in range(3):
        assert await costs(bed, clock) == ["DescribeLoadBalancers"], "the list that all groups share"
        assert bed.heard.take() == [("app", "FailedBuildModel")]
    bed.groups.guard.allowed = None
    assert "DeleteLoadBalancer" in await costs(bed, clock)
    assert not bed.groups.guard.held
