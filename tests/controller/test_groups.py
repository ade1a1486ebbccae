"""The model loop against a scripted cluster and account: what is written, told and remembered, and when the next look is."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.clock import Virtual
from tests.controller.scripted import AWAY, Account, Cluster, Heard
from tests.world import CONFIG, annotated, objects

from albatross.aws.session.errors import Denied, Limit, NotReady, Throttled
from albatross.catalog.tracking import INGRESS, backend_group, finalizer
from albatross.controller.awaiting import SETTLED
from albatross.controller.groups import Groups
from albatross.controller.index import Index
from albatross.controller.tell import AGAIN_SECONDS, NAME_SECONDS
from albatross.controller.worker import Verdict
from albatross.kube.errors import KubeError
from albatross.model.resources.stack import StackId

APP, TEAM = StackId(INGRESS, "shop", "app"), StackId(INGRESS, "", "team")
OURS = finalizer(APP)
IP = {"target-type": "ip"}
GROUPED = {**IP, "group.name": "team"}
BAD = {"healthcheck-interval-seconds": "x"}
FULL = Limit("elbv2", "CreateListener", "TooManyListeners", "no more")
LATER = Denied("elbv2", "DescribeLoadBalancers", "AccessDenied", "no")


@dataclass
class Bed:
    """The loop with everything around it."""

    cluster: Cluster
    account: Account
    heard: Heard
    groups: Groups
    index: Index = field(init=False)

    def __post_init__(self) -> None:
        self.index = self.groups.index

    def apply(self, name: str = "app", annotations: dict[str, str] = IP, **rest: Any) -> None:
        """Apply an Ingress like the base one, and the objects that it needs."""
        own = {} if name == "app" else {"spec": {"ingressClassName": "alb", **_default("web")}}
        found = objects(annotated(annotations, name, **{**own, **rest}))
        self.cluster.apply(*(each for each in found if each["kind"] != "Ingress" or each["metadata"]["name"] == name))

    async def look(self, stack: StackId = APP) -> Verdict:
        """One pass."""
        return await self.groups.reconcile(stack)


def _default(service: str) -> dict[str, Any]:
    return {"defaultBackend": {"service": {"name": service, "port": {"number": 80}}}}


def _rule(service: str) -> dict[str, Any]:
    path = {"path": "/", "pathType": "Prefix", **{"backend": _default(service)["defaultBackend"]}}
    return {"host": "www.example.com", "http": {"paths": [path]}}


OTHER = {"kind": "Service", "metadata": {"name": "other", "uid": "2"}, "spec": {"ports": [{"name": "http", "port": 80}]}}


@pytest.fixture
async def bed() -> AsyncIterator[Bed]:
    cluster, account = Cluster(), Account(CONFIG)
    heard = Heard(cluster)
    index = Index(cluster.cache, CONFIG)
    cluster.cache.listen(index.note)  # type: ignore[arg-type]  # whether a change matters is the queue's business
    found = Bed(cluster, account, heard, Groups(cluster, cluster.cache, account, CONFIG, index, heard))
    yield found
    await found.groups.close()
    account.inventory.close()


def strict(bed: Bed) -> None:
    bed.groups.config = replace(CONFIG, strict_groups=True)


# A good life -----------------------------------------------------------------------------------------------------------


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


async def test_a_status_that_cannot_be_written_is_told_and_keeps_nothing(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    bed.apply("two", GROUPED)
    bed.cluster.refuse = lambda request: AWAY if request.path.endswith("app/status") else None
    assert await bed.look(TEAM) == Verdict()
    assert ("app", "FailedUpdateStatus") in bed.heard.take()
    assert [path.split("/")[-2] for path in bed.cluster.writes("/status")] == ["app", "two"]


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


# Who is right ----------------------------------------------------------------------------------------------------------


async def test_a_newcomer_with_another_scheme_does_not_stop_the_served_ones(bed: Bed) -> None:
    bed.apply("two", {**GROUPED, "scheme": "internal", "group.order": "5"})
    await bed.look(TEAM)
    bed.heard.take()
    bed.apply("new", {**GROUPED, "scheme": "internet-facing", "group.order": "1"})
    await bed.look(TEAM)
    assert set(bed.heard.take()) == {("two", "SuccessfullyReconciled"), ("new", "FailedBuildModel")}
    assert "DeleteLoadBalancer" not in bed.account.writes()


async def test_while_nobody_is_served_the_group_order_decides(bed: Bed) -> None:
    bed.apply("two", {**GROUPED, "scheme": "internal", "group.order": "5"})
    bed.apply("new", {**GROUPED, "scheme": "internet-facing", "group.order": "1"})
    await bed.look(TEAM)
    assert set(bed.heard.take()) == {("new", "SuccessfullyReconciled"), ("two", "FailedBuildModel")}


async def test_who_moves_into_a_served_group_is_a_newcomer_there(bed: Bed) -> None:
    bed.apply("two", {**GROUPED, "scheme": "internal", "group.order": "5"})
    await bed.look(TEAM)
    bed.apply("app", {**IP, "scheme": "internet-facing"})
    await bed.look()
    bed.heard.take()
    bed.apply("app", {**GROUPED, "scheme": "internet-facing", "group.order": "1"})
    await bed.look(TEAM)
    assert set(bed.heard.take()) == {("two", "SuccessfullyReconciled"), ("app", "FailedBuildModel")}


async def test_the_served_protocol_of_a_port_stands(bed: Bed) -> None:
    bed.apply("two", {**GROUPED, "listen-ports": '[{"HTTP": 8080}]', "group.order": "5"})
    await bed.look(TEAM)
    bed.heard.take()
    tls = {"listen-ports": '[{"HTTPS": 8080}]', "certificate-arn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/a"}
    bed.apply("new", {**GROUPED, **tls, "group.order": "1"})
    await bed.look(TEAM)
    assert set(bed.heard.take()) == {("two", "SuccessfullyReconciled"), ("new", "FailedBuildModel")}


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
    bed.apply("app", GROUPED, spec={"rules": [_rule("other")]})
    bed.cluster.apply(*(each for each in objects(json.dumps(OTHER)) if each["metadata"]["name"] == "other"))
    assert await bed.look(TEAM) == Verdict(after=1.0)
    assert bed.heard.take() == [("app", "Waiting")]
    assert not [each for each in bed.account.writes() if each.startswith("Delete")]
    await clock.advance(bed.groups.config.targets_before_rules_seconds)
    assert await bed.look(TEAM) == Verdict(after=SETTLED)
    assert [reason for name, reason in bed.heard.take() if name == "app"] == ["TargetsNotHealthy", "Waiting"]  # LB523


# Finalizers ------------------------------------------------------------------------------------------------------------


async def test_nothing_is_let_go_while_a_plan_fails(bed: Bed) -> None:
    bed.apply()
    await bed.look()
    bed.cluster.mark_deleted("Ingress", "app")
    bed.account.refuse["DeleteLoadBalancer"] = Denied("elbv2", "DeleteLoadBalancer", "AccessDenied", "no")
    assert await bed.look() == Verdict(failed=True, within=30.0)
    assert bed.cluster.finalizers("app") == [OURS]
    bed.account.refuse.clear()
    assert await bed.look() == Verdict()
    assert bed.cluster.find("Ingress", "app") is None


async def test_a_leaver_is_held_while_a_member_is_at_fault(bed: Bed) -> None:
    strict(bed)
    bed.apply(annotations=GROUPED)
    bed.apply("two", GROUPED)
    await bed.look(TEAM)
    bed.cluster.mark_deleted("Ingress", "two")
    bed.apply(annotations={**GROUPED, **BAD})
    assert await bed.look(TEAM) == Verdict()
    assert bed.cluster.finalizers("two") == [finalizer(TEAM)]


@pytest.mark.parametrize(("deleted", "reason"), [(False, "FailedAddFinalizer"), (True, "FailedRemoveFinalizer")])
async def test_a_finalizer_that_cannot_be_written_is_told(bed: Bed, deleted: bool, reason: str) -> None:
    bed.apply()
    if deleted:
        await bed.look()
        bed.cluster.mark_deleted("Ingress", "app")
    bed.cluster.refuse = lambda request: AWAY if request.method == "PATCH" and request.path.endswith("/app") else None
    if deleted:
        assert await bed.look() == Verdict(failed=True)
    else:
        with pytest.raises(KubeError):
            await bed.look()
    assert ("app", reason) in bed.heard.take()


# Members at fault ------------------------------------------------------------------------------------------------------


async def test_a_member_at_fault_stays_at_its_last_good_version(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    bed.apply("two", GROUPED)
    await bed.look(TEAM)
    bed.heard.take()
    groups = len(bed.account.made["TargetGroup"])
    bed.apply("two", {**GROUPED, **BAD})
    bed.account.journal.clear()
    assert await bed.look(TEAM) == Verdict()
    assert len(bed.account.made["TargetGroup"]) == groups
    assert not [each for each in bed.account.writes() if each.startswith("Delete")]
    assert bed.heard.take() == [("two", "FailedBuildModel"), ("app", "SuccessfullyReconciled")]


async def test_a_member_at_fault_is_not_remembered_as_good(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    bed.apply("two", {**GROUPED, **BAD})
    await bed.look(TEAM)
    assert [ident.name for ident in bed.groups.history._good] == ["app"]
    bed.apply("two", {**GROUPED, "healthcheck-path": "/good"})
    await bed.look(TEAM)
    bed.apply("two", {**GROUPED, **BAD, "healthcheck-path": "/bad"})
    await bed.look(TEAM)
    assert {"/good", "/"} == {each["HealthCheckPath"] for each in bed.account.made["TargetGroup"]}
    (good,) = [noun for ident, noun in bed.groups.history._good.items() if ident.name == "two"]
    assert "/good" in good.metadata.annotations.values()


async def test_a_broken_edit_that_also_moves_is_not_undone(bed: Bed) -> None:
    bed.apply("two", IP)
    await bed.look(StackId(INGRESS, "shop", "two"))
    bed.apply(annotations=GROUPED)
    bed.apply("two", {**GROUPED, **BAD})
    await bed.look(TEAM)
    assert ("two", "FailedBuildModel") in bed.heard.take()
    assert [group["TargetGroupName"].startswith("k8s-shop-web") for group in bed.account.made["TargetGroup"]] == [True, True]


async def test_strict_groups_stop_at_the_first_fault(bed: Bed) -> None:
    strict(bed)
    bed.apply(annotations=GROUPED)
    bed.apply("two", {**GROUPED, **BAD})
    assert await bed.look(TEAM) == Verdict()
    assert bed.account.writes() == []
    assert bed.heard.take() == [("two", "FailedBuildModel")]


async def test_problems_are_noted_once(bed: Bed) -> None:
    bed.apply(annotations={**IP, **BAD})
    await bed.look()
    noted = bed.groups.teller.noted[APP]
    await bed.look()
    assert bed.groups.teller.noted[APP] is noted
    assert [problem.code for problem in noted] == ["LB102"]


async def test_an_object_without_a_group_is_told_why(bed: Bed) -> None:
    bed.apply(annotations={"group.name": "Not A Name"})
    bed.groups.teller.complain(bed.index.lost())
    bed.groups.teller.complain([bed.index.placement(each.ident) for each in bed.index.lost()])
    assert bed.heard.take() == [("app", "FailedLoadGroupID")] * 2


# The shared security group ---------------------------------------------------------------------------------------------


def shared(bed: Bed) -> int:
    """How many shared backend security groups stand."""
    wanted = backend_group(CONFIG).items()
    return sum(wanted <= {each["Key"]: each["Value"] for each in group["Tags"]}.items() for group in bed.account.made["SecurityGroup"])


async def test_the_shared_security_group_waits_until_every_group_is_heard(bed: Bed) -> None:
    two = StackId(INGRESS, "shop", "two")
    bed.apply()
    bed.apply("two")
    await bed.look()
    assert shared(bed) == 1
    bed.cluster.mark_deleted("Ingress", "app")
    await bed.look()
    assert shared(bed) == 1, "nobody knows yet whether the other one uses it"
    bed.account.made["SecurityGroup"].append({"GroupId": "sg-1", "GroupName": "mine", "Tags": [], "VpcId": CONFIG.vpc_id})
    bed.apply("two", {**IP, "security-groups": "sg-1"})
    await bed.look(two)
    assert shared(bed) == 0


async def test_the_shared_security_group_stays_while_somebody_uses_it(bed: Bed) -> None:
    two = StackId(INGRESS, "shop", "two")
    bed.apply()
    bed.apply("two")
    await bed.look()
    await bed.look(two)
    bed.cluster.mark_deleted("Ingress", "app")
    await bed.look()
    assert shared(bed) == 1
    bed.cluster.mark_deleted("Ingress", "two")
    await bed.look(two)
    assert shared(bed) == 0
    assert not bed.groups.backend.owed


async def test_a_shared_security_group_that_is_held_holds_the_leaver(bed: Bed) -> None:
    bed.apply()
    await bed.look()
    bed.cluster.mark_deleted("Ingress", "app")
    bed.account.refuse["DeleteSecurityGroup"] = NotReady("held", 7.0)
    verdict = await bed.look()
    assert verdict == Verdict(after=7.0)
    assert bed.cluster.finalizers("app") == [OURS]


# Verdicts --------------------------------------------------------------------------------------------------------------


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
    bed.apply(spec={"ingressClassName": "alb", "rules": None, **_default("ghost")})
    await bed.look()
    deleted = [path for method, path in bed.cluster.journal if method == "DELETE"]
    assert [path.rpartition("/")[0].rpartition("/")[2] for path in deleted] == ["targetgroupbindings"]


# The model as an annotation --------------------------------------------------------------------------------------------

MODEL = "alb.ingress.kubernetes.io/dry-run-plan"


def model(bed: Bed, name: str) -> Any:
    found = bed.cluster.find("Ingress", name)
    assert found is not None
    text = found["metadata"].get("annotations", {}).get(MODEL)
    return text and json.loads(text)


def shown(bed: Bed, on: bool) -> None:
    bed.groups.config = replace(CONFIG, gates={**CONFIG.gates, "IngressPlanAnnotation": on})


async def test_behind_its_gate_the_model_stands_on_the_first_member_alone(bed: Bed) -> None:
    bed.apply(annotations=GROUPED)
    bed.apply("two", {**GROUPED, "dry-run-plan": "stale"})
    shown(bed, True)
    await bed.look(TEAM)
    assert model(bed, "app")["id"] == "team"
    assert "AWS::ElasticLoadBalancingV2::LoadBalancer" in model(bed, "app")["resources"]
    assert model(bed, "two") is None
    await bed.look(TEAM)  # now the model names the shared security group by its id
    bed.cluster.journal.clear()
    await bed.look(TEAM)
    assert not bed.cluster.writes()
    shown(bed, False)
    await bed.look(TEAM)
    assert model(bed, "app") is None


async def test_the_annotation_that_we_write_wakes_nobody_and_stops_nobody(bed: Bed) -> None:
    bed.apply()
    shown(bed, True)
    matters: list[bool] = []
    bed.cluster.cache.listen(lambda change: matters.append(change.kind == "Ingress" and bed.index.note(change)))
    full = KubeError("annotations are too long")
    bed.cluster.refuse = lambda request: full if MODEL in str(request.body) else None
    assert await bed.look() == Verdict()
    bed.cluster.refuse = lambda _: None
    matters.clear()
    await bed.look()
    assert model(bed, "app")
    assert not any(matters)


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
