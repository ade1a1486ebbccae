"""What fails or is not ready: what is told, and when the next look is."""

import asyncio

import pytest
from tests.controller.groups.bed import FULL, GROUPED, IP, LATER, TEAM, Bed, default
from tests.controller.scripted import AWAY
from tests.world import annotated, objects

from albatross.aws.session.errors import Denied, NotReady, Throttled
from albatross.catalog.tracking import INGRESS
from albatross.controller.tell import AGAIN_SECONDS, NAME_SECONDS
from albatross.controller.worker import Verdict
from albatross.model.resources.stack import StackId


async def test_a_refusal_is_told_and_tried_again(bed: Bed) -> None:
    bed.apply()
    bed.account.refuse["CreateListener"] = FULL
    assert await bed.look() == Verdict(failed=True)
    assert bed.heard.take() == [("app", "FailedDeployModel")]
    assert bed.groups.history._good == {}


@pytest.mark.parametrize(("error", "told"), [(LATER, True), (Throttled("elbv2", "X", "Throttling", "slow"), False), (AWAY, False)])
async def test_a_pass_that_cannot_look_is_tried_again(bed: Bed, error: Exception, told: bool) -> None:
    bed.apply()
    bed.account.refuse["DescribeTargetGroups"] = error
    assert (await bed.look()).failed
    assert [reason for _, reason in bed.heard.take()] == ["FailedDeployModel"] * told


async def test_what_is_not_ready_is_waited_for(bed: Bed) -> None:
    bed.apply()
    bed.account.refuse["DescribeTargetGroups"] = NotReady("look", 3.0)
    assert await bed.look() == Verdict(after=3.0)
    bed.account.refuse = {"CreateListener": NotReady("listener", 5.0)}
    assert await bed.look() == Verdict(after=5.0)
    assert await bed.look() == Verdict(after=5.0)
    assert bed.heard.take() == [("app", "Waiting")] * 2  # once for each thing, not for each try
    bed.account.refuse = {"CreateListener": NotReady("the answer was lost", 0.5, quiet=True)}
    assert await bed.look() == Verdict(after=0.5)
    assert bed.heard.take() == []
    bed.account.refuse = {"CreateListener": NotReady("listener", 5.0)}
    await bed.look()
    assert bed.groups.teller.waits
    bed.account.refuse = {}
    assert await bed.look() == Verdict()
    assert not bed.groups.teller.waits


async def test_what_aws_says_may_change_by_itself(bed: Bed) -> None:
    bed.apply(annotations={**IP, "subnets": "subnet-unknown"})
    assert await bed.look() == Verdict(after=AGAIN_SECONDS)


async def test_a_replacement_is_told_before_it_happens(bed: Bed) -> None:
    bed.apply()
    await bed.look()
    bed.heard.take()
    bed.apply(annotations={**IP, "scheme": "internet-facing"})
    bed.cluster.annotate("app", {"albatross.dev/replace-grace-seconds": "0"})
    await bed.look()
    assert bed.heard.take() == [("app", "ReplacingLoadBalancer"), ("app", "AddressChanged"), ("app", "SuccessfullyReconciled")]


async def test_a_name_that_cannot_be_had_is_told_and_looked_at_again(bed: Bed) -> None:
    named = "kind: Ingress\nmetadata: {name: app, namespace: shop, annotations: {albatross.dev/dns: 'true'}}\n"
    bed.cluster.apply(*objects(annotated(IP), named))
    bed.account.refuse["ListHostedZones"] = LATER
    assert await bed.look() == Verdict(after=NAME_SECONDS)
    assert bed.heard.take() == [("app", "HostedZonesRefused"), ("app", "SuccessfullyReconciled")]


async def test_a_group_of_nobody_is_no_error(bed: Bed) -> None:
    nobody = StackId(INGRESS, "", "nobody")
    bed.account.refuse["DescribeTargetGroups"] = LATER
    assert (await bed.look(nobody)).failed
    bed.account.refuse.clear()
    assert await bed.look(nobody) == Verdict()


async def test_a_stop_ends_a_plan_early(bed: Bed) -> None:
    bed.apply()
    bed.groups.stop = asyncio.Event()
    bed.groups.stop.set()
    verdict = await bed.look()
    assert (verdict.failed, bed.account.writes()) == (False, [])
    assert bed.heard.take() == []


async def test_bindings_go_with_what_they_were_for(bed: Bed) -> None:
    bed.apply()
    await bed.look()
    bed.apply(spec={"ingressClassName": "alb", "rules": None, **default("ghost")})
    await bed.look()
    deleted = [path for method, path in bed.cluster.journal if method == "DELETE"]
    assert [path.rpartition("/")[0].rpartition("/")[2] for path in deleted] == ["targetgroupbindings"]


async def test_a_feature_that_is_denied_after_the_creation_is_told_to_who_asks_for_it(bed: Bed) -> None:
    bed.account.refuse["AssociateWebACL"] = Denied("wafv2", "AssociateWebACL", "AccessDeniedException", "no")
    acl = "arn:aws:wafv2:ap-northeast-2:123456789012:regional/webacl/a/1"
    bed.apply(annotations={**GROUPED, "wafv2-acl-arn": acl})
    bed.apply("two", GROUPED)
    verdict = await bed.look(TEAM)
    assert verdict.failed
    assert bed.heard.take() == [("app", "FailedDeployModel"), ("two", "SuccessfullyReconciled")]
    bed.account.refuse["AssociateWebACL"] = Denied("wafv2", "AssociateWebACL", "AccessDeniedException", "no")
    bed.account.refuse["ModifyLoadBalancerAttributes"] = LATER
    for name in ("app", "two"):
        bed.apply(name, {**GROUPED, "load-balancer-attributes": "idle_timeout.timeout_seconds=61", "wafv2-acl-arn": acl})
    await bed.look(TEAM)
    assert bed.heard.take() == [("app", "FailedDeployModel"), ("two", "FailedDeployModel")]


async def test_a_denied_feature_is_told_to_who_asks_for_it_and_stops_nobody(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    bed.apply("two", GROUPED)
    await bed.look(TEAM)
    bed.heard.take()
    bed.account.refuse["GetWebACLForResource"] = Denied("wafv2", "GetWebACLForResource", "AccessDeniedException", "no")
    acl = "arn:aws:wafv2:ap-northeast-2:123456789012:regional/webacl/a/1"
    bed.apply(annotations={**GROUPED, "wafv2-acl-arn": acl})
    bed.account.journal.clear()
    assert not (await bed.look(TEAM)).failed
    assert bed.heard.take() == [("app", "FeatureDenied"), ("app", "SuccessfullyReconciled"), ("two", "SuccessfullyReconciled")]
    assert "AssociateWebACL" not in bed.account.journal
